package io.trainyard.store.access;

import io.trainyard.access.Identity;
import io.trainyard.access.Quotas;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Lets a caller with a quota of jobs submit one at a time, so that each submission is counted. */
public final class OwnerTurns {
  private static final int LOCKS = 64;

  private final JdbcClient jdbc;
  private final Quotas quotas;
  private final List<ReentrantLock> locks =
      IntStream.range(0, LOCKS).mapToObj(_ -> new ReentrantLock()).toList();

  public OwnerTurns(JdbcClient jdbc) {
    this.jdbc = jdbc;
    this.quotas = new Quotas(new JdbcStoredUsage(jdbc));
  }

  /** Runs a whole transaction that calls {@link #requireRoom}. */
  public void run(Runnable submission) {
    Identity caller = Identity.current();
    if (caller.id().isEmpty() || caller.limits().unfinishedJobs() == null) {
      submission.run();
      return;
    }
    ReentrantLock lock = locks.get(Math.floorMod(caller.id().hashCode(), LOCKS));
    lock.lock();
    try {
      submission.run();
    } finally {
      lock.unlock();
    }
  }

  /** Counts the caller's jobs in the transaction of a submission. */
  public void requireRoom() {
    Identity caller = Identity.current();
    if (!caller.id().isEmpty() && caller.limits().unfinishedJobs() != null) {
      // Other processes wait here. A caller with a token has no row.
      jdbc.sql("select id from access_keys where id = :id for update")
          .param("id", caller.id())
          .query(String.class)
          .optional();
      quotas.checkJobs();
    }
  }
}
