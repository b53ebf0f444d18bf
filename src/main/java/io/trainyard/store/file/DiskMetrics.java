package io.trainyard.store.file;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Metrics of the data folder. A scrape never waits for a walk through the files: it gets the last
 * result, and starts the next walk when that is old.
 */
@Component
public final class DiskMetrics {
  private static final Duration FRESH = Duration.ofMinutes(1);

  /** After each walk, waits this many times its duration: at most 2 % of one core. */
  private static final int PAUSES = 50;

  /** The folders of each kind. */
  private static final Map<String, List<String>> FOLDERS =
      Map.of(
          "database", List.of("database"),
          "datasets", List.of("datasets"),
          "weights", List.of("weights"),
          "checkpoints", List.of("checkpoints"),
          "cache", List.of("cache"),
          "temporary", List.of("tmp", "resident", "predictions", "crashes"));

  private final Path folder;
  private final Map<String, Long> used = new ConcurrentHashMap<>();
  private final AtomicBoolean walking = new AtomicBoolean();
  private volatile long nextWalk = System.nanoTime();

  DiskMetrics(DataDirectory directory, MeterRegistry meters) {
    this.folder = directory.dataDir();
    DiskReserve reserve = directory.reserve();
    // A gauge of an object holds it weakly, and is NaN once it is collected; one of a supplier
    // keeps it.
    for (String kind : FOLDERS.keySet()) {
      Gauge.builder("trainyard.disk.used", () -> used(kind))
          .description("Size of the files in the data folder")
          .baseUnit(BaseUnits.BYTES)
          .tag("kind", kind)
          .register(meters);
    }
    Gauge.builder("trainyard.disk.free", reserve::free)
        .description("Free space on the disk of the data folder")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
    Gauge.builder("trainyard.disk.size", () -> folder.toFile().getTotalSpace())
        .description("Size of the disk of the data folder")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
    Gauge.builder("trainyard.disk.reserve", reserve::bytes)
        .description("Free space that only the database may use: trainyard.disk-reserve")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
  }

  /** The size of the files by kind; empty before the first walk. */
  public SortedMap<String, Long> used() {
    SortedMap<String, Long> sizes = new TreeMap<>();
    for (String kind : FOLDERS.keySet()) {
      Long size = used(kind);
      if (size != null) {
        sizes.put(kind, size);
      }
    }
    return sizes;
  }

  /** Null, which is no value, before the first walk. */
  private @Nullable Long used(String kind) {
    if (System.nanoTime() - nextWalk >= 0 && walking.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("disk-metrics").start(this::walk);
    }
    return used.get(kind);
  }

  private void walk() {
    long start = System.nanoTime();
    try {
      FOLDERS.forEach(
          (kind, folders) ->
              used.put(
                  kind,
                  folders.stream().mapToLong(name -> FolderSize.of(folder.resolve(name))).sum()));
    } finally {
      long now = System.nanoTime();
      nextWalk = now + Math.max(FRESH.toNanos(), (now - start) * PAUSES);
      walking.set(false);
    }
  }
}
