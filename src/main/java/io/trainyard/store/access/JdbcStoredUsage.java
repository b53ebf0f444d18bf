package io.trainyard.store.access;

import io.trainyard.access.Binding;
import io.trainyard.access.StoredUsage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Counts rows and their bytes, by owner or by what they belong to. */
@Component
public final class JdbcStoredUsage implements StoredUsage {
  private final JdbcClient jdbc;

  public JdbcStoredUsage(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  @Override
  public long bytes(String owner) {
    return count(
            "select coalesce(sum(stored_bytes), 0) from dataset_versions where owner = :owner",
            owner)
        + count("select coalesce(sum(spec_bytes), 0) from models where owner = :owner", owner)
        + count(
            "select coalesce(sum(weights_bytes), 0) from model_versions where owner = :owner",
            owner);
  }

  @Override
  public long unfinishedJobs(String owner) {
    return count(
        "select count(*) from jobs where owner = :owner and finished_at is null and trial is null",
        owner);
  }

  @Override
  public List<Share> datasets(Binding visible) {
    return shares(
        """
        select name, sum(coalesce(stored_bytes, 0)) as bytes from dataset_versions
        where 1 = 1%s group by name order by bytes desc, name
        """,
        visible, "name");
  }

  @Override
  public List<Share> models(Binding visible) {
    return shares(
        """
        select m.name, m.spec_bytes + coalesce(sum(v.weights_bytes), 0) as bytes
        from models m left join model_versions v on v.model_id = m.id
        where 1 = 1%s group by m.name, m.spec_bytes order by bytes desc, m.name
        """,
        visible, "m.name");
  }

  @Override
  public List<Share> callers() {
    return shares(
        """
        select caller as name, sum(bytes) as bytes from (
          select coalesce(k.name, s.owner, 'anonymous') as caller, s.bytes as bytes from (
            select owner, coalesce(stored_bytes, 0) as bytes from dataset_versions
            union all select owner, spec_bytes as bytes from models
            union all select owner, weights_bytes as bytes from model_versions
          ) s left join access_keys k on k.id = s.owner
        ) t where 1 = 1%s group by caller order by bytes desc, caller
        """,
        Binding.ALL, "caller");
  }

  private List<Share> shares(String sql, Binding visible, String column) {
    Map<String, Object> parameters = new HashMap<>();
    String bound = BoundNames.and(visible, column, parameters);
    return jdbc.sql(sql.formatted(bound))
        .params(parameters)
        .query((row, _) -> new Share(row.getString("name"), row.getLong("bytes")))
        .list();
  }

  private long count(String sql, String owner) {
    return jdbc.sql(sql).param("owner", owner).query(Long.class).single();
  }
}
