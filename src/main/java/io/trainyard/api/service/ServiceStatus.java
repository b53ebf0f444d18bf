package io.trainyard.api.service;

import io.trainyard.memory.MemoryUse;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The state of this process and of what it needs. Nothing of it waits for the database. */
public interface ServiceStatus {
  /** The part whose outage every queued job waits for. */
  String OBJECT_STORE = "object_store";

  /** The release that runs. */
  String version();

  MemoryUse memory();

  Disk disk();

  /** What does not work now; empty while all is well. */
  List<Outage> outages();

  /**
   * The disk of the data folder, in bytes.
   *
   * @param reserve what only the database may use
   * @param used by kind of file; empty before the files were first counted
   */
  record Disk(long size, long free, long reserve, SortedMap<String, Long> used) {}

  /**
   * Something that does not work.
   *
   * @param part database, object_store, disk, workers or natives
   * @param since null: unknown
   */
  record Outage(String part, String detail, @Nullable Instant since) {}
}
