package io.trainyard.store.access;

import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Quotas;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Lets a caller with a quota store or submit one thing at a time, so that each is counted before
 * the next one.
 */
public final class QuotaTurns {
  private static final int LOCKS = 64;

  /** Of this process: those who wait here hold no connection to the database. */
  private static final List<ReentrantLock> TURNS =
      IntStream.range(0, LOCKS).mapToObj(_ -> new ReentrantLock()).toList();

  private final JdbcClient jdbc;
  private final Quotas quotas;

  public QuotaTurns(JdbcClient jdbc) {
    this.jdbc = jdbc;
    this.quotas = new Quotas(new JdbcStoredUsage(jdbc));
  }

  /** Runs a whole transaction that asks for room. */
  public <T extends @Nullable Object> T call(Supplier<T> transaction) {
    Identity caller = Identity.current();
    Limits limits = caller.limits();
    if (caller.id().isEmpty()
        || (limits.unfinishedJobs() == null && limits.storedBytes() == null)) {
      return transaction.get();
    }
    ReentrantLock turn = TURNS.get(Math.floorMod(caller.id().hashCode(), LOCKS));
    turn.lock();
    try {
      return transaction.get();
    } finally {
      turn.unlock();
    }
  }

  /** Counts the caller's jobs in the transaction of a submission. */
  public void requireRoomForJob() {
    if (Identity.current().limits().unfinishedJobs() != null) {
      waitForOtherProcesses();
      quotas.checkJobs();
    }
  }

  /** Counts the caller's bytes in the transaction that stores more of them. */
  public void requireRoom(long bytes) {
    if (Identity.current().limits().storedBytes() != null) {
      waitForOtherProcesses();
      quotas.checkBytes(bytes);
    }
  }

  /** A caller with a token has no row of its own. */
  private void waitForOtherProcesses() {
    String caller = Identity.current().id();
    Optional<String> key =
        jdbc.sql("select id from access_keys where id = :id for update")
            .param("id", caller)
            .query(String.class)
            .optional();
    if (key.isEmpty() && !caller.isEmpty()) {
      jdbc.sql("select id from database_identity for update").query(String.class).list();
    }
  }
}
