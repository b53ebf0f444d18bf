package io.trainyard.spec.layer;

import java.util.List;

/**
 * What a layer computes; one record per type. Two exhaustive switches give it meaning: shapes and
 * weights in {@code ShapeInference}, native modules in the engine.
 */
public sealed interface LayerSpec
    permits LayerSpec.Dense,
        LayerSpec.Activation,
        LayerSpec.Dropout,
        LayerSpec.Flatten,
        ConvolutionSpec,
        PoolSpec,
        NormSpec,
        RecurrentSpec,
        AttentionSpec,
        EmbeddingSpec,
        NoiseSpec,
        ElementwiseSpec,
        RearrangementSpec,
        MergeSpec,
        LambdaSpec,
        NestedSpec {
  /** The type as callers write it. */
  String type();

  /** What the layer applies last; linear where there is none. */
  default ActivationSpec activation() {
    return ActivationSpec.LINEAR;
  }

  /**
   * Whether, its activation aside, its output is a linear function of its input plus a constant.
   */
  default boolean isAffine() {
    return false;
  }

  /** Whether no gradient reaches its own weights. */
  default boolean hasNoGradient() {
    return activation().hasNoGradient();
  }

  /** Whether a gradient comes through to one of its inputs. */
  default boolean passesGradient(List<String> inputs, int input) {
    return !hasNoGradient();
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

    @Override
    public boolean isAffine() {
      return true;
    }
  }

  /** y = f(x), elementwise or over the last axis; the shape stays. */
  record Activation(ActivationSpec activation) implements LayerSpec {
    @Override
    public String type() {
      return "activation";
    }

    @Override
    public boolean isAffine() {
      return true;
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

    @Override
    public boolean isAffine() {
      return true;
    }
  }

  /** All axes but the batch in one, row-major. */
  record Flatten() implements LayerSpec {
    @Override
    public String type() {
      return "flatten";
    }

    @Override
    public boolean isAffine() {
      return true;
    }
  }
}
