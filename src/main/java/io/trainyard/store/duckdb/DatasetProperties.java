package io.trainyard.store.duckdb;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits for uploading and reading datasets.
 *
 * @param maxUpload the size of the largest upload
 * @param memory what one task may use before it spills to disk
 * @param threads of one task; 0 for all cores
 * @param whereTimeout how long a condition may run
 * @param concurrency the tasks of all requests at once; 0 for one per core, at least 2
 * @param queueCapacity how many tasks may wait for a slot
 * @param readWait how long a task that reads rows waits for a slot
 * @param convertTimeout how long the conversion of a file may take, beside a second for each MB
 */
@ConfigurationProperties("trainyard.datasets")
public record DatasetProperties(
    @DefaultValue("8GB") DataSize maxUpload,
    @DefaultValue("1GB") DataSize memory,
    @DefaultValue("0") int threads,
    @DefaultValue("5s") Duration whereTimeout,
    @DefaultValue("0") int concurrency,
    @DefaultValue("64") int queueCapacity,
    @DefaultValue("3s") Duration readWait,
    @DefaultValue("60s") Duration convertTimeout) {
  public DatasetProperties {
    if (maxUpload.toBytes() < 1) {
      throw new IllegalArgumentException("trainyard.datasets.max-upload must be positive");
    }
    if (memory.toMegabytes() < 64) {
      throw new IllegalArgumentException("trainyard.datasets.memory must be at least 64MB");
    }
    if (threads < 0 || threads > 256) {
      throw new IllegalArgumentException("trainyard.datasets.threads must be from 0 to 256");
    }
    if (whereTimeout.isNegative() || whereTimeout.isZero()) {
      throw new IllegalArgumentException("trainyard.datasets.where-timeout must be positive");
    }
    if (concurrency < 0 || concurrency > 256) {
      throw new IllegalArgumentException("trainyard.datasets.concurrency must be from 0 to 256");
    }
    if (queueCapacity < 0) {
      throw new IllegalArgumentException("trainyard.datasets.queue-capacity must not be negative");
    }
    if (readWait.isNegative()) {
      throw new IllegalArgumentException("trainyard.datasets.read-wait must not be negative");
    }
    if (convertTimeout.toMillis() < 1) {
      throw new IllegalArgumentException("trainyard.datasets.convert-timeout must be at least 1ms");
    }
  }

  /** How long the conversion of a file may take. */
  public Duration convertTimeout(DataSize file) {
    return convertTimeout.plusSeconds(file.toMegabytes());
  }

  /** The tasks of all requests at once. */
  int slots() {
    return concurrency == 0 ? Math.max(2, Runtime.getRuntime().availableProcessors()) : concurrency;
  }

  /** The threads of one task. */
  int taskThreads() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
