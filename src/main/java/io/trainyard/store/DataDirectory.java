package io.trainyard.store;

import io.trainyard.error.StartRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The folder of everything this process keeps: database, rows, weights, native libraries.
 *
 * @param diskReserve disk space that only the database may use; null for 5 % of the volume, at most
 *     256 MB
 * @param acceptDatabase whether the folder may get another database than the one it belongs to
 */
@ConfigurationProperties("trainyard")
public record DataDirectory(
    @DefaultValue("./data") Path dataDir,
    @Nullable DataSize diskReserve,
    @DefaultValue("false") boolean acceptDatabase) {
  @ConstructorBinding
  public DataDirectory {
    dataDir = dataDir.toAbsolutePath().normalize();
    if (Files.exists(dataDir) && !Files.isDirectory(dataDir)) {
      throw new StartRefusedException(
          "trainyard.data-dir is " + dataDir + ", which is a file; name a folder");
    }
    if (diskReserve != null && diskReserve.isNegative()) {
      throw new IllegalArgumentException("trainyard.disk-reserve must not be negative");
    }
  }

  public DataDirectory(Path dataDir) {
    this(dataDir, null, false);
  }

  /** A folder in it; created when absent. */
  public Path folder(String name) {
    try {
      return DurableFolders.create(dataDir.resolve(name));
    } catch (IOException e) {
      throw new StartRefusedException(
          "The folder %s (trainyard.data-dir) cannot be written: %s; make it writable for this user, or name another folder"
              .formatted(dataDir, reason(e)),
          e);
    }
  }

  /** What an exception says beside the path. */
  private static String reason(IOException e) {
    String text = String.valueOf(e.getMessage());
    return text.substring(text.lastIndexOf(": ") + 1).strip();
  }

  /** The disk space of this folder that only the database may use. */
  public DiskReserve reserve() {
    return new DiskReserve(dataDir, diskReserve);
  }
}
