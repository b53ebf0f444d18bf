package io.trainyard.store.file;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether stored files are damaged or missing. A network file system may lose a file for a
 * second or two, and a job must not fail of that: a missing file is looked for some times before it
 * counts as lost, and one with other bytes is read once more. A file that is known to be damaged is
 * read once.
 */
final class DamageCheck {
  /** The pauses before a file is read again. */
  static final List<Duration> PAUSES =
      List.of(
          Duration.ofMillis(100),
          Duration.ofMillis(200),
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1));

  private static final Logger log = LoggerFactory.getLogger(DamageCheck.class);

  private final List<Duration> pauses;

  /** The files that were damaged when they were read last. */
  private final Set<String> damaged = ConcurrentHashMap.newKeySet();

  DamageCheck(List<Duration> pauses) {
    this.pauses = pauses;
  }

  /** Reads a file. */
  interface Reading<T> {
    /**
     * What was read; null for a damaged file.
     *
     * @throws NoSuchFileException for a missing file
     */
    @Nullable T read() throws IOException;
  }

  /** What a file has; null for a file that stays damaged or missing. */
  <T> @Nullable T read(String name, Reading<T> reading) throws IOException {
    for (int reads = 0; ; reads++) {
      int repeats = Math.min(1, pauses.size());
      try {
        T read = reading.read();
        if (read != null) {
          damaged.remove(name);
          return read;
        }
      } catch (NoSuchFileException e) {
        repeats = pauses.size();
      }
      if (reads >= repeats || damaged.contains(name)) {
        damaged.add(name);
        return null;
      }
      log.debug("{} is damaged or missing; it is read again", name);
      pause(pauses.get(reads));
    }
  }

  private static void pause(Duration pause) throws IOException {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before the file was read again");
    }
  }
}
