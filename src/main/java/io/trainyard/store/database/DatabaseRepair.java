package io.trainyard.store.database;

import io.trainyard.store.DiskReserve;
import io.trainyard.store.database.EmbeddedDatabase.Access;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reopens the embedded database when it has closed itself: for reading at once, for writing when
 * the disk has room. Failed tries are repeated after growing pauses. One thread uses it.
 */
final class DatabaseRepair {
  private static final Logger log = LoggerFactory.getLogger(DatabaseRepair.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LAST_PAUSE = Duration.ofSeconds(30);

  /** The part of the reserve that must be free before a write is tried. */
  private static final int PART_OF_RESERVE = 4;

  private final EmbeddedDatabase database;
  private final DiskReserve reserve;
  private final Runnable evict;
  private final LongSupplier nanoTime;
  private final Retries writing;
  private final Retries reading;
  private volatile boolean damaged;

  DatabaseRepair(
      EmbeddedDatabase database, DiskReserve reserve, Runnable evict, LongSupplier nanoTime) {
    this.database = database;
    this.reserve = reserve;
    this.evict = evict;
    this.nanoTime = nanoTime;
    writing = new Retries();
    reading = new Retries();
  }

  /** When the next try may begin. */
  private final class Retries {
    private Duration pause = FIRST_PAUSE;
    private long next = nanoTime.getAsLong();

    boolean mayBegin() {
      return nanoTime.getAsLong() - next >= 0;
    }

    void failed() {
      next = nanoTime.getAsLong() + pause.toNanos();
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LAST_PAUSE) < 0 ? longer : LAST_PAUSE;
    }

    void reset() {
      pause = FIRST_PAUSE;
    }
  }

  boolean isWritable() {
    return database.access() == Access.WRITABLE;
  }

  /** Whether the file is lost: only an operator can restore it. */
  boolean isDamaged() {
    return damaged;
  }

  /** Reopens the database as far as is possible now. */
  void repair() {
    if (database.isOpen()) {
      reading.reset();
      resumeServing();
      if (isWritable()) {
        writing.reset();
        return;
      }
    }
    if (writing.mayBegin() && hasRoom() && reopen(Access.WRITABLE, writing)) {
      return;
    }
    if (!database.isOpen() && reading.mayBegin()) {
      reopen(Access.READ_ONLY, reading);
    }
  }

  /** Another process may have had the port when the database was reopened. */
  private void resumeServing() {
    try {
      database.resumeServing();
    } catch (SQLException e) {
      log.debug("Workers cannot connect yet: {}", e.toString());
    }
  }

  private boolean hasRoom() {
    return reserve.free() > reserve.bytes() / PART_OF_RESERVE;
  }

  private boolean reopen(Access access, Retries retries) {
    try {
      database.reopen(access, evict);
      damaged = false;
      return true;
    } catch (SQLException e) {
      log.debug("The database cannot be reopened {}: {}", access, e.toString());
      damaged = H2Failure.isDamaged(e);
      retries.failed();
      return false;
    }
  }
}
