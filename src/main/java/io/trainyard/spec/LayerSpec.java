package io.trainyard.spec;

/**
 * What a layer computes; one record per type. Two exhaustive switches give it meaning: shapes and
 * weights in {@link ShapeInference}, native modules in the engine.
 */
public sealed interface LayerSpec {
  /** The type as callers write it. */
  String type();

  /** What the layer applies last; linear where there is none. */
  default ActivationSpec activation() {
    return ActivationSpec.LINEAR;
  }

  /** Whether no gradient comes through it, so that neither it nor what feeds it can learn. */
  default boolean hasNoGradient() {
    return activation().hasNoGradient();
  }

  /** What stops the gradient, in words. */
  default String gradientStopper() {
    return "the activation " + ActivationReader.name(activation().function());
  }

  /** How its weights start and are kept small; says nothing for a layer without weights. */
  default WeightRules rules() {
    return WeightRules.DEFAULT;
  }

  /**
   * y = activation(x·Wᵀ + b) over the last axis of any rank.
   *
   * <p>Shapes: x [..., in], W [units, in], b [units], y [..., units]. Source: torch.nn.Linear.
   */
  record Dense(int units, ActivationSpec activation, boolean bias, WeightRules rules)
      implements LayerSpec {
    public Dense {
      if (units < 1) {
        throw new IllegalArgumentException("units must be at least 1, was " + units);
      }
    }

    /** A dense layer with a bias and the default initializers. */
    public static Dense of(int units, ActivationSpec activation) {
      return new Dense(units, activation, true, WeightRules.DEFAULT);
    }

    @Override
    public String type() {
      return "dense";
    }
  }

  /** y = f(x), elementwise or over the last axis; the shape stays. */
  record Activation(ActivationSpec activation) implements LayerSpec {
    @Override
    public String type() {
      return "activation";
    }
  }

  /** In training each element is 0 with probability rate, else x / (1 − rate); else identity. */
  record Dropout(double rate) implements LayerSpec {
    public Dropout {
      if (!(rate >= 0 && rate < 1)) {
        throw new IllegalArgumentException("rate must be in [0, 1), was " + rate);
      }
    }

    @Override
    public String type() {
      return "dropout";
    }
  }

  /** All axes but the batch in one, row-major. */
  record Flatten() implements LayerSpec {
    @Override
    public String type() {
      return "flatten";
    }
  }

  /**
   * y = (x − μ)/√(σ² + epsilon)·weight + bias per feature of the last axis, over all other axes.
   *
   * <p>In training μ and σ² are the batch's (σ² divides by n); the running values move towards them
   * by momentum, the new batch's share, with the variance divided by n − 1. Otherwise they are the
   * running values. Source: torch.nn.BatchNorm1d.
   */
  record BatchNorm(double momentum, double epsilon) implements LayerSpec {
    public BatchNorm {
      if (!(momentum > 0 && momentum <= 1)) {
        throw new IllegalArgumentException("momentum must be in (0, 1], was " + momentum);
      }
      if (!(epsilon > 0 && epsilon < 1)) {
        throw new IllegalArgumentException("epsilon must be in (0, 1), was " + epsilon);
      }
    }

    @Override
    public String type() {
      return "batch_norm";
    }
  }
}
