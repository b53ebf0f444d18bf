package io.trainyard.predict;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of predictions.
 *
 * @param threads compute threads; 0: one per core
 * @param queueCapacity how many requests may wait for a thread
 * @param timeout how long a request waits for its answer
 * @param loadTimeout how long a request waits until its model is loaded
 * @param loadedBytes memory for all loaded models
 * @param resolvedFor after what time another process's change of an alias is seen at the latest
 */
@ConfigurationProperties("trainyard.predict")
public record PredictProperties(
    @DefaultValue("0") int threads,
    @DefaultValue("256") int queueCapacity,
    @DefaultValue("30s") Duration timeout,
    @DefaultValue("10s") Duration loadTimeout,
    @DefaultValue("2GB") DataSize loadedBytes,
    @DefaultValue("1s") Duration resolvedFor) {
  public PredictProperties {
    check(threads >= 0 && threads <= 1024, "threads must be in 0..1024", threads);
    check(
        queueCapacity >= 1 && queueCapacity <= 1_000_000,
        "queue-capacity must be in 1..1000000",
        queueCapacity);
    check(isShort(timeout), "timeout must be between 1ms and 1h", timeout);
    check(isShort(loadTimeout), "load-timeout must be between 1ms and 1h", loadTimeout);
    check(isShort(resolvedFor), "resolved-for must be between 1ms and 1h", resolvedFor);
    check(loadedBytes.toMegabytes() >= 1, "loaded-bytes must be at least 1MB", loadedBytes);
  }

  public int threadCount() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }

  private static boolean isShort(Duration duration) {
    return duration.toMillis() >= 1 && duration.toHours() <= 1;
  }

  private static void check(boolean holds, String rule, Object was) {
    if (!holds) {
      throw new IllegalArgumentException("trainyard.predict." + rule + ", was " + was);
    }
  }
}
