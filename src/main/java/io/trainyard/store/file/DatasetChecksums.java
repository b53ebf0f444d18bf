package io.trainyard.store.file;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.trainyard.store.database.Timestamps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32C;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The checksums of dataset files. A Parquet reader doesn't notice a flipped bit, so a job would
 * train on it. A check takes 0.1 s per GB and is repeated only after the file has changed.
 */
public final class DatasetChecksums {
  private static final int BUFFER = 1 << 20;
  private static final Duration UNREFERENCED_FOR = Duration.ofHours(1);
  private static final int MAX_CHECKED = 10_000;
  private static final Duration UNREAD_FOR = Duration.ofDays(7);

  private final JdbcClient jdbc;
  private final Clock clock;
  private final Cache<String, FileState> sound =
      Caffeine.newBuilder()
          .maximumSize(MAX_CHECKED)
          .expireAfterAccess(UNREAD_FOR)
          .executor(Runnable::run)
          .build();

  DatasetChecksums(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /** Length and CRC-32C of a file. */
  public record Checksum(long bytes, long crc32c) {
    public static Checksum of(Path file) throws IOException {
      CRC32C sum = new CRC32C();
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      long bytes = 0;
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        for (int read = channel.read(buffer); read >= 0; read = channel.read(buffer)) {
          bytes += read;
          sum.update(buffer.flip());
          buffer.clear();
        }
      }
      return new Checksum(bytes, sum.getValue());
    }
  }

  /** The size and the time of change that a file had when it was checked. */
  private record FileState(long bytes, FileTime changed) {}

  /** Stores a checksum; call it before the file gets its final name. */
  void add(Path file, Checksum checksum) {
    if (!renew(file, checksum)) {
      try {
        jdbc.sql(
                """
                insert into dataset_seals (file_name, bytes, crc32c, sealed_at)
                values (:file, :bytes, :crc32c, :now)\
                """)
            .param("file", name(file))
            .param("bytes", checksum.bytes())
            .param("crc32c", checksum.crc32c())
            .param("now", Timestamps.time(clock.instant()))
            .update();
      } catch (DuplicateKeyException e) {
        renew(file, checksum); // the same bytes were uploaded at the same time
      }
    }
  }

  private boolean renew(Path file, Checksum checksum) {
    return jdbc.sql(
                """
                update dataset_seals set sealed_at = :now
                where file_name = :file and bytes = :bytes and crc32c = :crc32c\
                """)
            .param("now", Timestamps.time(clock.instant()))
            .param("file", name(file))
            .param("bytes", checksum.bytes())
            .param("crc32c", checksum.crc32c())
            .update()
        == 1;
  }

  /**
   * Whether a file has the bytes that were written. A file without a stored checksum, from an early
   * build, counts as sound.
   *
   * @param name under which the checksum is stored
   * @throws NoSuchFileException if there is no file
   */
  boolean isSound(String name, Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    FileState state = new FileState(now.size(), now.lastModifiedTime());
    if (state.equals(sound.getIfPresent(name))) {
      return true;
    }
    List<Checksum> checksums =
        jdbc.sql("select bytes, crc32c from dataset_seals where file_name = :file")
            .param("file", name)
            .query((row, _) -> new Checksum(row.getLong("bytes"), row.getLong("crc32c")))
            .list();
    if (!checksums.isEmpty() && !checksums.contains(Checksum.of(file))) {
      return false;
    }
    sound.put(name, state);
    return true;
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** Deletes the checksums of files whose versions are deleted. */
  void deleteOrphans() {
    jdbc.sql(
            """
            delete from dataset_seals where sealed_at < :limit and not exists
              (select 1 from dataset_versions v
               where v.digest = substring(dataset_seals.file_name from 1 for 64))\
            """)
        .param("limit", Timestamps.time(clock.instant().minus(UNREFERENCED_FOR)))
        .update();
  }
}
