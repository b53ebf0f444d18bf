package io.trainyard.job;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Lets a job that may have crashed a worker run while no other job does, so that a second crash
 * shows which job is the cause.
 */
final class SuspectTurns {
  private final ReentrantReadWriteLock jobs = new ReentrantReadWriteLock(true);

  /** Waits until the job may run; the same thread closes the turn. */
  Turn take(boolean alone) {
    Lock turn = alone ? jobs.writeLock() : jobs.readLock();
    turn.lock();
    return turn::unlock;
  }

  /** The time in which a job runs. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }
}
