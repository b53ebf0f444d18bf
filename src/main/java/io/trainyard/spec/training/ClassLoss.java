package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * The losses for classes and probabilities. p is the prediction, t the target: a label as one-hot
 * numbers, or probabilities. Label smoothing ε replaces t by (1 − ε)·t + ε/K for K classes, K = 2
 * where each output is a question of its own.
 */
public sealed interface ClassLoss extends LossSpec {
  /** The share of a label's probability that label smoothing gives to all classes. */
  default double labelSmoothing() {
    return 0;
  }

  /**
   * −t·log p − (1 − t)·log(1 − p). Under a sigmoid output it is computed from the logits. Sources:
   * torch.nn.BCELoss, torch.nn.BCEWithLogitsLoss.
   *
   * @param fromLogits the output is the logit itself
   */
  record BinaryCrossentropy(boolean fromLogits, double labelSmoothing) implements ClassLoss {}

  /**
   * −Σt·log p over the classes: −log p of the true one. Under a softmax output it is computed from
   * the logits. Source: torch.nn.CrossEntropyLoss.
   *
   * @param fromLogits the output is the logits themselves
   */
  record CategoricalCrossentropy(boolean fromLogits, double labelSmoothing) implements ClassLoss {}

  /**
   * The cross-entropy with less weight on rows that are predicted well. Softmax: −α·Σt·(1 −
   * p)^γ·log p. Sigmoid: −α·t·(1 − p)^γ·log p − (1 − α)·(1 − t)·p^γ·log(1 − p). Logits of labels of
   * several units are softmax's, other logits sigmoid's. Sources: Lin et al. 2017;
   * torchvision.ops.sigmoid_focal_loss, keras.losses.CategoricalFocalCrossentropy.
   *
   * @param gamma 0 for the plain cross-entropy
   * @param alpha the weight of the second class, or of all classes under softmax
   */
  record Focal(double gamma, double alpha, boolean fromLogits, double labelSmoothing)
      implements ClassLoss {
    public Focal {
      JsonObject.require(gamma >= 0 && gamma <= 100, "gamma must be in [0, 100]", gamma);
      JsonObject.require(alpha > 0 && alpha < 1, "alpha must be between 0 and 1", alpha);
    }

    static @Nullable Focal read(JsonObject loss) {
      double gamma = loss.number("gamma", 2);
      double alpha = loss.number("alpha", 0.25);
      boolean fromLogits = loss.bool("from_logits", false);
      return loss.build(() -> new Focal(gamma, alpha, fromLogits, 0));
    }
  }

  /**
   * Σt·log(t/p) over the last axis, then the mean; 0·log 0 is 0. Under softmax or log_softmax it is
   * computed from the logits. Source: torch.nn.KLDivLoss with batchmean.
   *
   * @param fromLogits the output is the logits themselves
   */
  record KlDivergence(boolean fromLogits, double labelSmoothing) implements ClassLoss {}

  /**
   * −Σt·p over the classes, where p are the logarithms of log_softmax. Source: torch.nn.NLLLoss.
   */
  record Nll(double labelSmoothing) implements ClassLoss {}

  /**
   * mean(max(0, 1 − s·p)), s = −1 for the target 0, else s = t: 0 and 1 read as −1 and 1. Source:
   * keras.losses.Hinge.
   */
  record Hinge() implements ClassLoss {}

  /** mean(max(0, 1 − s·p)²), s as for hinge. Source: keras.losses.SquaredHinge. */
  record SquaredHinge() implements ClassLoss {}
}
