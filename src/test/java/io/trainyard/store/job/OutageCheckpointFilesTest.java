package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.JobProgress;
import io.trainyard.job.OutageCheckpoints.Found;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.job.frame.Frame;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.file.FileStores;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are written without the database. */
class OutageCheckpointFilesTest {
  private static final String JOB = "job-1";

  @TempDir Path folder;
  private OutageCheckpointFiles checkpoints;

  @BeforeEach
  void open() {
    checkpoints =
        new OutageCheckpointFiles(
            FileStores.local(
                new DataDirectory(folder), () -> false, Clock.systemUTC(), List.of(Duration.ZERO)));
  }

  private static Checkpoint checkpoint(int epochs) {
    return new Checkpoint(
        new Checkpoint.Position(
            epochs,
            7,
            2,
            0.1,
            TestJobs.record(1),
            TestJobs.record(epochs),
            3,
            0.3,
            List.of(),
            null),
        Map.of("weights/w", HostTensor.ofFloats(Shape.of(2), 1.5f, epochs)));
  }

  private static ProgressReport report(int... epochs) {
    ProgressReport report = TestJobs.report(epochs);
    return new ProgressReport(
        report.epochs(),
        List.of(new Frame(Frame.HEAD, 1, "{\"x\":\"ü\\n\"}"), new Frame(2, 2, "{}")),
        List.of(
            new ProgressReport.Note(true, "two\nlines"), new ProgressReport.Note(false, "said")),
        JobProgress.NONE,
        true);
  }

  /** The small file that only names the other comes first; a folder lists them in any order. */
  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> String.valueOf(file.getFileName()).length() == 64)
          .sorted(Comparator.comparingLong(file -> file.toFile().length()))
          .toList();
    }
  }

  @Test
  void allIsReadAsItWasWritten() {
    checkpoints.save(JOB, 1, checkpoint(2), report(1, 2));
    Found found = checkpoints.before(JOB, 2).orElseThrow();
    assertThat(found.attempt()).isEqualTo(1);
    assertThat(found.unreported()).isEqualTo(report(1, 2));
    assertThat(found.checkpoint().position()).isEqualTo(checkpoint(2).position());
    assertThat(found.checkpoint().tensors()).containsOnlyKeys("weights/w");
    assertThat(Objects.requireNonNull(found.checkpoint().tensors().get("weights/w")).toFloats())
        .containsExactly(1.5f, 2);
  }

  @Test
  void theNewestOfAnAttemptIsKeptAndNoOther() throws IOException {
    checkpoints.save(JOB, 1, checkpoint(1), report(1));
    checkpoints.save(JOB, 1, checkpoint(2), report(1, 2));
    assertThat(files()).as("a checkpoint and its name").hasSize(2);
    assertThat(checkpoints.before(JOB, 2).orElseThrow().checkpoint().position().epochs())
        .isEqualTo(2);
    checkpoints.delete(JOB, 1);
    assertThat(files()).isEmpty();
    assertThat(checkpoints.before(JOB, 2)).isEmpty();
  }

  @Test
  void onlyAttemptsBeforeThisOneAreReadAndTheNewestFirst() {
    checkpoints.save(JOB, 1, checkpoint(1), report(1));
    checkpoints.save(JOB, 2, checkpoint(2), report(2));
    checkpoints.save("another", 2, checkpoint(3), report(3));
    assertThat(checkpoints.before(JOB, 1)).isEmpty();
    assertThat(checkpoints.before(JOB, 2).orElseThrow().attempt()).isEqualTo(1);
    assertThat(checkpoints.before(JOB, 3).orElseThrow().attempt()).isEqualTo(2);
    assertThat(checkpoints.before(JOB, 5).orElseThrow().attempt())
        .as("attempt 3 and 4 left none")
        .isEqualTo(2);
    assertThat(checkpoints.before(JOB, 9)).isEmpty();
  }

  @Test
  void numbersThatJsonDoesNotHaveArePreserved() {
    EpochRecord record = new EpochRecord(4, "first", Map.of("loss", Double.NaN), 0.1 + 0.2, 1e-9);
    var epoch = new ProgressReport.Epoch(record, new Progress("first", 4, 9, 1, 2, 0.1, 1, 2));
    checkpoints.save(JOB, 1, checkpoint(4), new ProgressReport(List.of(epoch), JobProgress.NONE));
    assertThat(checkpoints.before(JOB, 2).orElseThrow().unreported().epochs())
        .containsExactly(epoch);
  }

  /** One bit at some places of each of its files. The length beside a hash makes no difference. */
  @Test
  void aDamagedOneIsNotUsed() throws IOException {
    int used = 0;
    for (int place = 0; place < 8; place++) {
      for (int file = 0; file < 2; file++) {
        checkpoints.save(JOB, 1, checkpoint(1), report(1));
        Path damaged = files().get(file);
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[place * (bytes.length - 1) / 7] ^= 1;
        Files.write(damaged, bytes);
        Found found = checkpoints.before(JOB, 2).orElse(null);
        if (found != null) {
          used++;
          assertThat(found.unreported()).isEqualTo(report(1));
          assertThat(found.checkpoint().position()).isEqualTo(checkpoint(1).position());
        }
        Files.delete(damaged);
        assertThat(checkpoints.before(JOB, 2)).isEmpty();
        for (Path rest : files()) {
          Files.delete(rest);
        }
      }
    }
    assertThat(used).isLessThanOrEqualTo(1);
  }
}
