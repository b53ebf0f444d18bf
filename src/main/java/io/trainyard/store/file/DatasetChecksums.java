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
 * Tells damaged files of data sets from sound ones: nothing in a Parquet file notices a flipped
 * bit, which would be trained on. A check costs a tenth of a second per gigabyte and is repeated
 * only when the file has changed.
 */
public final class DatasetChecksums {
  private static final int BUFFER = 1 << 20;
  private static final Duration UNNAMED_FOR = Duration.ofHours(1);
  private static final int MAX_CHECKED = 10_000;
  private static final Duration UNREAD_FOR = Duration.ofDays(7);

  private final JdbcClient jdbc;
  private final Clock clock;
  private final Cache<Path, Seen> sound =
      Caffeine.newBuilder()
          .maximumSize(MAX_CHECKED)
          .expireAfterAccess(UNREAD_FOR)
          .executor(Runnable::run)
          .build();

  public DatasetChecksums(JdbcClient jdbc, Clock clock) {
    this.jdbc = jdbc;
    this.clock = clock;
  }

  /** What a file's bytes are. */
  record Seal(long bytes, long crc32c) {
    static Seal of(Path file) throws IOException {
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
      return new Seal(bytes, sum.getValue());
    }
  }

  /** How a file looked when it was checked. */
  private record Seen(long bytes, FileTime changed) {}

  /** Makes a file's bytes known; to be done before it has its lasting name. */
  void add(Path lasting, Seal seal) {
    if (!renew(lasting, seal)) {
      try {
        jdbc.sql(
                "insert into dataset_seals (file_name, bytes, crc32c, sealed_at)"
                    + " values (?, ?, ?, ?)")
            .params(name(lasting), seal.bytes(), seal.crc32c(), Timestamps.time(clock.instant()))
            .update();
      } catch (DuplicateKeyException e) {
        renew(lasting, seal); // somebody uploads the same at the same time
      }
    }
  }

  private boolean renew(Path lasting, Seal seal) {
    return jdbc.sql(
                "update dataset_seals set sealed_at = ?"
                    + " where file_name = ? and bytes = ? and crc32c = ?")
            .params(Timestamps.time(clock.instant()), name(lasting), seal.bytes(), seal.crc32c())
            .update()
        == 1;
  }

  /** Whether a file is there with the bytes it was given; one of an early build has no seal. */
  boolean isSound(Path file) throws IOException {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      Seen seen = new Seen(now.size(), now.lastModifiedTime());
      if (seen.equals(sound.getIfPresent(file))) {
        return true;
      }
      List<Seal> seals =
          jdbc.sql("select bytes, crc32c from dataset_seals where file_name = ?")
              .param(name(file))
              .query((row, _) -> new Seal(row.getLong("bytes"), row.getLong("crc32c")))
              .list();
      if (!seals.isEmpty() && !seals.contains(Seal.of(file))) {
        return false;
      }
      sound.put(file, seen);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** Forgets what is known of files whose versions are gone. */
  public void sweep() {
    jdbc.sql(
            """
            delete from dataset_seals where sealed_at < ? and not exists
              (select 1 from dataset_versions v
               where v.digest = substring(dataset_seals.file_name from 1 for 64))\
            """)
        .param(Timestamps.time(clock.instant().minus(UNNAMED_FOR)))
        .update();
  }
}
