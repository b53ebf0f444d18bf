package io.trainyard.api.edge;

import java.util.concurrent.CountDownLatch;

/** Virtual threads that compute all the time, so that no other one runs. */
final class BusyThreads {
  private BusyThreads() {}

  /** Returns when no other runs any more; what is returned ends them. */
  static CountDownLatch begin() throws InterruptedException {
    int cores = Runtime.getRuntime().availableProcessors();
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch run = new CountDownLatch(cores);
    for (int i = 0; i < cores; i++) {
      Thread.ofVirtual()
          .start(
              () -> {
                run.countDown();
                while (end.getCount() > 0) {
                  Thread.onSpinWait();
                }
              });
    }
    run.await();
    return end;
  }
}
