package io.trainyard.inspect;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Bounds of evaluations and pictures.
 *
 * @param concurrency how many are made at once
 * @param queueCapacity how many wait; more are refused
 * @param timeout how long one may wait and take
 * @param rowsMemory bytes of encoded rows that one may read
 */
@ConfigurationProperties("trainyard.inspect")
public record InspectProperties(
    @DefaultValue("1") int concurrency,
    @DefaultValue("16") int queueCapacity,
    @DefaultValue("60s") Duration timeout,
    @DefaultValue("64MB") DataSize rowsMemory) {
  public InspectProperties {
    if (concurrency < 1) {
      throw new IllegalArgumentException("concurrency must be at least 1, was " + concurrency);
    }
    if (queueCapacity < 1) {
      throw new IllegalArgumentException("queue-capacity must be at least 1, was " + queueCapacity);
    }
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout must be positive, was " + timeout);
    }
    if (rowsMemory.toBytes() < 1) {
      throw new IllegalArgumentException("rows-memory must be positive, was " + rowsMemory);
    }
  }
}
