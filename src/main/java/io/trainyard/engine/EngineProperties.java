package io.trainyard.engine;

import io.trainyard.engine.natives.NativeLibraries;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the engine.
 *
 * @param cacheDir where native libraries are unpacked; null: JavaCPP's folder in the home folder,
 *     or {@code natives} in the data folder when the home folder is not writable
 * @param cores processor cores for the engine; 0: all cores of the process
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

  /** The folder for unpacked native libraries. */
  public Path libraryFolder(Path dataDir) {
    return NativeLibraries.folder(cacheDir, dataDir);
  }

  /** The cores of the setting, or of the process when it is 0. */
  public int coreCount() {
    return cores > 0 ? cores : Runtime.getRuntime().availableProcessors();
  }
}
