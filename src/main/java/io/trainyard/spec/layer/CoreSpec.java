package io.trainyard.spec.layer;

import io.trainyard.spec.weights.WeightRules;

/** The layers of every plain network: dense, activation, dropout, flatten. */
public sealed interface CoreSpec extends LayerSpec {
  /**
   * y = activation(x·Wᵀ + b) over the last axis of any rank.
   *
   * <p>Shapes: x [..., in], W [units, in], b [units], y [..., units]. Source: torch.nn.Linear.
   */
  record Dense(int units, ActivationSpec activation, boolean bias, WeightRules rules)
      implements CoreSpec {
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
  record Activation(ActivationSpec activation) implements CoreSpec {
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
  record Dropout(double rate) implements CoreSpec {
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
  record Flatten() implements CoreSpec {
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
