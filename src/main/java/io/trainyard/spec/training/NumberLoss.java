package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The losses for numbers. p is the prediction, t the target, e = p − t, in encoded units. */
public sealed interface NumberLoss extends LossSpec {
  /** mean(e²). Source: torch.nn.MSELoss. */
  record Mse() implements NumberLoss {}

  /** mean(|e|). Source: torch.nn.L1Loss. */
  record Mae() implements NumberLoss {}

  /**
   * √mean(e²) over a batch's outputs and rows; its gradient where e = 0 everywhere is 0. Over
   * several batches of an evaluation, the root is taken at the end. Source: scikit-learn,
   * root_mean_squared_error.
   */
  record Rmse() implements NumberLoss {}

  /**
   * Σe² over the outputs, then the mean over the rows. Source: MATLAB, sse and trainAutoencoder.
   */
  record Sse() implements NumberLoss {}

  /** mean(½e² where |e| ≤ δ, else δ(|e| − ½δ)). Source: torch.nn.HuberLoss. */
  record Huber(double delta) implements NumberLoss {
    public Huber {
      requirePositive("delta", delta);
    }

    static @Nullable Huber read(JsonObject loss) {
      double delta = loss.number("delta", 1);
      return loss.build(() -> new Huber(delta));
    }
  }

  /** mean(log cosh e). Source: keras.losses.LogCosh. */
  record LogCosh() implements NumberLoss {}

  /** 100·mean(|e| / max(|t|, 1e-7)). Source: keras.losses.MeanAbsolutePercentageError. */
  record Mape() implements NumberLoss {}

  /**
   * mean((log(1 + max(p, 1e-7)) − log(1 + max(t, 1e-7)))²). Source:
   * keras.losses.MeanSquaredLogarithmicError.
   */
  record Msle() implements NumberLoss {}

  /**
   * mean(max(q·(t − p), (q − 1)·(t − p))): the prediction becomes the q-quantile. Source:
   * sklearn.metrics.mean_pinball_loss.
   *
   * @param q the share of values below the prediction; 0.5 is the median
   */
  record Quantile(double q) implements NumberLoss {
    public Quantile {
      JsonObject.require(q > 0 && q < 1, "q must be between 0 and 1", q);
    }

    static @Nullable Quantile read(JsonObject loss) {
      double q = loss.number("q", 0.5);
      return loss.build(() -> new Quantile(q));
    }
  }

  /** mean(½e²/β where |e| < β, else |e| − ½β). Source: torch.nn.SmoothL1Loss. */
  record SmoothL1(double beta) implements NumberLoss {
    public SmoothL1 {
      requirePositive("beta", beta);
    }

    static @Nullable SmoothL1 read(JsonObject loss) {
      double beta = loss.number("beta", 1);
      return loss.build(() -> new SmoothL1(beta));
    }
  }

  /**
   * mean(½(v + e²/exp v)): the output's last axis holds the means p, then as many log variances v.
   * Source: torch.nn.GaussianNLLLoss with the variance exp v.
   */
  record GaussianNll() implements NumberLoss {}

  /** mean(p − t·log(p + 1e-7)), p ≥ 0. Source: torch.nn.PoissonNLLLoss without log_input. */
  record Poisson() implements NumberLoss {}

  /**
   * 1 − p·t / max(‖p‖·‖t‖, 1e-8) along the last axis, then the mean. Source:
   * torch.nn.CosineSimilarity.
   */
  record Cosine() implements NumberLoss {}

  /**
   * The negative logarithm of Cox's partial likelihood with Efron's ties, divided by the number of
   * events. The rows of a batch are those at risk; a batch without an event has the loss 0 and no
   * gradient. An evaluation compares all its rows at once. p is the log risk. Source:
   * survival::coxph with ties = "efron".
   */
  record Cox() implements NumberLoss {}

  private static void requirePositive(String name, double number) {
    JsonObject.require(
        number > 0 && number <= 1e6, name + " must be above 0 and at most 1e6", number);
  }
}
