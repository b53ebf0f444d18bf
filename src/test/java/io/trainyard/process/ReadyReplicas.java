package io.trainyard.process;

import io.trainyard.Http;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What a load balancer does: asks every replica often, and names only those that are ready. */
final class ReadyReplicas implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(200);

  private final AtomicInteger turn = new AtomicInteger();
  private final Thread checks;
  private volatile List<Http> ready;
  private volatile boolean closed;

  ReadyReplicas(List<RestartingProcess> members) {
    List<Http> all = members.stream().map(RestartingProcess::http).toList();
    ready = all;
    checks =
        Thread.ofVirtual()
            .name("readiness")
            .start(
                () -> {
                  while (!closed) {
                    ready = all.stream().filter(Http::isReady).toList();
                    Http.pause(INTERVAL);
                  }
                });
  }

  /** The ready ones in turn. */
  Http next() {
    List<Http> now = ready;
    if (now.isEmpty()) {
      throw new IllegalStateException("no replica is ready");
    }
    return now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    checks.join();
  }
}
