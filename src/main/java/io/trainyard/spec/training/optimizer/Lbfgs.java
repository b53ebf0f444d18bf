package io.trainyard.spec.training.optimizer;

import static io.trainyard.spec.description.MemberSchema.choice;
import static io.trainyard.spec.description.MemberSchema.integer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import org.jspecify.annotations.Nullable;

/**
 * L-BFGS: steps along −H·g, where H approximates the inverse Hessian by the last changes of weights
 * and gradient. A step on one batch has several iterations, each of which computes the batch's loss
 * and gradient again, at most 1.25 × max_iterations times. It ends early when the largest element
 * of the gradient is at most 1e-7, or loss or weights change by less than 1e-9. Its state goes on
 * from batch to batch, so it suits batches of all rows. Source: torch.optim.LBFGS; Liu and Nocedal
 * 1989.
 *
 * @param learningRate the length of a step relative to −H·g; the first one is also divided by Σ|g|
 *     where that is above 1. A line search starts with it.
 * @param maxIterations iterations of a step
 * @param history the changes that H is made of
 */
public record Lbfgs(double learningRate, int maxIterations, int history, LineSearch lineSearch)
    implements OptimizerSpec {
  private static final int MAX = 10_000;

  public Lbfgs {
    Parameters.requireRate(learningRate);
  }

  /** How the length of a step is found. */
  public enum LineSearch {
    /** Every step has the length lr. */
    NONE,
    /** Until the loss falls enough and its slope is small (Nocedal and Wright, algorithm 3.5). */
    STRONG_WOLFE
  }

  static @Nullable Lbfgs read(JsonObject lbfgs) {
    double learningRate = lbfgs.number("learning_rate", 1);
    int maxIterations = lbfgs.integer("max_iterations", 20, 1, MAX);
    int history = lbfgs.integer("history", 10, 1, MAX);
    LineSearch lineSearch = lbfgs.choice("line_search", LineSearch.NONE);
    return lbfgs.build(() -> new Lbfgs(learningRate, maxIterations, history, lineSearch));
  }

  @Override
  public boolean decaysWeights() {
    return false;
  }

  @Override
  public int maxEvaluations() {
    return maxIterations * 5 / 4;
  }

  /**
   * The history; direction, weights and gradient before, and the line search's weights and
   * gradients.
   */
  @Override
  public int stateTensors() {
    return 2 * history + 9;
  }

  /** What callers are told of it. */
  static Described described() {
    return Described.as(
            "lbfgs",
            "Steps along an approximate inverse Hessian, made of the last changes. For batches of"
                + " all rows.")
        .formula("w ← w − α·H·g")
        .names("torch.optim.LBFGS (history_size 100 there)", null, "lbfgs")
        .source("Liu and Nocedal 1989; PyTorch's LBFGS")
        .member("learning_rate", Parameters.rate(1), "The length of a step relative to −H·g.")
        .member("max_iterations", integer(1, MAX).or(20), "Iterations of a step.")
        .member("history", integer(1, MAX).or(10), "The changes that H is made of.")
        .member(
            "line_search",
            choice("none", "strong_wolfe").or("none"),
            "How the length of a step is found.")
        .example("learning_rate", 1);
  }
}
