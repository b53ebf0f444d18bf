package io.trainyard.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The folder of everything this process keeps: database, rows, weights, native libraries. */
@ConfigurationProperties("trainyard")
public record DataDirectory(@DefaultValue("./data") Path dataDir) {
  public DataDirectory {
    dataDir = dataDir.toAbsolutePath().normalize();
    if (Files.exists(dataDir) && !Files.isDirectory(dataDir)) {
      throw new IllegalArgumentException("trainyard.data-dir is not a folder: " + dataDir);
    }
  }

  /** A folder in it; created when absent. */
  public Path folder(String name) {
    try {
      return Files.createDirectories(dataDir.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException("trainyard.data-dir cannot be written: " + dataDir, e);
    }
  }
}
