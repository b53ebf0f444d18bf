package io.trainyard.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.AheadClock;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.StartRefusedException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.StoredWeights;
import io.trainyard.os.HeldFile;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.DatabaseIdentity;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.RunningBackups;
import io.trainyard.store.job.TestStores;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Two machines with a bucket and a database, and nothing else in common. */
@Timeout(120)
@Tag("service")
class SharedStorageTest {
  @TempDir Path folder;
  private final AheadClock clock = new AheadClock();
  private TestObjectStore bucket;
  private TestDatabase.Opened database;
  private final List<S3Objects> clients = new ArrayList<>();
  private final List<RunningBackups> backups = new ArrayList<>();
  private TestStores one;
  private TestStores other;

  @BeforeEach
  void open() throws IOException {
    bucket = TestObjectStore.open();
    database = TestDatabase.H2.open(folder);
    one = machine("one", 1 << 20);
    other = machine("other", 1 << 20);
  }

  private TestStores machine(String name, long cacheBytes) throws IOException {
    Path own = Files.createDirectories(folder.resolve(name));
    S3Objects objects = new S3Objects(bucket.properties());
    clients.add(objects);
    JdbcClient jdbc = JdbcClient.create(database.source());
    String prefix = bucket.properties().prefix();
    ObjectOwner owner = new ObjectOwner(objects, prefix, DatabaseIdentity.of(jdbc).id(), own);
    owner.check(false);
    RunningBackups running = new RunningBackups(jdbc, clock);
    backups.add(running);
    FileStores files =
        new SharedFileStores(
            new DataDirectory(own),
            objects,
            prefix,
            new OrphanObjects(jdbc, objects, owner, running, clock),
            running::any,
            cacheBytes);
    return new TestStores(database, own, files, clock);
  }

  @AfterEach
  void close() throws IOException {
    database.close();
    clients.forEach(S3Objects::close);
    bucket.close();
  }

  private static StoredWeights weights(TestStores stores, int seed, int numbers) {
    float[] values = new float[numbers];
    values[0] = seed;
    return stores.weights.store(Map.of("w", HostTensor.ofFloats(Shape.of(numbers), values)));
  }

  private static float first(TestStores stores, StoredWeights weights) {
    try (var file = stores.weights.open(weights)) {
      return Objects.requireNonNull(file.tensors().get("w")).data().get(ValueLayout.JAVA_FLOAT, 0);
    }
  }

  private List<Path> copies(String machine) throws IOException {
    try (Stream<Path> files =
        Files.walk(folder.resolve(machine).resolve("cache").resolve("weights"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void filesOfOneMachineAreReadOnTheOther() throws IOException {
    ModelVersion version = one.version("m", 7);
    DatasetVersion rows = one.rows("d", "a,b\n1,2\n3,4\n");
    assertThat(bucket.keys()).hasSize(4); // weights, rows, content, and whose they are
    assertThat(other.weights.file(version.weights()).path()).exists();
    assertThat(other.datasets.rows(rows, 0, 10, 1000)).hasSize(2);
    try (var content = other.datasets.original(rows)) {
      assertThat(content.readAllBytes()).asString().isEqualTo("a,b\n1,2\n3,4\n");
    }
    assertThat(other.datasets.rejects(rows, 0, 10)).isEmpty();
  }

  @Test
  void copiesAreBoundedAndThoseThatAreReadStay() throws IOException {
    TestStores small = machine("small", 400_000);
    StoredWeights first = weights(one, 0, 25_000);
    List<StoredWeights> others = new ArrayList<>();
    for (int i = 1; i < 10; i++) {
      others.add(weights(one, i, 25_000));
    }
    try (HeldFile held = small.weights.file(first)) {
      for (StoredWeights each : others) {
        small.weights.file(each).close();
      }
      assertThat(held.path()).exists();
      assertThat(copies("small"))
          .hasSizeBetween(2, 4)
          .anyMatch(copy -> copy.endsWith(first.sha256()))
          .anyMatch(copy -> copy.endsWith(others.getLast().sha256()));
    }
    others.forEach(each -> small.weights.file(each).close());
    assertThat(copies("small")).noneMatch(copy -> copy.endsWith(first.sha256()));
    assertThat(first(small, first)).isZero();
  }

  @Test
  void damagedCopyIsFetchedAgain() throws IOException {
    StoredWeights stored = weights(one, 3, 100);
    Path copy = copies("one").getFirst();
    byte[] bytes = Files.readAllBytes(copy);
    bytes[bytes.length - 1] ^= 1;
    Files.write(copy, bytes);
    assertThat(first(one, stored)).isEqualTo(3);
  }

  @Test
  void damagedObjectIsDamageAndNoOutage() throws IOException {
    StoredWeights stored = weights(one, 3, 100);
    Path object =
        bucket.file(
            bucket.keys().stream()
                .filter(key -> key.endsWith(stored.sha256()))
                .findFirst()
                .orElseThrow());
    byte[] bytes = Files.readAllBytes(object);
    bytes[bytes.length - 1] ^= 1;
    Files.write(object, bytes);
    assertThatThrownBy(() -> first(other, stored)).matches(e -> code(e) == ErrorCode.CORRUPT_FILE);
  }

  @Test
  void missingObjectIsDamageAndAbsentStoreIsNot() throws IOException {
    StoredWeights stored = weights(one, 3, 100);
    bucket.connections().away();
    assertThat(first(one, stored)).isEqualTo(3);
    assertThatThrownBy(() -> first(other, stored)).matches(e -> code(e) == ErrorCode.UNAVAILABLE);
    bucket.connections().restore();
    assertThat(first(other, stored)).isEqualTo(3);
    StoredWeights never = new StoredWeights("0".repeat(64), 10);
    assertThatThrownBy(() -> first(other, never)).matches(e -> code(e) == ErrorCode.CORRUPT_FILE);
  }

  private static ErrorCode code(Throwable failure) {
    return ((ServiceException) failure).code();
  }

  /** Later than the machine's clock, which the server uses, and the grace of an hour. */
  private void sweepLater() {
    clock.pass(Duration.ofMinutes(70));
    sweep();
  }

  private void sweep() {
    one.weights.deleteOrphans();
    other.weights.deleteOrphans();
  }

  @Test
  void onlyUnnamedObjectsAreDeleted() {
    ModelVersion named = one.version("m", 7);
    StoredWeights unnamed = weights(one, 1, 10);
    sweepLater();
    assertThat(keys()).anyMatch(key -> key.endsWith(unnamed.sha256()));
    sweepLater();
    assertThat(keys())
        .noneMatch(key -> key.endsWith(unnamed.sha256()))
        .anyMatch(key -> key.endsWith(named.weights().sha256()));
  }

  @Test
  void objectThatIsStoredAgainLosesItsMark() {
    StoredWeights unnamed = weights(one, 1, 10);
    sweepLater();
    StoredWeights again = weights(other, 1, 10);
    sweepLater();
    assertThat(keys()).anyMatch(key -> key.endsWith(again.sha256()));
    assertThat(again).isEqualTo(unnamed);
    sweepLater();
    assertThat(keys()).noneMatch(key -> key.endsWith(again.sha256()));
  }

  @Test
  void nothingIsDeletedDuringABackup() {
    StoredWeights unnamed = weights(one, 1, 10);
    sweepLater();
    clock.pass(Duration.ofMinutes(70));
    try (RunningBackups.Running running = backups.getLast().start()) {
      sweep();
      assertThat(keys()).anyMatch(key -> key.endsWith(unnamed.sha256()));
      assertThat(running).isNotNull();
    }
    sweep();
    assertThat(keys()).noneMatch(key -> key.endsWith(unnamed.sha256()));
  }

  @Test
  void nothingIsDeletedThatBelongsToAnotherDatabase() throws IOException {
    StoredWeights stored = weights(one, 1, 10);
    JdbcClient.create(database.source())
        .sql("update database_identity set id = 'another'")
        .update();
    TestStores stranger = null;
    try {
      stranger = machine("stranger", 1000);
    } catch (StartRefusedException e) {
      assertThat(e).hasMessageContaining("another database");
    }
    assertThat(stranger).isNull();
    assertThat(keys()).anyMatch(key -> key.endsWith(stored.sha256()));
  }

  private List<String> keys() {
    return bucket.keys();
  }

  @Test
  void filesOfADataFolderMoveToTheBucketAtTheFirstStart() throws IOException {
    Path own = Files.createDirectories(folder.resolve("before"));
    TestStores local =
        new TestStores(
            database, own, FileStores.local(new DataDirectory(own), () -> false, clock), clock);
    ModelVersion version = local.version("old", 5);
    DatasetVersion rows = local.rows("old", "a\n1\n2\n");
    TestStores moved = machine("before", 1 << 20);
    assertThat(moved.weights.file(version.weights()).path()).exists();
    assertThat(other.weights.file(version.weights()).path()).exists();
    assertThat(other.datasets.rows(rows, 0, 10, 1000)).hasSize(2);
    try (Stream<Path> left = Files.walk(own.resolve("weights"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }
}
