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
 * The pool of threads that use tensors. Each has a fixed number of intra-op threads and is reused.
 * Σ(threads − 1) over all living threads, idle ones included, is less than the number of cores:
 * more would busy-wait against each other.
 */
public final class ComputeThreads implements AutoCloseable {
  private record PooledThread(ComputeThread thread, ComputeThread.WorkLoop loop) {
    int threads() {
      return thread.intraOpThreads();
    }

    void end() {
      give(Optional.empty());
    }

    /** Returns at once: the thread is idle. */
    void give(Optional<Runnable> work) {
      boolean interrupted = false;
      while (true) {
        try {
          loop.work.put(work);
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
  private final Deque<PooledThread> idle = new ArrayDeque<>();
  private final AtomicInteger started = new AtomicInteger();
  private int extraThreads;
  private boolean closed;

  /**
   * @param beforeFirst waits until the native libraries are loaded
   */
  public ComputeThreads(int cores, Runnable beforeFirst) {
    this.cores = cores;
    this.beforeFirst = beforeFirst;
  }

  /** The largest number of intra-op threads. */
  public int limit() {
    return cores;
  }

  /**
   * Runs work on a compute thread with this many intra-op threads, at most {@link #limit}, and
   * waits for the result. Waits for a thread while no more may be started. Called on a compute
   * thread, it runs the work directly.
   */
  public <T> T call(int threads, Callable<T> work) {
    if (Thread.currentThread() instanceof ComputeThread) {
      return result(work);
    }
    beforeFirst.run();
    PooledThread thread = acquire(Math.clamp(threads, 1, cores));
    FutureTask<T> task = new FutureTask<>(named(Thread.currentThread().getName(), work));
    thread.give(Optional.of(task));
    try {
      return await(task);
    } finally {
      release(thread);
    }
  }

  /** Adds the name of the caller to that of the thread: a crash file shows it. */
  private static <T> Callable<T> named(String caller, Callable<T> work) {
    return () -> {
      Thread thread = Thread.currentThread();
      String name = thread.getName();
      thread.setName(name + " for " + caller);
      try {
        return work.call();
      } finally {
        thread.setName(name);
      }
    };
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
   * Starts a compute thread outside the pool, with one intra-op thread, for a loop over a queue.
   * The thread ends with the loop.
   */
  public Thread start(String name, Runnable loop) {
    beforeFirst.run();
    Thread thread = new ComputeThread(name, 1, loop);
    thread.start();
    return thread;
  }

  private PooledThread acquire(int threads) {
    lock.lock();
    try {
      while (true) {
        if (closed) {
          throw new IllegalStateException("the engine is closed");
        }
        PooledThread found = takeIdle(threads);
        if (found != null) {
          return found;
        }
        retireIdle(threads - 1);
        if (extraThreads + threads - 1 <= cores - 1) {
          extraThreads += threads - 1;
          return start(threads);
        }
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable PooledThread takeIdle(int threads) {
    for (PooledThread candidate : idle) {
      if (candidate.threads() == threads) {
        idle.remove(candidate);
        return candidate;
      }
    }
    return null;
  }

  /** Ends idle threads of other counts until the new thread fits. */
  private void retireIdle(int needed) {
    while (extraThreads + needed > cores - 1) {
      PooledThread victim =
          idle.stream().filter(thread -> thread.threads() > 1).findAny().orElse(null);
      if (victim == null) {
        return;
      }
      idle.remove(victim);
      extraThreads -= victim.threads() - 1;
      victim.end();
    }
  }

  private PooledThread start(int threads) {
    ComputeThread.WorkLoop loop = new ComputeThread.WorkLoop();
    ComputeThread thread =
        new ComputeThread("compute-" + started.incrementAndGet() + "x" + threads, threads, loop);
    thread.start();
    return new PooledThread(thread, loop);
  }

  private void release(PooledThread thread) {
    lock.lock();
    try {
      long spare = idle.stream().filter(other -> other.threads() == 1).count();
      if (closed || (thread.threads() == 1 && spare >= Math.max(cores, 4))) {
        extraThreads -= thread.threads() - 1;
        thread.end();
      } else {
        idle.addFirst(thread);
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
      idle.forEach(PooledThread::end);
      idle.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the result, through interrupts: work on tensors can't be abandoned. */
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
