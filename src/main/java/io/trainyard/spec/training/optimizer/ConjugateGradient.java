package io.trainyard.spec.training.optimizer;

import static io.trainyard.spec.description.MemberSchema.choice;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import org.jspecify.annotations.Nullable;

/**
 * Conjugate gradient: d ← β·d − g, then w ← w + α·d, where a line search finds α: it meets the
 * strong Wolfe conditions with 1e-4 and 0.1. At first, at each n-th step of n weights, and where d
 * does not lead down, d is −g. The search starts at min(1, 1/Σ|g|), later at the length that
 * promises the same decrease as the step before. It computes loss and gradient at most 26 times.
 * Where it finds no lower loss, the next direction is −g; where it finds none along −g, training
 * ends with the reason {@code min_gradient}. MATLAB's defaults: at most 1000 epochs, goal 0,
 * min_gradient 1e-10, and with validation rows max_fail 6. Source: MATLAB's traincgp and traincgf,
 * which search by srchcha; Nocedal and Wright, Numerical Optimization, chapter 5.
 *
 * @param update the formula of β
 */
public record ConjugateGradient(Update update) implements FullBatch {
  private static final double MIN_GRADIENT = 1e-10;

  /** How β follows from the gradient and the one before. */
  public enum Update {
    /** (|g|² − gᵀg_before)/|g_before|²: traincgp. */
    POLAK_RIBIERE,
    /** |g|²/|g_before|²: traincgf. */
    FLETCHER_REEVES
  }

  static @Nullable ConjugateGradient read(JsonObject method, Update usual) {
    Update update = method.choice("update", usual);
    return method.build(() -> new ConjugateGradient(update));
  }

  @Override
  public TrainingDefaults defaults() {
    return TrainingDefaults.ofFullBatch(MIN_GRADIENT);
  }

  @Override
  public int maxEvaluations() {
    return LINE_SEARCH_EVALUATIONS;
  }

  /** The direction, weights and gradient before; the line search's weights and gradients. */
  @Override
  public int stateTensors() {
    return 8;
  }

  /** What callers are told of it. */
  static Described described() {
    return Described.as(
            "conjugate_gradient",
            "Conjugate directions with a line search, on all rows in float64.")
        .formula("d ← β·d − g; w ← w + α·d")
        .aliases("traincgp")
        .names(null, null, "traincgp")
        .source("MATLAB's traincgp; Nocedal and Wright, chapter 5")
        .member(
            "update",
            choice("polak_ribiere", "fletcher_reeves").or("polak_ribiere"),
            "The formula of β.")
        .example("update", "polak_ribiere");
  }

  /** What callers are told of it. */
  static Described traincgf() {
    return Described.as("traincgf", "conjugate_gradient with Fletcher and Reeves's β.")
        .formula("β = |g|²/|g_before|²")
        .names(null, null, "traincgf")
        .source("MATLAB's traincgf")
        .member(
            "update",
            choice("polak_ribiere", "fletcher_reeves").or("fletcher_reeves"),
            "The formula of β.")
        .example("update", "fletcher_reeves");
  }
}
