package io.trainyard.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.StartRefusedException;
import io.trainyard.store.ObjectStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files come back from a real S3-compatible server as they were, or not at all. */
@Timeout(60)
@Tag("service")
class S3ObjectsTest {
  /** The least size of a part but the last, for S3. */
  private static final int PART = 5 << 20;

  @TempDir Path folder;
  private TestObjectStore store;
  private S3Objects objects;

  @BeforeEach
  void open() throws IOException {
    store = TestObjectStore.open();
    objects = new S3Objects(store.properties(), PART);
  }

  @AfterEach
  void close() throws IOException {
    objects.close();
    store.close();
  }

  private Path file(int bytes) throws IOException {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return Files.write(folder.resolve("file" + bytes), content);
  }

  private Path read(String key) throws IOException {
    Path read = folder.resolve("read");
    objects.get(key, read, _ -> {});
    return read;
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    for (int bytes : List.of(0, 1, 100_000, PART)) {
      Path file = file(bytes);
      objects.put("a/" + bytes, file);
      assertThat(read("a/" + bytes)).hasSameBinaryContentAs(file);
      assertThat(objects.length("a/" + bytes)).isEqualTo(bytes);
    }
  }

  @Test
  void wrongSecretAndMissingBucketRefuseTheStart() {
    objects.requireUsable();
    assertThat(objects.away()).isEmpty();
    try (S3Objects forbidden = new S3Objects(store.properties(store.bucket(), "wrong"))) {
      assertThatThrownBy(forbidden::requireUsable)
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("access to the bucket '" + store.bucket() + "' is forbidden");
      assertThat(forbidden.away().orElseThrow().reason()).contains("forbidden");
    }
    try (S3Objects absent = new S3Objects(store.properties("no-such-bucket", "secret"))) {
      assertThatThrownBy(absent::requireUsable)
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("the bucket 'no-such-bucket' does not exist");
      absent.check();
      assertThat(absent.away().orElseThrow().reason()).contains("does not exist");
    }
  }

  @Test
  void outageIsSeenWithoutACall() throws IOException {
    objects.check();
    assertThat(objects.away()).isEmpty();
    store.close();
    objects.check();
    assertThat(objects.away().orElseThrow().reason()).isEqualTo("it does not answer");
    // A store that does not answer may come back: the service starts.
    objects.requireUsable();
  }

  @Test
  void endedCallSaysNothingAboutTheStore() {
    Thread.currentThread().interrupt();
    objects.check();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(objects.away()).isEmpty();
  }

  @Test
  void largeFilesGoInParts() throws IOException {
    Path file = file(2 * PART + 12_345);
    int before = store.connections().calls();
    objects.put("large", file);
    assertThat(store.connections().calls() - before).isGreaterThanOrEqualTo(5);
    assertThat(read("large")).hasSameBinaryContentAs(file);
  }

  @Test
  void listsAndDeletes() throws IOException {
    for (String key : List.of("w/1", "w/2", "d/1")) {
      objects.put(key, file(10));
    }
    assertThat(keys("w/")).containsExactly("w/1", "w/2");
    objects.delete("w/1");
    objects.delete("w/1");
    assertThat(keys("w/")).containsExactly("w/2");
  }

  private List<String> keys(String prefix) throws IOException {
    List<String> keys = new ArrayList<>();
    objects.list(prefix, entry -> keys.add(entry.key()));
    return keys;
  }

  @Test
  void missingObjectIsNoOutage() {
    assertThatThrownBy(() -> read("absent")).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> objects.length("absent")).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void storeThatIsAwayOrRefusesIsAnOutage() throws IOException {
    Path file = file(1000);
    objects.put("a", file);
    store.connections().away();
    assertThatThrownBy(() -> read("a")).isInstanceOf(ObjectStoreException.class);
    store.connections().restore();
    store.connections().refusing();
    assertThatThrownBy(() -> objects.put("b", file)).isInstanceOf(ObjectStoreException.class);
    store.connections().restore();
    objects.put("b", file);
    assertThat(read("b")).hasSameBinaryContentAs(file);
  }

  @Test
  void growthMayBeRefused() throws IOException {
    objects.put("a", file(1000));
    S3Objects.Growth full =
        _ -> {
          throw new IOException("No space left on device");
        };
    assertThatThrownBy(() -> objects.get("a", folder.resolve("b"), full))
        .isNotInstanceOf(ObjectStoreException.class)
        .hasMessageContaining("No space left");
  }
}
