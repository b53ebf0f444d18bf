package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import org.jspecify.annotations.Nullable;

/** Steps along the sign of a gradient, not its size. */
public sealed interface SignDescent extends OptimizerSpec {
  /**
   * Each weight has its step size s, at first the learning rate: s ← 1.2·s where g has the sign of
   * the gradient before, s ← 0.5·s and g ← 0 where it has the other, within [1e-6, 50]; w ← w −
   * s·sign(g). For batches of all rows. Source: torch.optim.Rprop; Riedmiller and Braun 1993.
   *
   * @param learningRate the first step size
   */
  record Rprop(double learningRate) implements SignDescent {
    public Rprop {
      Parameters.requireRate(learningRate);
    }

    static @Nullable Rprop read(JsonObject rprop) {
      double learningRate = rprop.number("learning_rate", 0.01);
      return rprop.build(() -> new Rprop(learningRate));
    }

    @Override
    public boolean decaysWeights() {
      return false;
    }

    @Override
    public boolean followsLearningRate() {
      return false;
    }

    @Override
    public int stateTensors() {
      return 2;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "rprop",
              "Each weight has its own step size, which follows the signs of its gradients. For all"
                  + " rows at once.")
          .formula("s ← 1.2·s or 0.5·s, within [1e-6, 50]; w ← w − s·sign(g)")
          .names("torch.optim.Rprop", null, "trainrp")
          .source("Riedmiller and Braun 1993")
          .member("learning_rate", Parameters.rate(0.01), "The first step size.")
          .example("learning_rate", 0.01);
    }
  }

  /**
   * w ← w − lr·(sign(β₁·m + (1 − β₁)·g) + λ·w), then m ← β₂·m + (1 − β₂)·g. Source: Chen et al.
   * 2023, "Symbolic Discovery of Optimization Algorithms".
   *
   * @param beta1 β₁
   * @param beta2 β₂
   * @param weightDecay λ, decoupled from the gradient
   */
  record Lion(double learningRate, double beta1, double beta2, ScheduledNumber weightDecay)
      implements SignDescent {
    public Lion {
      Parameters.requireRate(learningRate);
      Parameters.requireShare("beta_1", beta1);
      Parameters.requireShare("beta_2", beta2);
      Parameters.requireNonNegative("weight_decay", weightDecay.value());
    }

    static @Nullable Lion read(JsonObject lion) {
      double learningRate = lion.number("learning_rate", 1e-4);
      double beta1 = lion.number("beta_1", 0.9);
      double beta2 = lion.number("beta_2", 0.99);
      ScheduledNumber weightDecay = ScheduledNumber.read(lion, "weight_decay", 0);
      return lion.build(() -> new Lion(learningRate, beta1, beta2, weightDecay));
    }

    @Override
    public int stateTensors() {
      return 1;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("lion", "Steps along the sign of a momentum.")
          .formula("w ← w − lr·(sign(β₁·m + (1 − β₁)·g) + λ·w); m ← β₂·m + (1 − β₂)·g")
          .names(null, "keras.optimizers.Lion", null)
          .source("Chen et al. 2023")
          .member("learning_rate", Parameters.rate(0.0001), "The learning rate.")
          .member("beta_1", Parameters.share(0.9), "The share of the momentum in the sign.")
          .member("beta_2", Parameters.share(0.99), "The decay of the momentum.")
          .member("weight_decay", Parameters.decay(0))
          .example("learning_rate", 0.0001);
    }
  }

  /** What callers are told of its optimizers. */
  static Family family() {
    return Family.of("optimizer", "Steps by sign", Rprop.described(), Lion.described());
  }
}
