package io.trainyard.store.s3;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.os.PeriodicTask;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** Asks the object store every few seconds, so that its outage is seen before a call needs it. */
public final class ObjectStoreMonitor implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  /**
   * Why the store cannot be used.
   *
   * @param reason in words
   */
  public record Away(String reason, Instant since) {}

  private final @Nullable S3Objects objects;
  private final ScheduledExecutorService checks = PeriodicTask.thread("object-store-monitor");

  /**
   * Starts to ask.
   *
   * @param objects null where files are in the data folder
   */
  ObjectStoreMonitor(@Nullable S3Objects objects, MeterRegistry meters) {
    this.objects = objects;
    Gauge.builder("trainyard.object.store.available", () -> away().isEmpty() ? 1 : 0)
        .description("1 while the object store can be used, or none is configured, else 0")
        .register(meters);
    if (objects != null) {
      PeriodicTask.start(checks, "check of the object store", INTERVAL, INTERVAL, objects::check);
    }
  }

  /** Why the store cannot be used; empty while it can be, or while there is none. */
  public Optional<Away> away() {
    return objects == null ? Optional.empty() : objects.away();
  }

  @Override
  public void close() {
    checks.shutdownNow();
  }
}
