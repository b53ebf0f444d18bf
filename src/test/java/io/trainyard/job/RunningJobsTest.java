package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.Http;
import io.trainyard.job.process.Supervision;
import io.trainyard.memory.MemoryUse;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.TrainingCommand;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The reports of the jobs that run in one process. */
@Timeout(30)
class RunningJobsTest {
  private final Job bad = TestJobs.queued();
  private final Job good = TestJobs.queued();
  private final List<MemoryUse> uses = new CopyOnWriteArrayList<>();
  private volatile MemoryUse memory = new MemoryUse(900, 1000, "here", 0);
  private volatile boolean down;
  private final Map<String, Integer> stored = new ConcurrentHashMap<>();

  /** A store that refuses every record of one job. */
  private JobStore store() {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "record" -> record((Job) arguments[0], (ProgressReport) arguments[1]);
                  case "recordMemory" -> uses.add((MemoryUse) arguments[1]);
                  case "isOutage" -> down;
                  case "signals" ->
                      Map.of(good.id(), new JobStore.Signal(JobState.Name.RUNNING, 0, false));
                  default -> throw new AssertionError(method.getName());
                });
  }

  private boolean record(Job job, ProgressReport report) {
    if (down) {
      throw new IllegalStateException("the database is down");
    }
    if (job.id().equals(bad.id())) {
      throw new IllegalStateException("value too long");
    }
    stored.merge(job.id(), report.epochs().size(), Integer::sum);
    return true;
  }

  private static final class NoCheckpoints implements CheckpointStore {
    @Override
    public boolean save(String job, int attempt, Checkpoint checkpoint) {
      return true;
    }

    @Override
    public Optional<Checkpoint> latest(String job) {
      return Optional.empty();
    }

    @Override
    public Optional<Checkpoint.Position> position(String job) {
      return Optional.empty();
    }

    @Override
    public void keep(String job) {}

    @Override
    public void clear(String job) {}
  }

  @Test
  void memoryIsReportedWhenTheBudgetIsNearAndWhenThereIsRoomAgain() {
    MemoryUse room = memory;
    MemoryUse full = new MemoryUse(901, 1000, "here", 0);
    try (RunningJobs jobs =
        new RunningJobs(
            store(),
            new NoCheckpoints(),
            TestJobs.properties(),
            () -> memory,
            TestJobs.measurements(new SimpleMeterRegistry()),
            TestJobs.SPANS,
            Supervision.none())) {
      jobs.add(good);
      for (MemoryUse use : List.of(full, room, full)) {
        int reports = uses.size();
        memory = use;
        while (uses.size() == reports) {
          Http.pause(Duration.ofMillis(5));
        }
      }
      assertThat(uses).containsExactly(full, room, full);
    }
  }

  @Test
  void reportThatCannotBeStoredEndsOnlyItsJob() {
    try (RunningJobs jobs =
        new RunningJobs(
            store(),
            new NoCheckpoints(),
            TestJobs.properties(),
            () -> memory,
            TestJobs.measurements(new SimpleMeterRegistry()),
            TestJobs.SPANS,
            Supervision.none())) {
      RunningJob refused = jobs.add(bad);
      RunningJob accepted = jobs.add(good);
      for (int epoch = 1; epoch <= 3; epoch++) {
        refused.epoch(TestJobs.record(epoch), TestJobs.progress(epoch));
        accepted.epoch(TestJobs.record(epoch), TestJobs.progress(epoch));
        while (stored.getOrDefault(good.id(), 0) < epoch) {
          Http.pause(Duration.ofMillis(5));
        }
      }
      while (refused.command() == TrainingCommand.CONTINUE) {
        Http.pause(Duration.ofMillis(5));
      }
      assertThat(refused.reportFailure()).hasMessage("value too long");
      assertThat(accepted.command()).isEqualTo(TrainingCommand.CONTINUE);
      assertThat(accepted.reportFailure()).isNull();
      // What the database refused is not reported again, so that the job can end. The last epoch
      // may
      // have come behind the report that stored the other job's.
      while (!refused.unreportedEpochs().isEmpty()) {
        Http.pause(Duration.ofMillis(5));
      }
    }
  }

  @Test
  void trainingWaitsWhenTheDatabaseStoresItsEpochsMoreSlowly() throws InterruptedException {
    down = true;
    int epochs = 3 * RunningJob.MOST_UNREPORTED;
    try (RunningJobs jobs =
        new RunningJobs(
            store(),
            new NoCheckpoints(),
            TestJobs.properties(),
            () -> memory,
            TestJobs.measurements(new SimpleMeterRegistry()),
            TestJobs.SPANS,
            Supervision.none())) {
      RunningJob running = jobs.add(good);
      Thread training = Thread.ofVirtual().start(() -> train(running, epochs));
      while (running.unreportedEpochs().size() < RunningJob.MOST_UNREPORTED) {
        Http.pause(Duration.ofMillis(5));
      }
      Http.pause(Duration.ofMillis(100));
      assertThat(running.unreportedEpochs()).hasSize(RunningJob.MOST_UNREPORTED);

      down = false;
      training.join();
      while (!running.unreportedEpochs().isEmpty()) {
        Http.pause(Duration.ofMillis(5));
      }
      assertThat(stored).containsEntry(good.id(), epochs);
      assertThat(running.command()).isEqualTo(TrainingCommand.CONTINUE);

      down = true;
      Thread cancelled = Thread.ofVirtual().start(() -> train(running, epochs));
      while (running.unreportedEpochs().size() < RunningJob.MOST_UNREPORTED) {
        Http.pause(Duration.ofMillis(5));
      }
      running.request(TrainingCommand.CANCEL);
      cancelled.join();
    }
  }

  private static void train(RunningJob running, int epochs) {
    for (int epoch = 1; epoch <= epochs; epoch++) {
      running.epoch(TestJobs.record(epoch), TestJobs.progress(epoch));
      if (running.givenUp()) {
        return;
      }
    }
  }
}
