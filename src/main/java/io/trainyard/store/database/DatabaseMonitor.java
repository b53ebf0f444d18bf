package io.trainyard.store.database;

import io.trainyard.os.PeriodicTask;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
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

  /** A query that takes longer has no answer: the database counts as down. */
  private static final Duration STALE = Duration.ofSeconds(10);

  /** Between two queries no more time passes than this while the process runs. */
  private static final Duration PAUSED = Duration.ofSeconds(5);

  /** What the database can do. */
  public enum State {
    AVAILABLE,
    READ_ONLY,
    DOWN
  }

  private final DataSource dataSource;
  private final @Nullable DatabaseRepair repair;
  private final boolean quiet;
  private final ScheduledExecutorService checks = PeriodicTask.thread("database-monitor");
  private final AtomicBoolean checkRequested = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile State state = State.AVAILABLE;

  /** When the query began that has no answer yet; 0 between two queries. */
  private volatile long askedAt;

  private final LongSupplier nanoTime;
  private final InstantSource clock;
  private long answeredAt;
  private Instant answeredAtClock;
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
    this(dataSource, repair, quiet, System::nanoTime, InstantSource.system());
  }

  DatabaseMonitor(
      DataSource dataSource,
      @Nullable DatabaseRepair repair,
      boolean quiet,
      LongSupplier nanoTime,
      InstantSource clock) {
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.answeredAt = nanoTime.getAsLong();
    this.answeredAtClock = clock.instant();
    this.quiet = quiet;
    this.dataSource = dataSource;
    this.repair = repair;
  }

  /** Starts to ask; before, the database counts as available. */
  void start() {
    PeriodicTask.start(checks, "check of the database", Duration.ZERO, INTERVAL, this::check);
  }

  /**
   * The state at the last answer, or DOWN while the database does not answer. An old answer alone
   * says nothing against the database: the process may have been stopped, and asks again at once.
   */
  public State state() {
    long asked = askedAt;
    return asked != 0 && nanoTime.getAsLong() - asked > STALE.toNanos() ? State.DOWN : state;
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
    logPause();
    askedAt = Math.max(1, nanoTime.getAsLong());
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
    askedAt = 0;
    answeredAt = nanoTime.getAsLong();
    answeredAtClock = clock.instant();
  }

  /** The next check comes a second after an answer, unless the process or its clock was moved. */
  private void logPause() {
    Duration passed = Duration.ofNanos(nanoTime.getAsLong() - answeredAt);
    Duration shown = Duration.between(answeredAtClock, clock.instant());
    Duration jump = shown.minus(passed);
    Level level = quiet ? Level.DEBUG : Level.WARN;
    if (passed.compareTo(PAUSED) > 0) {
      log.atLevel(level)
          .log(
              "This process did not run for {} s, because it or its machine was stopped or out of"
                  + " CPU time; it asks the database at once",
              passed.toSeconds());
    } else if (jump.abs().compareTo(PAUSED) > 0) {
      log.atLevel(level)
          .log(
              "The clock was set {} by {} s, or this machine was suspended; the database is asked"
                  + " at once",
              jump.isNegative() ? "back" : "forward",
              jump.abs().toSeconds());
    }
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
