package io.trainyard.engine.natives;

import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;

/**
 * A platform thread whose native state is set when it starts and never changes: the threads of its
 * parallel regions, and that denormals are flushed to zero. A converged network fills with
 * denormals, each up to 100 times slower. Java arithmetic on this thread flushes them too, so
 * nothing is parsed or encoded here.
 */
public final class ComputeThread extends Thread {
  private static final Object START = new Object();

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
    // A thread's first native call copies the process-wide count: force that copy first, then set
    // the count of this thread.
    synchronized (START) {
      torch.get_num_threads();
      torch.set_num_threads(intraOpThreads);
      Mkl.setThreads(intraOpThreads);
    }
    // Must precede the first parallel region: the threads it starts inherit the mode.
    Context.setFlushDenormal(true);
    loop.run();
  }

  /**
   * The calling thread, if it is a compute thread.
   *
   * @throws IllegalStateException on any other thread, virtual ones included: native state belongs
   *     to the operating system's thread
   */
  public static ComputeThread current() {
    if (Thread.currentThread() instanceof ComputeThread thread) {
      return thread;
    }
    throw new IllegalStateException(
        "tensors are only used on compute threads (Engine.threads()), not on "
            + (Thread.currentThread().isVirtual() ? "the virtual thread " : "thread ")
            + Thread.currentThread());
  }

  /** Runs one piece of work after the other. */
  static final class WorkLoop implements Runnable {
    /** An empty element ends the loop. */
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
