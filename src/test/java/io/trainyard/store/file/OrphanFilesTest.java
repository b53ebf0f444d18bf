package io.trainyard.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.AheadClock;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.job.TestStores;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/** Only files that no database record references are deleted, even in a race. */
@Timeout(60)
@Tag("service")
class OrphanFilesTest {
  @TempDir Path folder;
  private final AheadClock clock = new AheadClock();
  TestStores stores;

  @BeforeEach
  void open() {
    stores = new TestStores(TestDatabase.H2, folder, clock);
  }

  @AfterEach
  void close() {
    stores.close();
  }

  private StoredWeights weights(float weight) {
    return stores.weights.store(Map.of("fc.weight", HostTensor.ofFloats(Shape.of(1), weight)));
  }

  private List<Path> files(String below) throws IOException {
    try (Stream<Path> found = Files.walk(folder.resolve(below))) {
      return found
          .filter(Files::isRegularFile)
          .filter(file -> !folder.relativize(file).startsWith(Path.of("datasets", "tmp")))
          .toList();
    }
  }

  /** Runs the cleanup of all stores, as the schedule does. */
  private void deleteOrphans() {
    stores.checkpoints.deleteOrphans();
    stores.weights.deleteOrphans();
    stores.datasets.deleteOrphans();
  }

  private void deleteOrphansLater() {
    clock.pass(Duration.ofMinutes(61));
    deleteOrphans();
  }

  @Test
  void unpublishedWeightsAreDeletedInTwoRuns() throws Exception {
    ModelVersion published = stores.version("m", 1);
    StoredWeights orphan = weights(2);
    clock.pass(Duration.ofMinutes(59));
    deleteOrphans();
    assertThat(files("weights")).hasSize(2);
    clock.pass(Duration.ofMinutes(2));
    deleteOrphans();
    assertThat(stores.weights.file(published.weights()).path()).exists();
    assertThat(files("weights"))
        .extracting(file -> file.getFileName().toString())
        .containsExactlyInAnyOrder(published.weights().sha256(), orphan.sha256() + ".aside");
    deleteOrphansLater();
    assertThat(files("weights")).hasSize(1);
    assertThatThrownBy(() -> stores.weights.open(orphan))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CORRUPT_FILE));
  }

  @Test
  void filesOlderThanTheDatabaseAreKept() throws Exception {
    StoredWeights lost = weights(1);
    Path file = stores.weights.file(lost).path();
    Path aside = Files.copy(file, file.resolveSibling("0".repeat(64) + ".aside"));
    for (Path older : List.of(file, aside)) {
      Files.setLastModifiedTime(older, FileTime.from(Instant.now().minusSeconds(9_000)));
    }
    deleteOrphansLater();
    deleteOrphansLater();
    assertThat(file).exists();
    assertThat(aside).exists();
  }

  @Test
  void weightsOfADeletedVersionAreDeleted() throws Exception {
    stores.version("m", 1);
    stores.versions.delete("m", 1);
    deleteOrphansLater();
    deleteOrphansLater();
    assertThat(files("weights")).isEmpty();
  }

  @Test
  void weightsSweptDuringPublishingAreRestored() throws Exception {
    ModelVersion version = stores.version("m", 1);
    Path file = stores.weights.file(version.weights()).path();
    // Another process found them unreferenced just before this one wrote and published them.
    Path aside = file.resolveSibling(file.getFileName() + ".aside");
    Files.move(file, aside);
    stores.weights.open(version.weights()).close();
    assertThat(file).exists();
    Files.move(file, aside);
    Files.setLastModifiedTime(aside, FileTime.from(Instant.now().minusSeconds(9_000)));
    deleteOrphans();
    assertThat(file).exists();
    assertThat(aside).doesNotExist();
  }

  @Test
  void publishingKeepsOldWeights() throws Exception {
    StoredWeights waiting = weights(1);
    clock.pass(Duration.ofMinutes(61));
    stores.version("m", 1);
    deleteOrphans();
    assertThat(stores.weights.file(waiting).path()).exists();
    Files.delete(stores.weights.file(waiting).path());
    assertThatThrownBy(
            () ->
                stores.versions.publish(
                    new NewVersion(
                        "m",
                        Json.read("{\"name\":\"m\"}"),
                        null,
                        JsonNodeFactory.instance.objectNode(),
                        new Provenance.Imported(Map.of()),
                        waiting,
                        List.of())))
        .isInstanceOf(ServiceException.class);
  }

  @Test
  void unfinishedFilesOfDeadProcessesAreDeleted() throws Exception {
    Path left = Files.writeString(folder.resolve("weights").resolve("new1.tmp"), "half");
    deleteOrphans();
    assertThat(left).exists();
    deleteOrphansLater();
    assertThat(left).doesNotExist();
  }

  @Test
  void unreferencedCheckpointsAreDeleted() throws Exception {
    stores.rows("xor", "a,b\n1,2\n");
    stores.models.put("xor", Json.read("{\"name\":\"xor\"}"), Precondition.none());
    Job job = TestJobs.queued();
    stores.jobs.submit(job, null);
    Job running =
        stores.attempts.start(job.id(), new JobState.Running("me", Device.CPU)).orElseThrow();
    stores.checkpoints.save(
        job.id(),
        1,
        new Checkpoint(
            new Checkpoint.Position(1, 1, 1, 1, null, null, 0, null, List.of(), null), Map.of()));
    Path stray = Files.writeString(files("checkpoints").getFirst().resolveSibling("ab"), "stray");
    deleteOrphansLater();
    deleteOrphansLater();
    assertThat(stray).doesNotExist();
    assertThat(stores.checkpoints.latest(job.id())).isPresent();
    stores.jobs.cancel(running, ProgressReport.EMPTY);
    deleteOrphans();
    assertThat(files("checkpoints")).isEmpty();
  }

  @Test
  void rowsOfADeletedVersionAreDeletedAndOthersKept() throws Exception {
    DatasetVersion kept = stores.rows("kept", "a,b\n1,2\n");
    stores.rows("gone", "a,b\n3,4\n");
    stores.datasets.delete("gone", 1);
    deleteOrphansLater();
    deleteOrphansLater();
    assertThat(stores.datasets.rows(kept, 0, 5)).hasSize(1);
    assertThat(files("datasets")).hasSize(2);
  }

  @Test
  void markedRowsAreRestoredByANewUpload() throws Exception {
    stores.rows("again", "a,b\n3,4\n");
    stores.datasets.delete("again", 1);
    deleteOrphansLater();
    assertThat(files("datasets")).allMatch(file -> file.toString().endsWith(".aside"));
    DatasetVersion again = stores.rows("again", "a,b\n3,4\n");
    deleteOrphansLater();
    deleteOrphansLater();
    assertThat(stores.datasets.rows(again, 0, 5)).hasSize(1);
    for (Path file : files("datasets")) {
      Files.move(file, file.resolveSibling(file.getFileName() + ".aside"));
    }
    assertThat(stores.datasets.rows(again, 0, 5)).hasSize(1);
    assertThat(stores.datasets.original(again)).hasContent("a,b\n3,4\n");
  }

  @Test
  void runningUploadSurvivesTheStartOfAnotherProcess() throws Exception {
    Path scratch = folder.resolve("datasets").resolve("tmp");
    Path living;
    try (Stream<Path> found = Files.list(scratch)) {
      living = found.filter(Files::isDirectory).findFirst().orElseThrow();
    }
    Path work = Files.writeString(living.resolve("task"), "half an upload");
    Path dead = Files.createDirectories(scratch.resolve("left by a dead process"));
    Files.writeString(dead.resolve("lock"), "");
    new DatasetFiles(
        FileStores.local(new DataDirectory(folder), () -> false, clock), stores.jdbc, clock);
    assertThat(work).exists();
    assertThat(dead).doesNotExist();
  }

  @Test
  void concurrentRunsDoNotFail() throws Exception {
    for (int i = 0; i < 50; i++) {
      weights(i);
    }
    clock.pass(Duration.ofMinutes(61));
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        var _ = threads.submit(this::deleteOrphans);
      }
    }
    assertThat(files("weights")).hasSize(50).allMatch(file -> file.toString().endsWith(".aside"));
  }
}
