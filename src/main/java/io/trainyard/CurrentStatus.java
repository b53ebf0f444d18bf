package io.trainyard;

import io.trainyard.api.service.ServiceStatus;
import io.trainyard.engine.Engine;
import io.trainyard.job.supervise.Supervisor;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.memory.MemoryUse;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.database.DatabaseMonitor;
import io.trainyard.store.file.DiskMetrics;
import io.trainyard.store.s3.ObjectStoreMonitor;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** What the health checks and the metrics know, in words. */
@Component
final class CurrentStatus implements ServiceStatus {
  private final String version;
  private final MemoryMeter memory;
  private final DataDirectory directory;
  private final DiskMetrics files;
  private final DatabaseMonitor database;
  private final ObjectStoreMonitor objects;
  private final Supervisor supervisor;
  private final Engine engine;

  CurrentStatus(
      ObjectProvider<BuildProperties> build,
      MemoryMeter memory,
      DataDirectory directory,
      DiskMetrics files,
      DatabaseMonitor database,
      ObjectStoreMonitor objects,
      Supervisor supervisor,
      Engine engine) {
    BuildProperties known = build.getIfAvailable();
    this.version = known == null ? "unknown" : String.valueOf(known.getVersion());
    this.memory = memory;
    this.directory = directory;
    this.files = files;
    this.database = database;
    this.objects = objects;
    this.supervisor = supervisor;
    this.engine = engine;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public MemoryUse memory() {
    return memory.read();
  }

  @Override
  public Disk disk() {
    DiskReserve reserve = directory.reserve();
    return new Disk(
        directory.dataDir().toFile().getTotalSpace(),
        reserve.free(),
        reserve.bytes(),
        files.used());
  }

  @Override
  public List<Outage> outages() {
    List<Outage> outages = new ArrayList<>();
    switch (database.state()) {
      case AVAILABLE -> {}
      case READ_ONLY ->
          outages.add(
              new Outage(
                  "database",
                  "The database can be read, not changed: its disk is full",
                  database.outageSince()));
      case DOWN ->
          outages.add(
              new Outage("database", "The database does not answer", database.outageSince()));
    }
    objects
        .away()
        .ifPresent(
            away ->
                outages.add(
                    new Outage(
                        OBJECT_STORE,
                        "The object store cannot be used: " + away.reason(),
                        away.since())));
    DiskReserve reserve = directory.reserve();
    if (reserve.available() == 0) {
      outages.add(
          new Outage(
              "disk",
              "The disk of the data folder is full: only the database may use the last %d bytes"
                  .formatted(reserve.bytes()),
              null));
    }
    if (!supervisor.isComplete()) {
      outages.add(
          new Outage(
              "workers", "A worker process of this service has ended and is started again", null));
    }
    if (!engine.ready()) {
      outages.add(new Outage("natives", "The native libraries are not loaded", null));
    }
    return outages;
  }
}
