package io.trainyard.store.file;

import io.trainyard.os.PeriodicTask;
import io.trainyard.store.database.Timestamps;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Backups under way in any process. A backup is recorded before it reads the database, and every
 * deletion of a file asks after its last record has gone: so all files that a backup names stay
 * until it ends.
 */
public final class RunningBackups {
  private static final Logger log = LoggerFactory.getLogger(RunningBackups.class);
  private static final Duration RENEWAL = Duration.ofSeconds(20);

  /** One that was not renewed for this long has died with its process. */
  private static final Duration DEAD = Duration.ofMinutes(5);

  private final JdbcClient jdbc;
  private final Clock clock;

  public RunningBackups(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /** Whether files must stay. */
  public boolean any() {
    return jdbc.sql("select count(*) from running_backups where renewed_at > :dead")
            .param("dead", Timestamps.time(clock.instant().minus(DEAD)))
            .query(Integer.class)
            .single()
        > 0;
  }

  /** A backup, until it is closed. */
  public final class Running implements AutoCloseable {
    private final String id = UUID.randomUUID().toString();
    private final ScheduledExecutorService renewals =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("backup-renewal").factory());

    private Running() {
      int _ =
          jdbc.sql("delete from running_backups where renewed_at < :dead")
              .param("dead", Timestamps.time(clock.instant().minus(DEAD)))
              .update();
      int _ =
          jdbc.sql("insert into running_backups (id, renewed_at) values (:id, :now)")
              .param("id", id)
              .param("now", Timestamps.time(clock.instant()))
              .update();
      PeriodicTask.start(renewals, "renewal of a backup", RENEWAL, RENEWAL, this::renew);
    }

    private void renew() {
      try {
        int _ =
            jdbc.sql("update running_backups set renewed_at = :now where id = :id")
                .param("now", Timestamps.time(clock.instant()))
                .param("id", id)
                .update();
      } catch (DataAccessException e) {
        log.debug("A backup is renewed later: {}", e.toString());
      }
    }

    @Override
    public void close() {
      renewals.shutdownNow();
      try {
        int _ = jdbc.sql("delete from running_backups where id = :id").param("id", id).update();
      } catch (DataAccessException e) {
        log.debug("A backup that ended counts as running for some minutes: {}", e.toString());
      }
    }
  }

  /** Records a backup; the caller closes it. */
  public Running start() {
    return new Running();
  }
}
