package io.trainyard.engine;

import java.util.concurrent.Callable;

/**
 * The only threads that touch tensors: platform threads made once and reused, each with its number
 * of intra-op threads and its flush mode set at birth and never changed. Σ(threads − 1) over all
 * living ones stays below the number of cores.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class ComputeThreads {
  ComputeThreads() {}

  /**
   * Runs work on a compute thread that has this many intra-op threads and waits for it. Waits for
   * such a thread as long as none may be made. On a compute thread with that many threads the work
   * runs at once.
   */
  public <T> T call(int threads, Callable<T> work) {
    throw new UnsupportedOperationException();
  }

  /**
   * Starts a compute thread of one's own with one intra-op thread, for a loop that takes work from
   * a queue. The thread lives as long as the loop.
   */
  public Thread start(String name, Runnable loop) {
    throw new UnsupportedOperationException();
  }
}
