package io.trainyard.store.backup;

import io.trainyard.job.JobState;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * What restored rows say about each other beyond the foreign keys: counters are ahead of what they
 * have counted, and what keeps a row from being deleted is there.
 */
final class Contradictions {
  private static final Logger log = LoggerFactory.getLogger(Contradictions.class);

  private static final String UNFINISHED =
      Stream.of(JobState.Name.values())
          .filter(state -> !state.done())
          .map(state -> "'" + state.word() + "'")
          .collect(Collectors.joining(", ", "j.state in (", ")"));

  private final JdbcClient jdbc;

  /** Reads all rows in the transaction of a connection, which stays open. */
  Contradictions(Connection connection) {
    this.jdbc = JdbcClient.create(new SingleConnectionDataSource(connection, true));
  }

  /** Refuses counters that would give a number twice. */
  void refuse() {
    counter(
        "models",
        "next_version",
        "more than the versions of the model in tables/model_versions.jsonl",
        "select c.name, c.next_version from models c where exists (select 1 from"
            + " model_versions v where v.model_id = c.id and v.version >= c.next_version)");
    counter(
        "datasets",
        "last_version",
        "at least the versions of the dataset in tables/dataset_versions.jsonl",
        "select c.name, c.last_version from datasets c where exists (select 1 from"
            + " dataset_versions v where v.name = c.name and v.version > c.last_version)");
  }

  private void counter(String table, String column, String expected, String sql) {
    jdbc.sql(sql + " order by c.name fetch first 1 rows only")
        .query(
            (row, _) ->
                DamagedArchive.at(
                    "the row of '%s' in %s%s%s"
                        .formatted(row.getString(1), JdbcBackups.TABLES, table, JdbcBackups.ROWS),
                    column,
                    row.getString(2),
                    expected))
        .optional()
        .ifPresent(
            damaged -> {
              throw damaged;
            });
  }

  /** Deletes what would be kept by nobody, and what no worker would take. */
  void mend() {
    for (String table : List.of("version_holds", "model_holds", "dataset_holds")) {
      delete(
          table,
          "not exists (select 1 from jobs j where j.id = t.holder and "
              + UNFINISHED
              + ") and not exists (select 1 from models m"
              + " where 'model/' || cast(m.id as varchar(20)) = t.holder)",
          "whose holder is no stored model and no unfinished job");
    }
    delete(
        "scheduled_tasks",
        "exists (select 1 from jobs j where j.id = t.task_instance"
            + " and t.task_name not in ('job-' || j.pool, 'paused-job-' || j.pool))",
        "of jobs of another pool; the jobs wait in their own");
  }

  private void delete(String table, String condition, String why) {
    int deleted = jdbc.sql("delete from " + table + " t where " + condition).update();
    if (deleted > 0) {
      log.warn("{} restored rows of {} are left out, {}", deleted, table, why);
    }
  }
}
