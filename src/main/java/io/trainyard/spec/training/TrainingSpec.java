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
 * @param seed empty: drawn at submit, and recorded
 * @param monitor the value that chooses the best epoch, or null: val_loss
 * @param publish which weights become the version, or null: best when there are validation rows
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

  /** Whether a monitored value should fall or rise. */
  public enum Mode {
    MIN,
    MAX
  }

  /** Stop when the monitored value has not improved by more than minDelta for patience epochs. */
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
