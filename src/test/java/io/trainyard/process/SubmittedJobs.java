package io.trainyard.process;

import io.trainyard.Http;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The accepted jobs and their watchers. Each job is submitted with an idempotency key, to random
 * processes, until one of them answers.
 */
final class SubmittedJobs {
  private final Fleet fleet;
  private final Random random;
  private final List<Entry> entries = new CopyOnWriteArrayList<>();
  private final List<Thread> submitting = new ArrayList<>();
  private final List<String> oddities = new CopyOnWriteArrayList<>();

  SubmittedJobs(Fleet fleet, Random random) {
    this.fleet = fleet;
    this.random = random;
  }

  /** An accepted job. */
  record Entry(
      JobTemplate recipe, String path, boolean cancelled, Watcher watcher, Thread watching) {}

  /** How many were submitted. */
  int size() {
    return submitting.size();
  }

  /** How many have not ended yet, as their watchers see it. */
  int open() {
    return (int)
        (submitting.size() - entries.stream().filter(entry -> entry.watcher().done()).count());
  }

  List<Entry> entries() {
    return entries;
  }

  /** Unexpected answers. */
  List<String> oddities() {
    return oddities;
  }

  /** Submits a job; every tenth is cancelled later. */
  void submit() {
    int number = submitting.size();
    JobTemplate recipe = JobTemplate.of(number);
    boolean cancel = number % 10 == 9;
    submitting.add(
        Thread.ofVirtual()
            .start(
                () -> {
                  String path = accepted(number, recipe);
                  Watcher watcher = new Watcher(() -> fleet.any(random).http(), path);
                  Thread watching = Thread.ofVirtual().start(watcher);
                  entries.add(new Entry(recipe, path, cancel, watcher, watching));
                  if (cancel) {
                    Http.pause(Duration.ofMillis(random.nextInt(8_000)));
                    cancel(path);
                  }
                }));
  }

  private String accepted(int number, JobTemplate recipe) {
    byte[] job = Http.utf8(recipe.job(recipe.model(), "line", JobTemplate.EPOCHS));
    return insist(
            "POST",
            "/v1/jobs",
            job,
            "Content-Type",
            "application/json",
            "Idempotency-Key",
            "\"job-" + number + "\"")
        .location();
  }

  private void cancel(String path) {
    insist("POST", path + "/cancel", new byte[0]);
  }

  private Http.Answer insist(String method, String path, byte[] body, String... headers) {
    while (true) {
      try {
        Http.Answer answer = fleet.any(random).http().send(method, path, body, headers);
        switch (answer.status()) {
          case 200, 202 -> {
            return answer;
          }
          // The process is away, or the first call with the same key still runs.
          case 503, 409 -> {}
          default -> oddities.add(method + " " + path + ": " + answer);
        }
      } catch (RuntimeException away) {
        // the next one
      }
      Http.pause(Duration.ofMillis(200));
    }
  }

  /** Waits until all jobs are accepted and all watchers have seen their jobs end. */
  void await(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    for (Thread thread : submitting) {
      thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }
    for (Entry entry : entries) {
      entry.watching().join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }
  }
}
