package io.trainyard.store.ingest;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits for archives of images.
 *
 * @param maxEntries the most files and folders of one archive
 * @param maxEntry the size of the largest inflated file
 * @param memory for all images that are decoded at once; null for a quarter of the heap
 */
@ConfigurationProperties("trainyard.datasets.archive")
public record ArchiveProperties(
    @DefaultValue("200000") int maxEntries,
    @DefaultValue("64MB") DataSize maxEntry,
    @Nullable DataSize memory) {
  public ArchiveProperties {
    if (maxEntries < 1 || maxEntries > 10_000_000) {
      throw new IllegalArgumentException(
          "trainyard.datasets.archive.max-entries must be from 1 to 10000000");
    }
    if (maxEntry.toBytes() < 1 || maxEntry.toBytes() > DataSize.ofGigabytes(1).toBytes()) {
      throw new IllegalArgumentException(
          "trainyard.datasets.archive.max-entry must be from 1B to 1GB");
    }
    if (memory != null && memory.toMegabytes() < 16) {
      throw new IllegalArgumentException("trainyard.datasets.archive.memory must be at least 16MB");
    }
  }

  public DataSize decodingMemory() {
    return memory == null ? DataSize.ofBytes(Runtime.getRuntime().maxMemory() / 4) : memory;
  }
}
