package io.trainyard.store.job;

import io.trainyard.job.HeldJobs;
import java.sql.Connection;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.stereotype.Component;

/**
 * Jobs whose place in the queue has a name that no scheduler looks for. They keep their due time,
 * and nobody takes them for lost.
 */
@Component
public final class PausedJobs implements HeldJobs {
  /** Stands before the name that db-scheduler knows. */
  private static final String PAUSED = "paused-";

  private static final Logger log = LoggerFactory.getLogger(PausedJobs.class);

  private final JdbcClient jdbc;
  private final JobSchedule schedule;

  PausedJobs(DataSource dataSource, JobSchedule schedule) {
    this.jdbc = JdbcClient.create(dataSource);
    this.schedule = schedule;
  }

  /** Holds all unfinished jobs, in a transaction in which no other process sees them. */
  public static void hold(Connection connection) {
    JdbcClient jdbc = JdbcClient.create(new SingleConnectionDataSource(connection, true));
    int _ =
        jdbc.sql(
                """
                insert into scheduled_tasks (task_name, task_instance, execution_time, picked, version)
                select 'job-' || pool, id, due_at, false, 1 from jobs
                where state in (:unfinished) and trial is null and not exists
                  (select 1 from scheduled_tasks t where t.task_instance = jobs.id)\
                """)
            .param("unfinished", JobRows.UNFINISHED)
            .update();
    int _ =
        jdbc.sql(
                """
                update scheduled_tasks set task_name = 'paused-' || task_name
                where task_name like 'job-%' and task_instance in
                  (select id from jobs where state in (:unfinished))\
                """)
            .param("unfinished", JobRows.UNFINISHED)
            .update();
  }

  @Override
  public int resume() {
    List<String> pools =
        jdbc.sql(
                "select distinct j.pool from jobs j join scheduled_tasks t"
                    + " on t.task_instance = j.id where t.task_name like :paused")
            .param("paused", PAUSED + "%")
            .query(String.class)
            .list();
    int resumed =
        rename(" and task_instance in (select id from jobs where state in (:unfinished))");
    // Those that ended while they were held only leave the queue.
    int _ = rename("");
    if (resumed > 0) {
      log.info("{} jobs that a restore held run again", resumed);
    }
    pools.forEach(schedule::wake);
    return resumed;
  }

  /** Gives places in the queue the names that schedulers look for. */
  private int rename(String condition) {
    return jdbc.sql(
            "update scheduled_tasks"
                + " set task_name = substring(task_name, :from), version = version + 1"
                + " where task_name like :paused"
                + condition)
        .param("from", PAUSED.length() + 1)
        .param("paused", PAUSED + "%")
        .param("unfinished", JobRows.UNFINISHED)
        .update();
  }

  @Override
  public Set<String> held(Collection<String> jobs) {
    if (jobs.isEmpty()) {
      return Set.of();
    }
    return new HashSet<>(
        jdbc.sql(
                "select task_instance from scheduled_tasks"
                    + " where task_instance in (:jobs) and task_name like :paused")
            .param("jobs", jobs)
            .param("paused", PAUSED + "%")
            .query(String.class)
            .list());
  }
}
