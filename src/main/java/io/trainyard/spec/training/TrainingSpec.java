package io.trainyard.spec.training;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a network is trained.
 *
 * @param losses by output name; a single {@code loss} is stored under ""
 * @param lossWeights by output name; 1 where absent
 * @param seed empty: drawn and recorded at submission
 * @param monitor the value that decides which epoch is best; null: val_loss
 * @param publish which weights become the version; null: the best when there are validation rows,
 *     else the last
 * @param timeLimitSeconds 0 for no limit
 */
public record TrainingSpec(
    Map<String, LossSpec> losses,
    Map<String, Double> lossWeights,
    OptimizerSpec optimizer,
    int epochs,
    int batchSize,
    OptionalLong seed,
    boolean shuffle,
    List<Metric> metrics,
    @Nullable String monitor,
    @Nullable Publish publish,
    @Nullable EarlyStopping earlyStopping,
    @Nullable Double clipNorm,
    @Nullable Double clipValue,
    double timeLimitSeconds) {
  public TrainingSpec {
    losses = Map.copyOf(losses);
    lossWeights = Map.copyOf(lossWeights);
    metrics = List.copyOf(metrics);
  }

  /** The loss of an output. */
  public LossSpec loss(String output) {
    LossSpec loss = losses.containsKey(output) ? losses.get(output) : losses.get("");
    if (loss == null) {
      throw new IllegalArgumentException("output '" + output + "' has no loss");
    }
    return loss;
  }

  public enum Publish {
    BEST,
    LAST
  }

  /** Whether a smaller or a larger monitored value is better. */
  public enum Mode {
    MIN,
    MAX
  }

  /** Stops when the monitored value has not improved by more than minDelta in patience epochs. */
  public record EarlyStopping(String monitor, @Nullable Mode mode, int patience, double minDelta) {
    public EarlyStopping {
      if (patience < 1) {
        throw new IllegalArgumentException("patience must be at least 1, was " + patience);
      }
      if (!(minDelta >= 0)) {
        throw new IllegalArgumentException("min_delta must be at least 0, was " + minDelta);
      }
    }
  }
}
