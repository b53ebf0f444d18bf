package io.trainyard.spec.training;

/** How gradients change weights; formulas and defaults are PyTorch's. */
public sealed interface OptimizerSpec {
  String type();

  double learningRate();

  /** torch.optim.SGD. */
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

    @Override
    public String type() {
      return "sgd";
    }
  }

  /** torch.optim.Adam: the weight decay is added to the gradient. */
  record Adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements OptimizerSpec {
    public Adam {
      requireAdam(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public String type() {
      return "adam";
    }
  }

  /** torch.optim.AdamW: the weight decay shrinks the weights themselves; 0.01 by default. */
  record AdamW(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
      implements OptimizerSpec {
    public AdamW {
      requireAdam(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    @Override
    public String type() {
      return "adamw";
    }
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
