package io.trainyard.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.store.DataDirectory;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamageCheckTest {
  private final AtomicInteger reads = new AtomicInteger();
  private final DamageCheck check = new DamageCheck(Collections.nCopies(4, Duration.ofMillis(1)));

  /** A file that is there, or sound, from a read on. */
  private @Nullable String read(int from, boolean missing) throws IOException {
    return check.read(
        "file",
        () -> {
          if (reads.incrementAndGet() >= from) {
            return "content";
          }
          if (missing) {
            throw new NoSuchFileException("file");
          }
          return null;
        });
  }

  @Test
  void aFileThatIsAwayForAMomentIsRead() throws IOException {
    assertThat(read(3, true)).isEqualTo("content");
    reads.set(0);
    assertThat(read(2, false)).as("other bytes, once").isEqualTo("content");
  }

  @Test
  void otherBytesAreReadOnceMore() throws IOException {
    assertThat(read(100, false)).isNull();
    assertThat(reads).hasValue(2);
  }

  @Test
  void knownDamageIsNotWaitedFor() throws IOException {
    assertThat(read(100, true)).isNull();
    assertThat(reads).hasValue(5);
    assertThat(read(100, false)).isNull();
    assertThat(reads).hasValue(6);
    // Repaired, and damaged again.
    assertThat(read(1, false)).isEqualTo("content");
    reads.set(0);
    assertThat(read(100, true)).isNull();
    assertThat(reads).hasValue(5);
  }

  /** As on a network file system whose server restarts while a job publishes. */
  @Test
  void aStoredFileThatComesBackIsNotLost(@TempDir Path folder) throws Exception {
    BlobFiles files =
        new BlobFiles(
            FileStores.local(
                new DataDirectory(folder),
                () -> false,
                Clock.systemUTC(),
                Collections.nCopies(1_000, Duration.ofMillis(20))),
            FileStores.WEIGHTS);
    BlobFiles.Blob blob = files.write(out -> out.write(ByteBuffer.wrap(new byte[100])));
    whileAway(files.path(blob.sha256()), () -> files.touch(blob.sha256()));
    whileAway(files.path(blob.sha256()), () -> files.verified(blob).close());
  }

  private static void whileAway(Path file, Runnable work) throws Exception {
    Path away = file.resolveSibling("away");
    Files.move(file, away);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Path> back =
          threads.submit(
              () -> {
                Thread.sleep(100);
                return Files.move(away, file);
              });
      work.run();
      assertThat(back.get()).exists();
    }
  }

  /** A job that is cancelled says nothing about the file. */
  @Test
  void anInterruptedWaitIsNoDamage() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> read(2, true)).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anotherFaultIsNoDamage() {
    assertThatThrownBy(
            () ->
                check.read(
                    "file",
                    () -> {
                      throw new FileNotFoundException("Too many open files");
                    }))
        .isInstanceOf(FileNotFoundException.class);
  }

  /** A weights file was away for two seconds, and its job had failed. */
  @Test
  void theServiceWaitsForMoreThanTwoSeconds() {
    assertThat(DamageCheck.PAUSES.stream().reduce(Duration.ZERO, Duration::plus))
        .isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(5));
  }
}
