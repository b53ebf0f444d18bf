package io.trainyard.store.database;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.trainyard.os.PeriodicTask;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Keeps the file of the embedded database near the size of its data. While the database is busy,
 * compaction takes a small part of the time; when it is idle, the file shrinks further.
 */
@Component
@DependsOnDatabaseInitialization
final class DatabaseCompaction implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(DatabaseCompaction.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration BUSY_LIMIT = Duration.ofMillis(100);
  private static final Duration IDLE_LIMIT = Duration.ofMillis(400);

  /** The ratio of file to live data that an idle database reaches. */
  private static final double IDLE_RATIO = 1.3;

  /** Compaction is behind when the file is larger by this factor than it should leave it. */
  private static final double LARGE = 1.5;

  private final DataSource dataSource;
  private final DatabaseProperties properties;
  private volatile DatabaseSpace.Size size = DatabaseSpace.Size.UNKNOWN;
  private @Nullable DatabaseSpace file;
  private @Nullable ScheduledExecutorService thread;
  private long lastVersion;
  private boolean warned;

  DatabaseCompaction(DataSource dataSource, DatabaseProperties properties, MeterRegistry meters) {
    this.dataSource = dataSource;
    this.properties = properties;
    if (DatabaseKind.isEmbedded(dataSource)) {
      Gauge.builder("trainyard.database", () -> size.bytes())
          .description("The file of the embedded database")
          .baseUnit(BaseUnits.BYTES)
          .register(meters);
      Gauge.builder("trainyard.database.live", () -> size.live())
          .description("An estimate of what the data in it needs")
          .baseUnit(BaseUnits.BYTES)
          .register(meters);
    }
  }

  /** Checks the file once, and compacts it for a short time if that is due. */
  synchronized void compact() {
    try {
      DatabaseSpace open = open();
      open.sync();
      boolean idle = open.version() == lastVersion;
      double ratio = idle ? IDLE_RATIO : properties.compactAbove();
      if (isDue(open)) {
        open.compact(ratio, idle || isLarge(open.size()) ? IDLE_LIMIT : BUSY_LIMIT);
      }
      size = open.size();
      lastVersion = open.version();
      warn();
    } catch (SQLException | RuntimeException e) {
      log.debug("The database file is compacted later: {}", e.toString());
    }
  }

  private boolean isDue(DatabaseSpace open) {
    return open.size().bytes() > properties.compactFrom().toBytes() && open.hasRoom();
  }

  private DatabaseSpace open() throws SQLException {
    DatabaseSpace open = file;
    if (open == null || open.isClosed()) {
      try (Connection connection = dataSource.getConnection()) {
        open = DatabaseSpace.of(connection);
      }
      file = open;
    }
    return open;
  }

  private void warn() {
    DatabaseSpace.Size now = size;
    boolean large = isLarge(now);
    if (large && !warned) {
      log.warn(
          "The database file has {} MB for {} MB of data; compaction is behind",
          now.bytes() >> 20,
          now.live() >> 20);
    } else if (!large && warned) {
      log.info(
          "The database file has {} MB for {} MB of data", now.bytes() >> 20, now.live() >> 20);
    }
    warned = large;
  }

  private boolean isLarge(DatabaseSpace.Size now) {
    return now.bytes() > properties.compactFrom().toBytes()
        && now.ratio() > properties.compactAbove() * LARGE;
  }

  @Override
  public synchronized void start() {
    if (thread != null || !DatabaseKind.isEmbedded(dataSource)) {
      return;
    }
    ScheduledExecutorService started = PeriodicTask.thread("database-compaction");
    thread = started;
    PeriodicTask.start(started, "compaction of the database", PAUSE, PAUSE, this::compact);
  }

  /** Compacts once more: no other part of the service changes the database now. */
  @Override
  public synchronized void stop() {
    if (thread != null) {
      thread.shutdown();
      thread = null;
    }
    if (file != null) {
      compact(file);
      file.release();
      file = null;
    }
  }

  private void compact(DatabaseSpace open) {
    try {
      open.sync();
      Duration limit = properties.compactAtStop();
      if (limit.isPositive() && isDue(open)) {
        open.compact(IDLE_RATIO, limit);
      }
    } catch (RuntimeException e) {
      log.warn("The database file is compacted after the next start: {}", e.toString());
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return thread != null;
  }

  /** Starts before and stops after everything that changes the database. */
  @Override
  public int getPhase() {
    return Integer.MIN_VALUE;
  }
}
