package io.trainyard.spec.layer;

/** Layers that bring numbers to mean 0 and variance 1, and then scale and shift them. */
public sealed interface NormSpec extends LayerSpec {
  double epsilon();

  /**
   * y = (x − μ)/√(σ² + epsilon)·weight + bias per channel, over the batch and all other axes.
   *
   * <p>In training μ and σ² are the batch's (σ² divides by n); the running values move towards them
   * by momentum, the new batch's share, with the variance divided by n − 1. Otherwise they are the
   * running values, as they are for a batch with a single number per channel. Source:
   * torch.nn.BatchNorm1d.
   */
  record BatchNorm(double momentum, double epsilon, DataFormat dataFormat) implements NormSpec {
    public BatchNorm {
      if (!(momentum > 0 && momentum <= 1)) {
        throw new IllegalArgumentException("momentum must be in (0, 1], was " + momentum);
      }
      requireEpsilon(epsilon);
    }

    @Override
    public String type() {
      return "batch_norm";
    }

    @Override
    public boolean isAffine() {
      return true;
    }
  }

  /** The same over the last axis of each row. Source: torch.nn.LayerNorm. */
  record LayerNorm(double epsilon) implements NormSpec {
    public LayerNorm {
      requireEpsilon(epsilon);
    }

    @Override
    public String type() {
      return "layer_norm";
    }
  }

  /**
   * The same over each group of channels of a row, with all other axes; scaled and shifted per
   * channel. Source: torch.nn.GroupNorm.
   */
  record GroupNorm(int groups, double epsilon, DataFormat dataFormat) implements NormSpec {
    public GroupNorm {
      requireEpsilon(epsilon);
    }

    @Override
    public String type() {
      return "group_norm";
    }
  }

  private static void requireEpsilon(double epsilon) {
    if (!(epsilon > 0 && epsilon < 1)) {
      throw new IllegalArgumentException("epsilon must be in (0, 1), was " + epsilon);
    }
  }
}
