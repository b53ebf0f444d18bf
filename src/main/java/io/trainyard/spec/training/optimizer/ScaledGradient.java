package io.trainyard.spec.training.optimizer;

import static io.trainyard.spec.description.MemberSchema.bool;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import org.jspecify.annotations.Nullable;

/** Each gradient is divided by a mean or sum of its past squares. */
public sealed interface ScaledGradient extends OptimizerSpec {
  /**
   * v ← ρ·v + (1 − ρ)·g², w ← w − lr·g/(√v + ε); with momentum b ← μ·b + g/(√v + ε), w ← w − lr·b.
   * Source: torch.optim.RMSprop, whose alpha is ρ; Hinton 2012.
   *
   * @param rho ρ
   * @param epsilon ε
   * @param centered divides by √(v − a²), where a ← ρ·a + (1 − ρ)·g (Graves 2013)
   * @param momentum μ
   */
  record Rmsprop(
      double learningRate,
      double rho,
      double epsilon,
      boolean centered,
      double momentum,
      ScheduledNumber weightDecay)
      implements ScaledGradient {
    public Rmsprop {
      Parameters.requireRate(learningRate);
      Parameters.requireShare("rho", rho);
      Parameters.requireNonNegative("epsilon", epsilon);
      Parameters.requireNonNegative("momentum", momentum);
      Parameters.requireNonNegative("weight_decay", weightDecay.value());
    }

    static @Nullable Rmsprop read(JsonObject rmsprop) {
      double learningRate = rmsprop.number("learning_rate", 0.01);
      double rho = rmsprop.number("rho", 0.99);
      double epsilon = rmsprop.number("epsilon", 1e-8);
      boolean centered = rmsprop.bool("centered", false);
      double momentum = rmsprop.number("momentum", 0);
      ScheduledNumber weightDecay = ScheduledNumber.read(rmsprop, "weight_decay", 0);
      return rmsprop.build(
          () -> new Rmsprop(learningRate, rho, epsilon, centered, momentum, weightDecay));
    }

    @Override
    public int stateTensors() {
      return 1 + (centered ? 1 : 0) + (momentum > 0 ? 1 : 0);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("rmsprop", "Gradients divided by a running mean of their squares.")
          .formula("v ← ρ·v + (1 − ρ)·g²; w ← w − lr·g/(√v + ε)")
          .names(
              "torch.optim.RMSprop (alpha there is rho)",
              "keras.optimizers.RMSprop (rho 0.9 there)",
              "rmsprop")
          .source("Hinton 2012")
          .member("learning_rate", Parameters.rate(0.01), "The learning rate.")
          .member("rho", Parameters.share(0.99), "The decay of the mean of squares.")
          .member("epsilon", Parameters.nonNegative(1e-8), "Added to the denominator.")
          .member(
              "centered", bool(false), "Whether the mean gradient's square is subtracted from v.")
          .member("momentum", Parameters.nonNegative(0), "The share of the last step that goes on.")
          .member("weight_decay", Parameters.decay(0))
          .example("learning_rate", 0.01);
    }
  }

  /**
   * s ← s + g², w ← w − lr·g/(√s + ε). Source: torch.optim.Adagrad; Duchi, Hazan and Singer 2011.
   *
   * @param epsilon ε
   */
  record Adagrad(double learningRate, double epsilon, ScheduledNumber weightDecay)
      implements ScaledGradient {
    public Adagrad {
      Parameters.requireRate(learningRate);
      Parameters.requireNonNegative("epsilon", epsilon);
      Parameters.requireNonNegative("weight_decay", weightDecay.value());
    }

    static @Nullable Adagrad read(JsonObject adagrad) {
      double learningRate = adagrad.number("learning_rate", 0.01);
      double epsilon = adagrad.number("epsilon", 1e-10);
      ScheduledNumber weightDecay = ScheduledNumber.read(adagrad, "weight_decay", 0);
      return adagrad.build(() -> new Adagrad(learningRate, epsilon, weightDecay));
    }

    @Override
    public int stateTensors() {
      return 1;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("adagrad", "Gradients divided by the root of the sum of their squares.")
          .formula("s ← s + g²; w ← w − lr·g/(√s + ε)")
          .names("torch.optim.Adagrad", "keras.optimizers.Adagrad", null)
          .source("Duchi, Hazan and Singer 2011")
          .member("learning_rate", Parameters.rate(0.01), "The learning rate.")
          .member("epsilon", Parameters.nonNegative(1e-10), "Added to the denominator.")
          .member("weight_decay", Parameters.decay(0))
          .example("learning_rate", 0.01);
    }
  }

  /**
   * v ← ρ·v + (1 − ρ)·g², Δ = g·√(u + ε)/√(v + ε), u ← ρ·u + (1 − ρ)·Δ², w ← w − lr·Δ. Source:
   * torch.optim.Adadelta; Zeiler 2012.
   *
   * @param rho ρ
   * @param epsilon ε
   */
  record Adadelta(double learningRate, double rho, double epsilon, ScheduledNumber weightDecay)
      implements ScaledGradient {
    public Adadelta {
      Parameters.requireRate(learningRate);
      Parameters.requireShare("rho", rho);
      Parameters.requireNonNegative("epsilon", epsilon);
      Parameters.requireNonNegative("weight_decay", weightDecay.value());
    }

    static @Nullable Adadelta read(JsonObject adadelta) {
      double learningRate = adadelta.number("learning_rate", 1);
      double rho = adadelta.number("rho", 0.9);
      double epsilon = adadelta.number("epsilon", 1e-6);
      ScheduledNumber weightDecay = ScheduledNumber.read(adadelta, "weight_decay", 0);
      return adadelta.build(() -> new Adadelta(learningRate, rho, epsilon, weightDecay));
    }

    @Override
    public int stateTensors() {
      return 2;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("adadelta", "Steps whose size follows from the last steps.")
          .formula(
              "v ← ρ·v + (1 − ρ)·g²; Δ = g·√(u + ε)/√(v + ε); u ← ρ·u + (1 − ρ)·Δ²; w ← w − lr·Δ")
          .names("torch.optim.Adadelta", "keras.optimizers.Adadelta", null)
          .source("Zeiler 2012")
          .member("learning_rate", Parameters.rate(1), "The learning rate.")
          .member("rho", Parameters.share(0.9), "The decay of both means.")
          .member("epsilon", Parameters.nonNegative(1e-6), "Added under both roots.")
          .member("weight_decay", Parameters.decay(0))
          .example("learning_rate", 1);
    }
  }

  /** What callers are told of its optimizers. */
  static Family family() {
    return Family.of(
        "optimizer",
        "Gradients scaled by their past",
        Rmsprop.described(),
        Adagrad.described(),
        Adadelta.described());
  }
}
