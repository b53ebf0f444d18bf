package io.trainyard.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.Http;
import io.trainyard.job.process.Supervision;
import io.trainyard.memory.MemoryUse;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.TrainingCommand;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final Checkpoints checkpoints = new Checkpoints();
  private final OutageFiles outageFiles = new OutageFiles();
  private final List<ProgressReport> reports = new CopyOnWriteArrayList<>();
  private volatile String deleted = "";
  private volatile Attempts.Signal signal = new Attempts.Signal(JobState.Name.RUNNING, 0, false);

  /** Attempts that refuse every record of one job. */
  private Attempts attempts() {
    return (Attempts)
        Proxy.newProxyInstance(
            Attempts.class.getClassLoader(),
            new Class<?>[] {Attempts.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "record" -> record((Job) arguments[0], (ProgressReport) arguments[1]);
                  case "recordMemory" -> uses.add((MemoryUse) arguments[1]);
                  case "signals" -> signals((Set<?>) arguments[0]);
                  default -> throw new AssertionError(method.getName());
                });
  }

  private Map<String, Attempts.Signal> signals(Set<?> jobs) {
    return jobs.stream()
        .filter(job -> !job.equals(deleted))
        .collect(Collectors.toMap(String::valueOf, _ -> signal));
  }

  private boolean record(Job job, ProgressReport report) {
    if (down) {
      throw new IllegalStateException("the database is down");
    }
    if (job.id().equals(bad.id())) {
      throw new IllegalStateException("value too long");
    }
    stored.merge(job.id(), report.epochs().size(), Integer::sum);
    reports.add(report);
    return true;
  }

  private final class DatabaseOutages implements Outages {
    @Override
    public <T> T retryWhileDown(Supplier<T> change) {
      return change.get();
    }

    @Override
    public boolean isOutage(RuntimeException failure) {
      return down;
    }
  }

  /** Keeps none. */
  private final class Checkpoints implements CheckpointStore {
    private boolean owned = true;

    @Override
    public boolean save(String job, int attempt, Checkpoint checkpoint) {
      if (down) {
        throw new IllegalStateException("the database is down");
      }
      return owned;
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

  /** Keeps those of one job. */
  private static final class OutageFiles implements OutageCheckpoints {
    private final Map<Integer, Found> files = new ConcurrentHashMap<>();

    @Override
    public void save(String job, int attempt, Checkpoint checkpoint, ProgressReport unreported) {
      files.put(attempt, new Found(attempt, checkpoint, unreported));
    }

    @Override
    public Optional<Found> before(String job, int attempt) {
      return Optional.ofNullable(files.get(attempt - 1));
    }

    @Override
    public void delete(String job, int attempt) {
      files.remove(attempt);
    }
  }

  private RunningJobs jobs() {
    return new RunningJobs(
        attempts(),
        new DatabaseOutages(),
        checkpoints,
        outageFiles,
        TestJobs.properties("checkpoint-every", "1h"),
        () -> memory,
        TestJobs.measurements(meters),
        TestJobs.SPANS,
        Supervision.none());
  }

  private void awaitCommand(RunningJob job, TrainingCommand command) {
    while (job.command() != command) {
      Http.pause(Duration.ofMillis(5));
    }
  }

  @Test
  void memoryIsReportedWhenTheBudgetIsNearAndWhenThereIsRoomAgain() {
    MemoryUse room = memory;
    MemoryUse full = new MemoryUse(901, 1000, "here", 0);
    try (RunningJobs jobs = jobs()) {
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
    try (RunningJobs jobs = jobs()) {
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
    int epochs = 3 * UnreportedMeasurements.PAGE;
    try (RunningJobs jobs = jobs()) {
      RunningJob running = jobs.add(good);
      Thread training = Thread.ofVirtual().start(() -> train(running, epochs));
      training.join();
      assertThat(running.unreportedEpochs()).hasSizeLessThan(UnreportedMeasurements.PAGE);
      while (!running.unreportedEpochs().isEmpty()) {
        Http.pause(Duration.ofMillis(5));
      }
      assertThat(stored).containsEntry(good.id(), epochs);
      assertThat(running.command()).isEqualTo(TrainingCommand.CONTINUE);
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

  private double busySlots() {
    return meters.get("trainyard.jobs.slots.busy").tag("pool", "cpu").gauge().value();
  }

  @Test
  void aSlotIsBusyWhileItsJobRuns() {
    try (RunningJobs jobs = jobs()) {
      RunningJob first = jobs.add(good);
      RunningJob second = jobs.add(TestJobs.queued());
      assertThat(busySlots()).isEqualTo(2);
      jobs.remove(first);
      assertThat(busySlots()).isEqualTo(1);
      jobs.remove(second);
      assertThat(busySlots()).isZero();
    }
  }

  @Test
  void aProcessThatEndsSuspendsTheJobsThatRunAndThoseThatStart() {
    try (RunningJobs jobs = jobs()) {
      RunningJob running = jobs.add(good);
      jobs.suspend();
      RunningJob later = jobs.add(bad);
      assertThat(running.command()).isEqualTo(TrainingCommand.SUSPEND);
      assertThat(later.command()).isEqualTo(TrainingCommand.SUSPEND);
      jobs.resume();
      assertThat(jobs.add(TestJobs.queued()).command()).isEqualTo(TrainingCommand.CONTINUE);
    }
  }

  @Test
  void whatTheDatabaseSaysOfAJobReachesIt() {
    try (RunningJobs jobs = jobs()) {
      RunningJob stopped = jobs.add(good);
      signal = new Attempts.Signal(JobState.Name.RUNNING, 0, true);
      awaitCommand(stopped, TrainingCommand.STOP);
      signal = new Attempts.Signal(JobState.Name.RUNNING, 1, false);
      awaitCommand(stopped, TrainingCommand.CANCEL);
      signal = new Attempts.Signal(JobState.Name.RUNNING, 0, false);
      RunningJob other = jobs.add(bad);
      deleted = bad.id();
      awaitCommand(other, TrainingCommand.CANCEL);
    }
  }

  @Test
  void aTrialOfAShortRungSuspendsAfterItsLastEpoch() {
    try (RunningJobs jobs = jobs()) {
      RunningJob trial = jobs.add(good);
      trial.suspendAfter(3);
      trial.epoch(TestJobs.record(2), TestJobs.progress(2));
      assertThat(trial.command()).isEqualTo(TrainingCommand.CONTINUE);
      trial.epoch(TestJobs.record(3), TestJobs.progress(3));
      assertThat(trial.command()).isEqualTo(TrainingCommand.SUSPEND);
    }
  }

  private static Checkpoint checkpoint() {
    return new Checkpoint(
        new Checkpoint.Position(
            1, 1, 1, 0.5, TestJobs.record(1), TestJobs.record(1), 0, null, List.of(), null),
        Map.of());
  }

  private long storedCheckpoints() {
    return meters.get("trainyard.jobs.checkpoint").timer().count();
  }

  @Test
  void onlyCheckpointsThatAreStoredCountAndTheNextOneHasTime() {
    try (RunningJobs jobs = jobs()) {
      RunningJob running = jobs.add(good);
      assertThat(running.wantsCheckpoints()).as("an hour has not passed").isFalse();
      running.checkpoint(checkpoint());
      assertThat(storedCheckpoints()).isEqualTo(1);
      assertThat(running.wantsCheckpoints()).isFalse();
      checkpoints.owned = false;
      running.checkpoint(checkpoint());
      assertThat(storedCheckpoints()).isEqualTo(1);
      assertThat(running.command()).as("of a job that it lost").isEqualTo(TrainingCommand.CANCEL);
    }
  }

  private Set<Integer> reportedEpochs() {
    return reports.stream()
        .flatMap(report -> report.epochs().stream())
        .map(epoch -> epoch.record().epoch())
        .collect(Collectors.toSet());
  }

  @Test
  void trainingGoesOnInAnOutageAndWhatIsKeptInTheEndIsReported() throws InterruptedException {
    int epochs = 60_000;
    List<EpochRecord> all = new ArrayList<>();
    Random random = new Random(3);
    try (RunningJobs jobs = jobs()) {
      RunningJob running = jobs.add(good);
      for (int epoch = 1; epoch <= epochs; epoch++) {
        down = epoch > 3_000 && epoch <= 55_000;
        EpochRecord record = KeptEpochsTest.record(epoch, random);
        all.add(record);
        running.epoch(record, TestJobs.progress(epoch));
      }
      while (!running.unreportedEpochs().isEmpty()) {
        Http.pause(Duration.ofMillis(5));
      }
      KeptEpochs rule = KeptEpochs.after(epochs);
      assertThat(reportedEpochs())
          .containsAll(KeptEpochsTest.kept(rule, all).stream().map(EpochRecord::epoch).toList())
          .hasSizeLessThan(KeptEpochs.MOST + 3_000 + 5_000);
      assertThat(reports).allMatch(report -> report.epochs().size() <= UnreportedMeasurements.PAGE);
      assertThat(running.command()).isEqualTo(TrainingCommand.CONTINUE);
    }
  }

  @Test
  void theEndOfAJobIsReportedWithItsLastPageAlone() {
    try (RunningJobs jobs = jobs()) {
      down = true;
      RunningJob running = jobs.add(good);
      for (int epoch = 1; epoch <= 5_000; epoch++) {
        running.epoch(TestJobs.record(epoch), TestJobs.progress(epoch));
      }
      jobs.remove(running);
      down = false;
      List<ProgressReport> end = new ArrayList<>();
      assertThat(running.reportEnd(end::add)).isTrue();
      assertThat(end.getFirst().epochs()).hasSize(5_000 - 2 * UnreportedMeasurements.PAGE);
      assertThat(stored).containsEntry(good.id(), 2 * UnreportedMeasurements.PAGE);
    }
  }

  @Test
  void aCheckpointOfAnOutageIsWhereTheNextAttemptContinues() {
    try (RunningJobs jobs = jobs()) {
      signal = new Attempts.Signal(JobState.Name.RUNNING, 1, false);
      RunningJob died = jobs.add(TestJobs.attempt(good, 1));
      down = true;
      died.epoch(TestJobs.record(1), TestJobs.progress(1));
      died.checkpoint(checkpoint());
      assertThat(storedCheckpoints()).isEqualTo(1);
      assertThat(died.command()).isEqualTo(TrainingCommand.CONTINUE);
      jobs.remove(died);
      down = false;
      signal = new Attempts.Signal(JobState.Name.RUNNING, 2, false);
      RunningJob next = jobs.add(TestJobs.attempt(good, 2));
      assertThat(next.lastCheckpoint()).isEqualTo(checkpoint());
      assertThat(reportedEpochs()).as("reported before anything else").containsExactly(1);
      assertThat(outageFiles.files).as("the database has it now").isEmpty();
    }
  }

  @Test
  void aStoredCheckpointTakesThePlaceOfThatOfAnOutage() {
    try (RunningJobs jobs = jobs()) {
      signal = new Attempts.Signal(JobState.Name.RUNNING, 1, false);
      RunningJob running = jobs.add(TestJobs.attempt(good, 1));
      down = true;
      running.epoch(TestJobs.record(1), TestJobs.progress(1));
      running.checkpoint(checkpoint());
      assertThat(outageFiles.files).containsKey(1);
      down = false;
      while (!running.unreportedEpochs().isEmpty()) {
        Http.pause(Duration.ofMillis(5));
      }
      running.checkpoint(checkpoint());
      assertThat(outageFiles.files).isEmpty();
      assertThat(running.lastCheckpoint()).isNull();
    }
  }
}
