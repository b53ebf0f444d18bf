package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Attempts;
import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.ProgressReport;
import io.trainyard.job.TestJobs;
import io.trainyard.model.Precondition;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.train.Checkpoint;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Checkpoints on real databases and files. */
@ParameterizedClass
@EnumSource(TestDatabase.class)
@Timeout(60)
@Tag("service")
class JdbcCheckpointStoreTest {
  private static final JobState.Running ME = new JobState.Running("me", Device.CPU);

  private final TestDatabase kind;
  @TempDir Path folder;
  TestStores stores;
  JobStore jobs;
  Attempts attempts;
  JdbcCheckpointStore checkpoints;

  JdbcCheckpointStoreTest(TestDatabase kind) {
    this.kind = kind.available();
  }

  @BeforeEach
  void open() {
    stores = new TestStores(kind, folder, Clock.systemUTC());
    stores.rows("xor", "a,b\n1,2\n");
    stores.models.put("xor", Json.read("{\"name\":\"xor\"}"), Precondition.none());
    jobs = stores.jobs;
    attempts = stores.attempts;
    checkpoints = stores.checkpoints;
  }

  @AfterEach
  void close() {
    stores.close();
  }

  private Job started() {
    Job job = TestJobs.queued();
    jobs.submit(job, null);
    return attempts.start(job.id(), ME).orElseThrow();
  }

  private static Checkpoint checkpoint(int epochs) {
    var position =
        new Checkpoint.Position(
            epochs,
            7L * epochs,
            2,
            0.1 + epochs,
            TestJobs.record(1),
            TestJobs.record(epochs),
            3,
            0.1 + 0.2,
            List.of("a note"),
            null);
    return new Checkpoint(
        position,
        Map.of(
            "weights/fc.weight",
            HostTensor.ofFloats(Shape.of(2), Float.NaN, epochs),
            "optimizer/step",
            HostTensor.ofLongs(Shape.SCALAR, epochs)));
  }

  private static Map<String, byte[]> bytes(Checkpoint checkpoint) {
    Map<String, byte[]> bytes = new TreeMap<>();
    checkpoint
        .tensors()
        .forEach((name, tensor) -> bytes.put(name, tensor.data().toArray(ValueLayout.JAVA_BYTE)));
    return bytes;
  }

  private static Map<String, String> elements(Checkpoint checkpoint) {
    Map<String, String> elements = new TreeMap<>();
    bytes(checkpoint).forEach((name, b) -> elements.put(name, HexFormat.of().formatHex(b)));
    return elements;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> found = Files.walk(folder.resolve("checkpoints"))) {
      return found.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void newestCheckpointIsReadBitByBitAndTheOlderFileIsDeleted() throws Exception {
    Job job = started();
    assertThat(checkpoints.latest(job.id())).isEmpty();
    assertThat(checkpoints.save(job.id(), 1, checkpoint(1))).isTrue();
    assertThat(checkpoints.save(job.id(), 1, checkpoint(2))).isTrue();
    assertThat(files()).hasSize(1);
    Checkpoint read = checkpoints.latest(job.id()).orElseThrow();
    assertThat(read.position()).isEqualTo(checkpoint(2).position());
    assertThat(read.tensors()).containsOnlyKeys("weights/fc.weight", "optimizer/step");
    assertThat(elements(read)).isEqualTo(elements(checkpoint(2)));
    checkpoints.clear(job.id());
    assertThat(files()).isEmpty();
    assertThat(checkpoints.latest(job.id())).isEmpty();
  }

  @Test
  void checkpointThatCannotBeReadNowIsKept() throws Exception {
    Job job = started();
    checkpoints.save(job.id(), 1, checkpoint(1));
    Path file = files().getFirst();
    Path aside = Files.move(file, folder.resolve("aside"));
    // Opening a folder succeeds, reading it fails, like a bad sector.
    Files.createDirectory(file);
    assertThatThrownBy(() -> checkpoints.latest(job.id()))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    Files.delete(file);
    Files.move(aside, file);
    assertThat(checkpoints.latest(job.id()).orElseThrow().position())
        .isEqualTo(checkpoint(1).position());
  }

  @Test
  void equalCheckpointsOfTwoJobsDoNotShareAFile() throws Exception {
    Job one = started();
    Job other = started();
    checkpoints.save(one.id(), 1, checkpoint(1));
    checkpoints.save(other.id(), 1, checkpoint(1));
    assertThat(files()).hasSize(2);
    checkpoints.clear(one.id());
    assertThat(checkpoints.latest(other.id())).isPresent();
  }

  @Test
  void attemptThatLostItsJobStoresNothing() throws Exception {
    Job first = started();
    checkpoints.save(first.id(), 1, checkpoint(1));
    stores.reclaim(first);
    attempts.start(first.id(), ME);
    assertThat(checkpoints.save(first.id(), 1, checkpoint(2))).isFalse();
    assertThat(files()).hasSize(1);
    assertThat(checkpoints.latest(first.id()).orElseThrow().position().epochs()).isEqualTo(1);
  }

  @Test
  void checkpointResetsTheNumberOfCrashes() {
    Job job = started();
    for (int i = 0; i < 10; i++) {
      assertThat(checkpoints.save(job.id(), i + 1, checkpoint(i + 1))).isTrue();
      assertThat(stores.reclaim(jobs.find(job.id()).orElseThrow())).isTrue();
      assertThat(attempts.start(job.id(), ME).orElseThrow().crashes()).isEqualTo(1);
    }
  }

  @Test
  void damagedOrMissingCheckpointIsNotUsed() throws Exception {
    Job job = started();
    checkpoints.save(job.id(), 1, checkpoint(1));
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertThat(checkpoints.latest(job.id())).isEmpty();
    Files.delete(file);
    assertThat(checkpoints.latest(job.id())).isEmpty();
  }

  @Test
  void theNewestCheckpointsOfSucceededJobsAreKeptUpToTheLimit() throws Exception {
    List<Job> done = Stream.generate(this::started).limit(5).toList();
    for (Job job : done) {
      checkpoints.save(job.id(), 1, checkpoint(1));
      succeed(job);
      checkpoints.keep(job.id());
      if (job.id().equals(done.get(1).id())) {
        checkpoints.keep(done.getFirst().id());
      }
    }
    long size = Files.size(files().getFirst());
    int fit = (int) (1024 / size);
    assertThat(fit).isBetween(2, 3);
    assertThat(files()).hasSize(fit);
    assertThat(checkpoints.position(done.get(4).id())).contains(checkpoint(1).position());
    assertThat(checkpoints.latest(done.get(3).id())).isPresent();
    // The second is older than the first, which was kept once more.
    assertThat(checkpoints.position(done.get(1).id())).isEmpty();
    checkpoints.deleteOrphans();
    assertThat(files()).hasSize(fit);
  }

  private void succeed(Job job) {
    stores
        .jdbc
        .sql("update jobs set state = 'succeeded' where id = :id")
        .param("id", job.id())
        .update();
  }

  @Test
  void onlyCheckpointsOfEndedJobsAreDeleted() throws Exception {
    Job done = started();
    Job running = started();
    checkpoints.save(done.id(), 1, checkpoint(1));
    checkpoints.save(running.id(), 1, checkpoint(1));
    jobs.cancel(done, ProgressReport.EMPTY);
    checkpoints.deleteOrphans();
    assertThat(files()).hasSize(1);
    assertThat(checkpoints.latest(running.id())).isPresent();
  }
}
