package io.trainyard.model.serving;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The limits of predictions by one model, below those of the service; null: only the service's.
 *
 * @param maxBatchRows the most rows that are computed at once
 * @param maxConcurrency the most predictions at once; more are refused
 * @param timeout how long a prediction may take
 * @param revision grows with each change
 */
public record ServingLimits(
    @Nullable Integer maxBatchRows,
    @Nullable Integer maxConcurrency,
    @Nullable Duration timeout,
    int revision) {
  public static final ServingLimits NONE = new ServingLimits(null, null, null, 0);
}
