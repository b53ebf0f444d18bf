package io.trainyard.engine;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the engine.
 *
 * @param cacheDir where native libraries are unpacked; null: JavaCPP's folder in the home folder,
 *     or {@code natives} in the data folder when home cannot be written
 * @param cores processor cores the engine may use; 0: all the process may use
 */
@ConfigurationProperties("trainyard.engine")
public record EngineProperties(@Nullable Path cacheDir, @DefaultValue("0") int cores) {
  public EngineProperties {
    if (cacheDir != null && cacheDir.toString().isEmpty()) {
      cacheDir = null;
    }
    if (cores < 0 || cores > 4096) {
      throw new IllegalArgumentException("trainyard.engine.cores must be in 0..4096, was " + cores);
    }
  }

  /** The cores, counted when the setting leaves it to the machine. */
  public int coreCount() {
    return cores > 0 ? cores : Runtime.getRuntime().availableProcessors();
  }
}
