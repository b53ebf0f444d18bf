package io.trainyard.spec.training.optimizer;

import static io.trainyard.spec.description.MemberSchema.bool;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import org.jspecify.annotations.Nullable;

/**
 * Adam and its relatives: m and v are running means of g and g² with the decays β₁ and β₂. At step
 * t, m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) correct their start at 0.
 */
public sealed interface AdamFamily extends OptimizerSpec {
  /** The parameters that all of them have, by the names in the formulas. */
  Decays decays();

  @Override
  default double learningRate() {
    return decays().learningRate();
  }

  @Override
  default ScheduledNumber weightDecay() {
    return decays().weightDecay();
  }

  @Override
  default int stateTensors() {
    return 2;
  }

  /**
   * What all of them have.
   *
   * @param beta1 β₁
   * @param beta2 β₂
   * @param epsilon ε
   * @param weightDecay λ
   */
  record Decays(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      ScheduledNumber weightDecay) {
    public Decays {
      Parameters.requireRate(learningRate);
      Parameters.requireShare("beta_1", beta1);
      Parameters.requireShare("beta_2", beta2);
      Parameters.requireNonNegative("epsilon", epsilon);
      Parameters.requireNonNegative("weight_decay", weightDecay.value());
    }

    private static @Nullable Decays read(JsonObject adam, double rate, double decay) {
      double learningRate = adam.number("learning_rate", rate);
      double beta1 = adam.number("beta_1", 0.9);
      double beta2 = adam.number("beta_2", 0.999);
      double epsilon = adam.number("epsilon", 1e-8);
      ScheduledNumber weightDecay = ScheduledNumber.read(adam, "weight_decay", decay);
      return adam.build(() -> new Decays(learningRate, beta1, beta2, epsilon, weightDecay));
    }

    private static Described describe(Described adam, double rate, Number decay) {
      return adam.member("learning_rate", Parameters.rate(rate), "The learning rate.")
          .member("beta_1", Parameters.share(0.9), "The decay of the mean of the gradients.")
          .member("beta_2", Parameters.share(0.999), "The decay of the mean of their squares.")
          .member("epsilon", Parameters.nonNegative(1e-8), "Added to the denominator.")
          .member("weight_decay", Parameters.decay(decay));
    }
  }

  /**
   * w ← w − lr·m̂/(√v̂ + ε). Source: torch.optim.Adam; Kingma and Ba 2015.
   *
   * @param amsgrad uses the largest v so far in place of v (Reddi, Kale and Kumar 2018)
   */
  record Adam(Decays decays, boolean amsgrad) implements AdamFamily {
    static @Nullable Adam read(JsonObject adam) {
      Decays decays = Decays.read(adam, 0.001, 0);
      boolean amsgrad = adam.bool("amsgrad", false);
      return decays == null ? null : new Adam(decays, amsgrad);
    }

    @Override
    public int stateTensors() {
      return amsgrad ? 3 : 2;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("adam", "Steps scaled by running means of the gradient and its square.")
          .formula("w ← w − lr·m̂/(√v̂ + ε)")
          .names("torch.optim.Adam", "keras.optimizers.Adam (epsilon 1e-7 there)", "adam")
          .source("Kingma and Ba 2015; PyTorch's Adam")
          .members(adam -> Decays.describe(adam, 1e-3, 0))
          .member("amsgrad", bool(false), "Whether the largest mean of squares so far is used.")
          .example("learning_rate", 0.01);
    }
  }

  /**
   * Adam with decoupled weight decay: first w ← w − lr·λ·w, then Adam's step with λ = 0. Source:
   * torch.optim.AdamW; Loshchilov and Hutter 2019.
   *
   * @param amsgrad as Adam's
   */
  record AdamW(Decays decays, boolean amsgrad) implements AdamFamily {
    static @Nullable AdamW read(JsonObject adam) {
      Decays decays = Decays.read(adam, 0.001, 0.01);
      boolean amsgrad = adam.bool("amsgrad", false);
      return decays == null ? null : new AdamW(decays, amsgrad);
    }

    @Override
    public String type() {
      return "adamw";
    }

    @Override
    public int stateTensors() {
      return amsgrad ? 3 : 2;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("adamw", "Adam whose weight decay is apart from the gradient.")
          .formula("w ← w − lr·(m̂/(√v̂ + ε) + λ·w)")
          .names("torch.optim.AdamW", "keras.optimizers.AdamW", null)
          .source("Loshchilov and Hutter 2019")
          .members(adam -> Decays.describe(adam, 1e-3, 0.01))
          .member("amsgrad", bool(false), "Whether the largest mean of squares so far is used.")
          .example("learning_rate", 0.001);
    }
  }

  /**
   * Adam with Nesterov's momentum: μₜ = β₁·(1 − 0.96^(0.004·t)/2), and w ← w − lr·((1 − μₜ)·g/(1 −
   * Πμ) + μₜ₊₁·m/(1 − Πμ·μₜ₊₁))/(√v̂ + ε), where Πμ = μ₁·…·μₜ. Source: torch.optim.NAdam with its
   * momentum_decay of 0.004; Dozat 2016.
   */
  record Nadam(Decays decays) implements AdamFamily {
    static @Nullable Nadam read(JsonObject nadam) {
      Decays decays = Decays.read(nadam, 0.002, 0);
      return decays == null ? null : new Nadam(decays);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("nadam", "Adam with Nesterov's momentum.")
          .formula("as adam, with the momentum looked at ahead")
          .names("torch.optim.NAdam", "keras.optimizers.Nadam", null)
          .source("Dozat 2016; PyTorch's NAdam")
          .members(adam -> Decays.describe(adam, 2e-3, 0))
          .example("learning_rate", 0.002);
    }
  }

  /**
   * Adam by the largest gradient: u ← max(β₂·u, |g| + ε), w ← w − lr·m̂/u. Source:
   * torch.optim.Adamax; Kingma and Ba 2015.
   */
  record Adamax(Decays decays) implements AdamFamily {
    static @Nullable Adamax read(JsonObject adamax) {
      Decays decays = Decays.read(adamax, 0.002, 0);
      return decays == null ? null : new Adamax(decays);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "adamax", "Adam with the largest gradient in place of the mean of squares.")
          .formula("u ← max(β₂·u, |g| + ε); w ← w − lr·m̂/u")
          .names("torch.optim.Adamax", "keras.optimizers.Adamax", null)
          .source("Kingma and Ba 2015")
          .members(adam -> Decays.describe(adam, 2e-3, 0))
          .example("learning_rate", 0.002);
    }
  }

  /**
   * Adam that waits until the variance of v is small: with ρ∞ = 2/(1 − β₂) − 1 and ρ = ρ∞ −
   * 2t·β₂ᵗ/(1 − β₂ᵗ), w ← w − lr·m̂·r·√(1 − β₂ᵗ)/(√v + ε) where r² = (ρ − 4)(ρ − 2)ρ∞/((ρ∞ − 4)(ρ∞
   * − 2)ρ); while ρ ≤ 5, w ← w − lr·m̂. Source: torch.optim.RAdam; Liu et al. 2020.
   */
  record Radam(Decays decays) implements AdamFamily {
    static @Nullable Radam read(JsonObject radam) {
      Decays decays = Decays.read(radam, 0.001, 0);
      return decays == null ? null : new Radam(decays);
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("radam", "Adam that starts carefully: rectified.")
          .formula("as adam, scaled by the variance of v̂ once that is known")
          .names("torch.optim.RAdam", null, null)
          .source("Liu et al. 2020")
          .members(adam -> Decays.describe(adam, 1e-3, 0))
          .example("learning_rate", 0.001);
    }
  }

  /** What callers are told of its optimizers. */
  static Family family() {
    return Family.of(
        "optimizer",
        "Adam and its relatives",
        Adam.described(),
        AdamW.described(),
        Nadam.described(),
        Adamax.described(),
        Radam.described());
  }
}
