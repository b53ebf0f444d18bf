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
 * @param loadThreads how many models load at the same time
 * @param loadLimit how long a model may take to load and warm up before an alias moves to it
 * @param longestPause the longest pause before a model that could not be loaded is tried again
 * @param loadedBytes memory for all loaded models
 * @param memory memory for predictions under way: half for their inputs and outputs, half for the
 *     values of the layers
 * @param warmUp the processor time in which a process answers itself before it is ready
 * @param resolvedFor after what time another process's change of an alias is seen at the latest
 */
@ConfigurationProperties("trainyard.predict")
public record PredictProperties(
    @DefaultValue("0") int threads,
    @DefaultValue("256") int queueCapacity,
    @DefaultValue("30s") Duration timeout,
    @DefaultValue("10s") Duration loadTimeout,
    @DefaultValue("2") int loadThreads,
    @DefaultValue("10m") Duration loadLimit,
    @DefaultValue("1m") Duration longestPause,
    @DefaultValue("2GB") DataSize loadedBytes,
    @DefaultValue("1GB") DataSize memory,
    @DefaultValue("2s") Duration warmUp,
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
    check(loadThreads >= 1 && loadThreads <= 64, "load-threads must be in 1..64", loadThreads);
    check(isShort(loadLimit), "load-limit must be between 1ms and 1h", loadLimit);
    check(isShort(longestPause), "longest-pause must be between 1ms and 1h", longestPause);
    check(
        !warmUp.isNegative() && warmUp.toMinutes() <= 1,
        "warm-up must be between 0s and 1m",
        warmUp);
    check(loadedBytes.toMegabytes() >= 1, "loaded-bytes must be at least 1MB", loadedBytes);
    check(memory.toMegabytes() >= 16, "memory must be at least 16MB", memory);
  }

  public int threadCount() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }

  /** Memory for the inputs and outputs of all predictions under way. */
  long requestBytes() {
    return memory.toBytes() / 2;
  }

  /** How many rows of a network are computed at once. */
  public PredictLimits limits() {
    return PredictLimits.of(memory.toBytes() / 2, threadCount());
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
