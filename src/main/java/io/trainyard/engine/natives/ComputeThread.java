package io.trainyard.engine.natives;

import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import org.bytedeco.mkl.global.mkl_rt;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/**
 * A platform thread whose native state is set at birth: how many threads its parallel regions have,
 * and that denormal numbers count as zero (a converged network fills with them, and each costs a
 * hundred times as much). Java arithmetic on this thread flushes them as well, so nothing is parsed
 * or encoded here.
 */
public final class ComputeThread extends Thread {
  private static final Object BIRTH = new Object();

  private final int intraOpThreads;
  private final Runnable loop;

  ComputeThread(String name, int intraOpThreads, Runnable loop) {
    super(null, null, name, 0, false);
    this.intraOpThreads = intraOpThreads;
    this.loop = loop;
    setDaemon(true);
  }

  int intraOpThreads() {
    return intraOpThreads;
  }

  @Override
  public void run() {
    // The count is also kept process-wide and read by a thread's first parallel region: make that
    // reading happen now, and set the thread's own count after it.
    synchronized (BIRTH) {
      torch.get_num_threads();
      torch.set_num_threads(intraOpThreads);
      mkl_rt.MKL_Set_Num_Threads_Local(intraOpThreads);
    }
    // Before the first parallel region: the threads it starts inherit the mode.
    Context.setFlushDenormal(true);
    loop.run();
  }

  /**
   * The calling thread, if it is one of these.
   *
   * @throws IllegalStateException on any other, virtual threads above all: native state belongs to
   *     the operating system's thread
   */
  public static ComputeThread current() {
    if (Thread.currentThread() instanceof ComputeThread thread) {
      return thread;
    }
    throw new IllegalStateException(
        "tensors are only touched on compute threads (Engine.threads()), not on "
            + (Thread.currentThread().isVirtual() ? "the virtual thread " : "thread ")
            + Thread.currentThread());
  }

  /** A thread that waits for one piece of work after the other. */
  static final class Pooled implements Runnable {
    /** Empty: it is not needed any more. */
    final SynchronousQueue<Optional<Runnable>> work = new SynchronousQueue<>();

    @Override
    public void run() {
      try {
        while (true) {
          Optional<Runnable> next = work.take();
          if (next.isEmpty()) {
            return;
          }
          next.get().run();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
