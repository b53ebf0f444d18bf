package io.trainyard.process;

import io.trainyard.Http;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs faults on an installation while it works. Jobs are submitted between the faults, so that no
 * fault meets an idle installation. When too many jobs wait, the faults wait too.
 */
final class FaultRunner {
  private static final int AT_ONCE = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final FaultTargets at;
  private final SubmittedJobs ledger;
  private final List<String> failures = new CopyOnWriteArrayList<>();

  FaultRunner(FaultTargets at, SubmittedJobs ledger) {
    this.at = at;
    this.ledger = ledger;
  }

  /** Runs all faults of a plan and submits that many jobs. */
  void rage(FaultPlan plan, int jobs) throws InterruptedException {
    Semaphore room = new Semaphore(AT_ONCE);
    Instant began = Instant.now();
    try (ExecutorService striking = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < plan.steps().size(); i++) {
        FaultPlan.Step step = plan.steps().get(i);
        submit((i + 1) * jobs / plan.steps().size());
        awaitRoomInTheQueue();
        room.acquire();
        int number = i + 1;
        var _ =
            striking.submit(
                () -> {
                  say(began, number, step);
                  strike(step.fault());
                  room.release();
                });
        Thread.sleep(step.pause());
      }
      striking.shutdown();
      if (!striking.awaitTermination(5, TimeUnit.MINUTES)) {
        striking.shutdownNow();
        failures.add("some faults did not come to an end");
      }
    }
  }

  private void submit(int wanted) {
    while (ledger.size() < wanted) {
      ledger.submit();
    }
  }

  private void awaitRoomInTheQueue() {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (ledger.open() > 4 * at.fleet().members().size() && Instant.now().isBefore(deadline)) {
      Http.pause(Duration.ofMillis(100));
    }
  }

  private void strike(Fault fault) {
    try {
      fault.strike(at);
    } catch (Exception | AssertionError e) {
      System.out.println(fault + " went wrong: " + e);
      failures.add(fault + ": " + e);
    }
  }

  private void say(Instant began, int number, FaultPlan.Step step) {
    System.out.printf(
        "%6.1f s, %d open: fault %d: %s%n",
        Duration.between(began, Instant.now()).toMillis() / 1000.0,
        ledger.open(),
        number,
        step.fault());
  }

  /** Faults whose own expectation failed. */
  List<String> failures() {
    return failures;
  }
}
