package io.trainyard.process;

import io.trainyard.Http;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Callers that each send a request after the other, and keep what failed. */
final class SteadyCallers implements AutoCloseable {
  /** Leaves processor time to the processes that start beside them. */
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final List<Thread> threads = new ArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicInteger answers = new AtomicInteger();
  private volatile boolean stopped;

  SteadyCallers(int count, ReadyReplicas replicas, String path, String body) {
    for (int i = 0; i < count; i++) {
      threads.add(Thread.ofVirtual().start(() -> call(replicas, path, body)));
    }
  }

  private void call(ReadyReplicas replicas, String path, String body) {
    while (!stopped) {
      try {
        Http.Answer answer = replicas.next().post(path, body);
        if (answer.status() == 200) {
          answers.incrementAndGet();
        } else {
          failures.add(answer.status() + " " + answer.text());
        }
      } catch (RuntimeException e) {
        failures.add(e.toString());
      }
      Http.pause(PAUSE);
    }
  }

  List<String> failures() {
    return failures;
  }

  int answers() {
    return answers.get();
  }

  void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
