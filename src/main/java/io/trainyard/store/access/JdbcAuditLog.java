package io.trainyard.store.access;

import io.trainyard.access.AuditLog;
import io.trainyard.store.database.Timestamps;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Changes in the table {@code audit_entries}. */
@Component
@DependsOnDatabaseInitialization
public record JdbcAuditLog(JdbcClient jdbc) implements AuditLog {
  private static final int LONGEST_WORD = 200;
  private static final int LONGEST_RESOURCE = 1000;

  @Override
  public void add(Entry entry) {
    jdbc.sql(
            """
            insert into audit_entries (occurred_at, caller, caller_name, operation, resource,
              before_change, after_change)
            values (:at, :caller, :name, :operation, :resource, :before, :after)\
            """)
        .param("at", Timestamps.time(entry.at()))
        .param("caller", cut(entry.caller(), LONGEST_WORD))
        .param("name", cut(entry.callerName(), LONGEST_WORD))
        .param("operation", cut(entry.operation(), LONGEST_WORD))
        .param("resource", cut(entry.resource(), LONGEST_RESOURCE))
        .param("before", entry.before())
        .param("after", entry.after())
        .update();
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest);
  }

  @Override
  public List<Entry> list(
      @Nullable String caller, @Nullable String resource, @Nullable Long before, int limit) {
    Map<String, Object> parameters = new HashMap<>();
    StringBuilder conditions = new StringBuilder("where 1 = 1");
    if (caller != null) {
      conditions.append(" and (caller = :caller or caller_name = :caller)");
      parameters.put("caller", caller);
    }
    if (resource != null) {
      conditions.append(" and substring(resource from 1 for :length) = :resource");
      parameters.put("resource", resource);
      parameters.put("length", resource.length());
    }
    if (before != null) {
      conditions.append(" and id < :before");
      parameters.put("before", before);
    }
    return jdbc.sql(
            "select id, occurred_at, caller, caller_name, operation, resource, before_change,"
                + " after_change from audit_entries %s order by id desc fetch first %d rows only"
                    .formatted(conditions, limit))
        .params(parameters)
        .query(JdbcAuditLog::read)
        .list();
  }

  private static Entry read(ResultSet row, int number) throws SQLException {
    return new Entry(
        row.getLong("id"),
        Timestamps.instant(row, "occurred_at"),
        row.getString("caller"),
        row.getString("caller_name"),
        row.getString("operation"),
        row.getString("resource"),
        row.getString("before_change"),
        row.getString("after_change"));
  }

  @Override
  public void deleteBefore(Instant oldest) {
    jdbc.sql("delete from audit_entries where occurred_at < :oldest")
        .param("oldest", Timestamps.time(oldest))
        .update();
  }
}
