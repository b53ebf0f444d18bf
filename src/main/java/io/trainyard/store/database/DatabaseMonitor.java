package io.trainyard.store.database;

import io.trainyard.os.PeriodicTask;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Asks the database every second for an answer, so that nobody waits to learn its state, and logs
 * an outage once at its start and once at its end.
 */
public final class DatabaseMonitor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DatabaseMonitor.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** How long the query may take, without the wait for a connection. */
  private static final Duration QUERY = Duration.ofSeconds(3);

  /** A state that is older is not trusted: the query hangs. */
  private static final Duration STALE = Duration.ofSeconds(10);

  /** What the database can do. */
  public enum State {
    AVAILABLE,
    READ_ONLY,
    DOWN
  }

  private final DataSource dataSource;
  private final @Nullable DatabaseRepair repair;
  private final boolean quiet;
  private final ScheduledExecutorService checks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("database-monitor").factory());
  private final AtomicBoolean checkRequested = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile State state = State.AVAILABLE;
  private volatile long answeredAt = System.nanoTime();
  private volatile @Nullable Instant outageSince;

  /**
   * Monitors a database.
   *
   * @param repair reopens an embedded one
   */
  DatabaseMonitor(DataSource dataSource, @Nullable DatabaseRepair repair) {
    this(dataSource, repair, false);
  }

  /**
   * As above.
   *
   * @param quiet whether another process beside this one logs outages
   */
  DatabaseMonitor(DataSource dataSource, @Nullable DatabaseRepair repair, boolean quiet) {
    this.quiet = quiet;
    this.dataSource = dataSource;
    this.repair = repair;
  }

  /** Starts to ask; before, the database counts as available. */
  void start() {
    PeriodicTask.start(checks, "check of the database", Duration.ZERO, INTERVAL, this::check);
  }

  /** The state a second ago at most, or DOWN while the database does not answer. */
  public State state() {
    return System.nanoTime() - answeredAt > STALE.toNanos() ? State.DOWN : state;
  }

  /** When the outage began; null without one, and while it is not noticed yet. */
  public @Nullable Instant outageSince() {
    return outageSince;
  }

  /** Whether the database is lost, so that an operator must restore its file. */
  public boolean isLost() {
    return repair != null && repair.isDamaged();
  }

  /**
   * The database for background work: it waits for the end of an outage instead of failing, and
   * logging, again and again.
   */
  public DataSource patient() {
    return new DelegatingDataSource(dataSource) {
      @Override
      public Connection getConnection() throws SQLException {
        try {
          awaitAvailable();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new SQLTransientConnectionException("interrupted in an outage", e);
        }
        return super.getConnection();
      }
    };
  }

  private void awaitAvailable() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (state != State.AVAILABLE) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks at once, because a call failed. */
  void checkSoon() {
    if (checkRequested.compareAndSet(false, true)) {
      try {
        checks.execute(this::check);
      } catch (RejectedExecutionException e) {
        log.debug("The service stops");
      }
    }
  }

  void check() {
    checkRequested.set(false);
    try {
      if (repair != null) {
        repair.repair();
      }
      query();
      boolean writable = repair == null || repair.isWritable();
      change(writable ? State.AVAILABLE : State.READ_ONLY, "its file cannot be written");
    } catch (SQLException | RuntimeException e) {
      change(State.DOWN, H2Failure.reason(e));
    }
    answeredAt = System.nanoTime();
  }

  private void query() throws SQLException {
    try (var connection = dataSource.getConnection();
        var statement = connection.createStatement()) {
      statement.setQueryTimeout((int) QUERY.toSeconds());
      try (var answer = statement.executeQuery("select count(*) from database_identity")) {
        answer.next();
      } finally {
        // H2 keeps it for all later statements of the connection, which goes back to the pool.
        statement.setQueryTimeout(0);
      }
    }
  }

  private void change(State next, String reason) {
    lock.lock();
    try {
      State before = state;
      state = next;
      changed.signalAll();
      if (before == next) {
        return;
      }
      if (before == State.AVAILABLE) {
        outageSince = Instant.now();
        log.atLevel(quiet ? Level.DEBUG : Level.ERROR)
            .log(
                "The database is {}: {}; calls that need it get 503 until it is available again,"
                    + " which needs no restart",
                next == State.DOWN ? "down" : "open for reading only",
                reason);
      } else if (next == State.AVAILABLE) {
        Instant since = outageSince;
        Duration outage = since == null ? Duration.ZERO : Duration.between(since, Instant.now());
        outageSince = null;
        log.atLevel(quiet ? Level.DEBUG : Level.INFO)
            .log("The database is available again, after {} s", outage.toSeconds());
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    checks.shutdownNow();
  }
}
