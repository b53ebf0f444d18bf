package io.trainyard.engine.natives;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The only threads that touch tensors: platform threads made once and reused, each with its number
 * of intra-op threads and its flush mode set at birth and never changed. Σ(threads − 1) over all
 * living ones, idle included, stays below the number of cores: more would spin against each other.
 */
public final class ComputeThreads implements AutoCloseable {
  private record Worker(ComputeThread thread, ComputeThread.Pooled pooled) {
    int threads() {
      return thread.intraOpThreads();
    }

    void end() {
      hand(Optional.empty());
    }

    /** The thread is idle, so it takes the work at once. */
    void hand(Optional<Runnable> work) {
      boolean interrupted = false;
      while (true) {
        try {
          pooled.work.put(work);
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final int cores;
  private final Runnable beforeFirst;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Worker> idle = new ArrayDeque<>();
  private final AtomicInteger born = new AtomicInteger();
  private int extra;
  private boolean closed;

  /**
   * @param beforeFirst waits until the natives are there
   */
  public ComputeThreads(int cores, Runnable beforeFirst) {
    this.cores = cores;
    this.beforeFirst = beforeFirst;
  }

  /** How many intra-op threads a caller may get at most. */
  public int limit() {
    return cores;
  }

  /**
   * Runs work on a compute thread that has this many intra-op threads (at most {@link #limit}) and
   * waits for it. Waits for such a thread as long as none may be made. On a compute thread the work
   * runs right there.
   */
  public <T> T call(int threads, Callable<T> work) {
    if (Thread.currentThread() instanceof ComputeThread) {
      return result(work);
    }
    beforeFirst.run();
    Worker worker = acquire(Math.clamp(threads, 1, cores));
    FutureTask<T> task = new FutureTask<>(work);
    worker.hand(Optional.of(task));
    try {
      return await(task);
    } finally {
      release(worker);
    }
  }

  /** {@link #call} for work without a result. */
  public void run(int threads, Runnable work) {
    call(
        threads,
        () -> {
          work.run();
          return true;
        });
  }

  /**
   * Starts a compute thread of one's own with one intra-op thread, for a loop that takes work from
   * a queue. The thread lives as long as the loop.
   */
  public Thread start(String name, Runnable loop) {
    beforeFirst.run();
    Thread thread = new ComputeThread(name, 1, loop);
    thread.start();
    return thread;
  }

  private Worker acquire(int threads) {
    lock.lock();
    try {
      while (true) {
        if (closed) {
          throw new IllegalStateException("the engine is closed");
        }
        Worker found = takeIdle(threads);
        if (found != null) {
          return found;
        }
        retireIdle(threads - 1);
        if (extra + threads - 1 <= cores - 1) {
          extra += threads - 1;
          return begin(threads);
        }
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Worker takeIdle(int threads) {
    for (Worker worker : idle) {
      if (worker.threads() == threads) {
        idle.remove(worker);
        return worker;
      }
    }
    return null;
  }

  /** Ends idle threads of other counts as long as they stand in the way of a new one. */
  private void retireIdle(int needed) {
    while (extra + needed > cores - 1) {
      Worker victim = idle.stream().filter(worker -> worker.threads() > 1).findAny().orElse(null);
      if (victim == null) {
        return;
      }
      idle.remove(victim);
      extra -= victim.threads() - 1;
      victim.end();
    }
  }

  private Worker begin(int threads) {
    ComputeThread.Pooled pooled = new ComputeThread.Pooled();
    ComputeThread thread =
        new ComputeThread("compute-" + born.incrementAndGet() + "x" + threads, threads, pooled);
    thread.start();
    return new Worker(thread, pooled);
  }

  private void release(Worker worker) {
    lock.lock();
    try {
      long spare = idle.stream().filter(other -> other.threads() == 1).count();
      if (closed || (worker.threads() == 1 && spare >= Math.max(cores, 4))) {
        extra -= worker.threads() - 1;
        worker.end();
      } else {
        idle.addFirst(worker);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      idle.forEach(Worker::end);
      idle.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the result; an interrupt is kept for later, since the work cannot be left alone. */
  private static <T> T await(FutureTask<T> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw unchecked(e.getCause() == null ? e : e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static <T> T result(Callable<T> work) {
    try {
      return work.call();
    } catch (Exception e) {
      throw unchecked(e);
    }
  }

  private static RuntimeException unchecked(Throwable failure) {
    return switch (failure) {
      case Error e -> throw e;
      case RuntimeException e -> e;
      default -> new IllegalStateException(failure);
    };
  }
}
