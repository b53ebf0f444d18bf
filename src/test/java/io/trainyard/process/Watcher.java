package io.trainyard.process;

import io.trainyard.Http;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Follows a job's events like a browser: a broken stream resumes at another process. */
final class Watcher implements Runnable {
  private static final Duration SILENCE = Duration.ofSeconds(4);

  private final Supplier<Http> http;
  private final String jobPath;
  private final List<Integer> ids = new ArrayList<>();
  private final List<Integer> epochs = new ArrayList<>();
  private volatile boolean done;

  /**
   * @param http the process to connect to next
   */
  Watcher(Supplier<Http> http, String jobPath) {
    this.http = http;
    this.jobPath = jobPath;
  }

  @Override
  public void run() {
    while (!done) {
      try {
        http.get().follow(jobPath, ids.isEmpty() ? 0 : ids.getLast(), SILENCE, this::event);
      } catch (IOException e) {
        // The process is gone or paused; the next one continues.
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void event(Http.Event event) {
    if (event.kind().equals("progress")) {
      return; // it has no id: a slow epoch tells how far it is
    }
    ids.add(event.id());
    if (event.kind().equals("epoch")) {
      epochs.add(event.data().get("epoch").intValue());
    }
    done = event.kind().equals("done");
  }

  /** Whether it saw the job end. */
  boolean done() {
    return done;
  }

  List<Integer> ids() {
    return ids;
  }

  List<Integer> epochs() {
    return epochs;
  }
}
