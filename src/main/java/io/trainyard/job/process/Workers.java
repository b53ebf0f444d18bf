package io.trainyard.job.process;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.train.TrainingCommand;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** The workers that this process supervises and that take jobs now; none in other processes. */
@Component
public final class Workers {
  private final List<WorkerProcess> ready = new CopyOnWriteArrayList<>();
  private volatile Runnable starter = () -> {};

  /** Adds a worker that takes jobs. */
  public synchronized void add(WorkerProcess worker) {
    ready.add(worker);
    notifyAll();
  }

  /** Removes a worker that has ended. */
  public void remove(WorkerProcess worker) {
    ready.remove(worker);
  }

  /** Sets what starts workers that wait for their first use; it does nothing when they run. */
  public void onNeed(Runnable starts) {
    starter = starts;
  }

  public int count() {
    return ready.size();
  }

  /** How many jobs of a pool they run. */
  public int occupied(String pool) {
    return ready.stream().mapToInt(worker -> worker.occupied(pool)).sum();
  }

  /** Tells all workers that a job was queued. */
  public void wake(String pool) {
    send(new Message.Wake(pool));
  }

  /** Tells the worker that runs a job, whichever it is. */
  public void request(String job, TrainingCommand command) {
    send(new Message.Command(job, command));
  }

  private void send(Message message) {
    ready.forEach(worker -> worker.send(message));
  }

  /**
   * Proves in a worker that a version answers. When the worker ends for another reason, another one
   * tries once more.
   *
   * @throws ServiceException the version's fault; WORKER_CRASHED when it crashed the worker;
   *     UNAVAILABLE when there is no worker
   */
  public void prove(ProposedVersion version, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    for (int tries = 0; tries < 2; tries++) {
      if (first(deadline).prove(version, left(deadline))) {
        return;
      }
    }
    throw new ServiceException(
        ErrorCode.UNAVAILABLE, "Two worker processes ended while they checked the network");
  }

  private static Duration left(long deadline) {
    return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
  }

  private WorkerProcess first(long deadline) {
    if (ready.isEmpty()) {
      starter.run();
    }
    synchronized (this) {
      try {
        while (ready.isEmpty() && deadline - System.nanoTime() > 0) {
          TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ServiceException(ErrorCode.UNAVAILABLE, "The service is stopping", e);
      }
      if (ready.isEmpty()) {
        throw new ServiceException(
            ErrorCode.UNAVAILABLE, "No worker process is running; one starts again soon");
      }
      return ready.getFirst();
    }
  }
}
