package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** How gradients change weights. Formulas and defaults are PyTorch's. */
public sealed interface OptimizerSpec {
  /** The name in JSON. */
  String type();

  double learningRate();

  /**
   * SGD with momentum, without dampening: v ← μ·v + g, w ← w − lr·v; with Nesterov w ← w − lr·(g +
   * μ·v). The weight decay λ adds λ·w to g. Source: torch.optim.SGD.
   */
  record Sgd(double learningRate, double momentum, boolean nesterov, double weightDecay)
      implements OptimizerSpec {
    public Sgd {
      requireRate(learningRate);
      requireNonNegative("momentum", momentum);
      requireNonNegative("weight_decay", weightDecay);
      if (nesterov && !(momentum > 0)) {
        throw new IllegalArgumentException("nesterov needs a momentum above 0");
      }
    }

    private static @Nullable Sgd read(JsonObject sgd) {
      double learningRate = sgd.number("learning_rate", 0.01);
      double momentum = sgd.number("momentum", 0);
      boolean nesterov = sgd.bool("nesterov", false);
      double weightDecay = sgd.number("weight_decay", 0);
      return sgd.build(() -> new Sgd(learningRate, momentum, nesterov, weightDecay));
    }

    @Override
    public String type() {
      return "sgd";
    }
  }

  /**
   * Adam: m and v are running means of g and g² with the decays β₁ and β₂, corrected for their
   * start at 0; w ← w − lr·m/(√v + ε). The weight decay λ adds λ·w to g. Source: torch.optim.Adam.
   */
  record Adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements OptimizerSpec {
    public Adam {
      requireAdam(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    private static @Nullable Adam read(JsonObject adam) {
      double learningRate = adam.number("learning_rate", 0.001);
      double beta1 = adam.number("beta_1", 0.9);
      double beta2 = adam.number("beta_2", 0.999);
      double epsilon = adam.number("epsilon", 1e-8);
      double weightDecay = adam.number("weight_decay", 0);
      return adam.build(() -> new Adam(learningRate, beta1, beta2, epsilon, weightDecay));
    }

    @Override
    public String type() {
      return "adam";
    }
  }

  /**
   * Adam with decoupled weight decay: first w ← w − lr·λ·w, then Adam's step with λ = 0. Source:
   * torch.optim.AdamW.
   */
  record AdamW(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements OptimizerSpec {
    public AdamW {
      requireAdam(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    private static @Nullable AdamW read(JsonObject adamW) {
      double learningRate = adamW.number("learning_rate", 0.001);
      double beta1 = adamW.number("beta_1", 0.9);
      double beta2 = adamW.number("beta_2", 0.999);
      double epsilon = adamW.number("epsilon", 1e-8);
      double weightDecay = adamW.number("weight_decay", 0.01);
      return adamW.build(() -> new AdamW(learningRate, beta1, beta2, epsilon, weightDecay));
    }

    @Override
    public String type() {
      return "adamw";
    }
  }

  /** The optimizers by their names in JSON, in lower case. */
  enum Name {
    SGD,
    ADAM,
    ADAMW
  }

  private static @Nullable OptimizerSpec read(Name name, JsonObject optimizer) {
    return switch (name) {
      case SGD -> Sgd.read(optimizer);
      case ADAM -> Adam.read(optimizer);
      case ADAMW -> AdamW.read(optimizer);
    };
  }

  /**
   * Reads the optimizer of a training object: a name, or an object with its parameters. Adam when
   * there is none; null when the violations say why not.
   */
  static @Nullable OptimizerSpec read(JsonObject training) {
    JsonNode json = training.get("optimizer");
    boolean object = json != null && !json.isString();
    JsonObject optimizer =
        object
            ? JsonObject.of(json, training.pointer("optimizer"), training.violations())
            : JsonObject.none(training.violations());
    long before = training.violations().count();
    Name name = name(training, object ? optimizer : null);
    if (training.violations().count() > before) {
      return null;
    }
    OptimizerSpec spec = read(name, optimizer);
    optimizer.finish();
    return spec;
  }

  private static Name name(JsonObject training, @Nullable JsonObject optimizer) {
    if (optimizer == null) {
      return training.choice("optimizer", Name.ADAM);
    }
    if (!optimizer.has("type")) {
      optimizer.requiredText("type");
    }
    return optimizer.choice("type", Name.ADAM);
  }

  private static void requireAdam(
      double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
    requireRate(learningRate);
    requireShare("beta_1", beta1);
    requireShare("beta_2", beta2);
    requireNonNegative("epsilon", epsilon);
    requireNonNegative("weight_decay", weightDecay);
  }

  private static void requireRate(double learningRate) {
    if (!(learningRate > 0 && learningRate <= 1e6)) {
      throw new IllegalArgumentException(
          "learning_rate must be above 0 and at most 1e6, was " + learningRate);
    }
  }

  private static void requireShare(String name, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException(name + " must be in [0, 1), was " + share);
    }
  }

  private static void requireNonNegative(String name, double number) {
    if (!(number >= 0 && Double.isFinite(number))) {
      throw new IllegalArgumentException(name + " must be at least 0, was " + number);
    }
  }
}
