package io.trainyard.spec.training.optimizer;

import static io.trainyard.spec.description.MemberSchema.number;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import org.jspecify.annotations.Nullable;

/**
 * How μ changes, the number that makes a Gauss–Newton step shorter: μ ← mu_inc·μ while a step
 * doesn't lower what is minimized, which then is undone; μ ← mu_dec·μ, at least 1e-20, when it
 * does. Training ends with the reason {@code mu_max} when μ grows above mu_max. Source: MATLAB's
 * trainlm; Marquardt 1963.
 *
 * @param mu the first μ
 * @param decrease mu_dec
 * @param increase mu_inc
 * @param largest mu_max
 */
public record Damping(double mu, double decrease, double increase, double largest) {
  /** The least μ, which is MATLAB's. */
  public static final double SMALLEST = 1e-20;

  public Damping {
    Parameters.requireAbove("mu", mu);
    Parameters.requireFraction("mu_dec", decrease);
    JsonObject.require(
        increase > 1 && Double.isFinite(increase), "mu_inc must be above 1", increase);
    Parameters.requireAbove("mu_max", largest);
    if (!(mu <= largest)) {
      throw new IllegalArgumentException(
          "mu must be at most mu_max (%s), was %s".formatted(largest, mu));
    }
  }

  static @Nullable Damping read(JsonObject method, double usual) {
    double mu = method.number("mu", usual);
    double decrease = method.number("mu_dec", 0.1);
    double increase = method.number("mu_inc", 10);
    double largest = method.number("mu_max", 1e10);
    return method.build(() -> new Damping(mu, decrease, increase, largest));
  }

  /** The forward passes of a step: one for each μ from the least to mu_max at most. */
  int maxEvaluations() {
    return 3 + (int) (Math.log(largest / SMALLEST) / Math.log(increase));
  }

  /** Adds its members to a description. */
  static Described describe(Described method, double usual) {
    return method
        .member(
            "mu",
            Parameters.above(usual),
            "The first μ, which makes a step shorter; at most mu_max.")
        .member("mu_dec", Parameters.fraction(0.1), "Times μ after a step that lowered the loss.")
        .member("mu_inc", number().above(1).or(10), "Times μ while a step does not.")
        .member("mu_max", Parameters.above(1e10), "Training ends when μ grows above it.");
  }
}
