package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import org.jspecify.annotations.Nullable;

/**
 * Classical gradient descent, with MATLAB's names and defaults: batches of all rows, at most 1000
 * epochs, goal 0, min_gradient 1e-5, and with validation rows max_fail 6. Each may be given.
 */
public sealed interface GradientDescent extends OptimizerSpec {
  double MIN_GRADIENT = 1e-5;

  @Override
  default TrainingDefaults defaults() {
    return TrainingDefaults.ofSteps(MIN_GRADIENT);
  }

  @Override
  default boolean decaysWeights() {
    return false;
  }

  /** w ← w − lr·g. Source: MATLAB's traingd. */
  record Plain(double learningRate) implements GradientDescent {
    public Plain {
      Parameters.requireRate(learningRate);
    }

    static @Nullable Plain read(JsonObject plain) {
      double learningRate = plain.number("learning_rate", 0.01);
      return plain.build(() -> new Plain(learningRate));
    }

    @Override
    public String type() {
      return "gradient_descent";
    }

    @Override
    public int stateTensors() {
      return 0;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("gradient_descent", "Steps down the gradient, by default of all rows.")
          .formula("w ← w − lr·g")
          .aliases("traingd")
          .names("torch.optim.SGD", "keras.optimizers.SGD", "traingd")
          .source("MATLAB's traingd")
          .member("learning_rate", Parameters.rate(0.01), "The learning rate.")
          .example("learning_rate", 0.01);
    }
  }

  /**
   * Δ ← mc·Δ − lr·(1 − mc)·g, w ← w + Δ; before the first step Δ is −lr·g. Source: MATLAB's
   * traingdm.
   *
   * @param momentum mc
   */
  record Momentum(double learningRate, double momentum) implements GradientDescent {
    public Momentum {
      Parameters.requireRate(learningRate);
      Parameters.requireShare("momentum", momentum);
    }

    static @Nullable Momentum read(JsonObject descent) {
      double learningRate = descent.number("learning_rate", 0.01);
      double momentum = descent.number("momentum", 0.9);
      return descent.build(() -> new Momentum(learningRate, momentum));
    }

    @Override
    public String type() {
      return "gradient_descent_momentum";
    }

    @Override
    public int stateTensors() {
      return 1;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as("gradient_descent_momentum", "Gradient descent with MATLAB's momentum.")
          .formula("Δw ← mc·Δw − lr·(1 − mc)·g; w ← w + Δw")
          .aliases("traingdm")
          .names("torch.optim.SGD(momentum, dampening)", null, "traingdm")
          .source("MATLAB's traingdm")
          .member("learning_rate", Parameters.rate(0.01), "The learning rate.")
          .member("momentum", Parameters.share(0.9), "mc: the share of the last step that goes on.")
          .example("learning_rate", 0.01);
    }
  }

  /**
   * A step as that of {@link Momentum} is tried on its batch. When the loss grows by more than the
   * factor max_perf_inc, the step is undone, lr ← lr_dec·lr and Δ ← −lr·g. Else it counts, and lr ←
   * lr_inc·lr if the loss fell. Source: MATLAB's traingda, and traingdx with a momentum.
   *
   * @param learningRate the first lr
   * @param momentum mc; 0 for traingda
   * @param increase lr_inc
   * @param decrease lr_dec
   * @param maxGrowth max_perf_inc
   */
  record Adaptive(
      double learningRate, double momentum, double increase, double decrease, double maxGrowth)
      implements GradientDescent {
    public Adaptive {
      Parameters.requireRate(learningRate);
      Parameters.requireShare("momentum", momentum);
      Parameters.requireAtLeastOne("lr_inc", increase);
      Parameters.requireFraction("lr_dec", decrease);
      Parameters.requireAtLeastOne("max_perf_inc", maxGrowth);
    }

    static @Nullable Adaptive read(JsonObject adaptive, double usualMomentum) {
      double learningRate = adaptive.number("learning_rate", 0.01);
      double momentum = adaptive.number("momentum", usualMomentum);
      double increase = adaptive.number("lr_inc", 1.05);
      double decrease = adaptive.number("lr_dec", 0.7);
      double maxGrowth = adaptive.number("max_perf_inc", 1.04);
      return adaptive.build(
          () -> new Adaptive(learningRate, momentum, increase, decrease, maxGrowth));
    }

    @Override
    public String type() {
      return "gradient_descent_adaptive";
    }

    @Override
    public boolean followsLearningRate() {
      return false;
    }

    @Override
    public int maxEvaluations() {
      return 1;
    }

    @Override
    public int stateTensors() {
      return 5;
    }

    /** What callers are told of it. */
    static Described described() {
      return Described.as(
              "gradient_descent_adaptive",
              "Gradient descent whose rate grows while the loss falls.")
          .formula(
              "lr ← lr_inc·lr after a decrease; lr_dec·lr, and the step undone, after a growth by"
                  + " more than max_perf_inc")
          .aliases("traingda")
          .names(null, null, "traingda")
          .source("MATLAB's traingda")
          .members(descent -> Adaptive.describe(descent, 0))
          .example("learning_rate", 0.01);
    }

    /** What callers are told of it. */
    static Described traingdx() {
      return Described.as("traingdx", "gradient_descent_adaptive with momentum.")
          .formula("as gradient_descent_adaptive, with Δw as gradient_descent_momentum")
          .names(null, null, "traingdx")
          .source("MATLAB's traingdx")
          .members(descent -> Adaptive.describe(descent, 0.9))
          .example("learning_rate", 0.01);
    }

    private static Described describe(Described descent, Number momentum) {
      return descent
          .member("learning_rate", Parameters.rate(0.01), "The learning rate.")
          .member(
              "momentum", Parameters.share(momentum), "The share of the last step that goes on.")
          .member(
              "lr_inc",
              Parameters.atLeastOne(1.05),
              "Times the rate after a step that lowered the loss.")
          .member("lr_dec", Parameters.fraction(0.7), "Times the rate after a step that is undone.")
          .member(
              "max_perf_inc",
              Parameters.atLeastOne(1.04),
              "The largest growth of the loss that is not undone.");
    }
  }

  /**
   * Each weight has its rate r, at first lr, and a mean of its past gradients m. Where m·g is
   * positive, r ← r + kappa; where it is negative, r ← (1 − phi)·r. Then w ← w − r·g and m ← (1 −
   * theta)·g + theta·m. Source: Jacobs 1988, "Increased rates of convergence through learning rate
   * adaptation".
   *
   * @param learningRate the first rate
   */
  record DeltaBarDelta(double learningRate, double kappa, double phi, double theta)
      implements GradientDescent {
    public DeltaBarDelta {
      Parameters.requireRate(learningRate);
      Parameters.requireNonNegative("kappa", kappa);
      Parameters.requireShare("phi", phi);
      Parameters.requireShare("theta", theta);
    }

    static @Nullable DeltaBarDelta read(JsonObject bar) {
      double learningRate = bar.number("learning_rate", 0.01);
      double kappa = bar.number("kappa", 0.001);
      double phi = bar.number("phi", 0.1);
      double theta = bar.number("theta", 0.7);
      return bar.build(() -> new DeltaBarDelta(learningRate, kappa, phi, theta));
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
      return Described.as("delta_bar_delta", "Each weight has its own rate.")
          .formula(
              "r ← r + kappa where m·g > 0, (1 − phi)·r where it is below; w ← w − r·g; m ← (1 −"
                  + " theta)·g + theta·m")
          .names(null, null, null)
          .source("Jacobs 1988")
          .member("learning_rate", Parameters.rate(0.01), "The first rate.")
          .member("kappa", Parameters.nonNegative(0.001), "Added to a rate.")
          .member("phi", Parameters.share(0.1), "The share by which a rate shrinks.")
          .member("theta", Parameters.share(0.7), "The decay of the mean of the gradients.")
          .example("learning_rate", 0.01);
    }
  }

  /**
   * Each weight has its step size s, at first delta0: s ← delt_inc·s where g has the sign of the
   * gradient before, s ← delt_dec·s where it has the other, at most deltamax; w ← w − s·sign(g).
   * Unlike rprop, a gradient that turned moves its weight too. Source: MATLAB's trainrp; Riedmiller
   * and Braun 1993.
   *
   * @param learningRate delta0
   * @param increase delt_inc
   * @param decrease delt_dec
   * @param largest deltamax
   */
  record Resilient(double learningRate, double increase, double decrease, double largest)
      implements GradientDescent {
    public Resilient {
      Parameters.requireAbove("delta0", learningRate);
      Parameters.requireAtLeastOne("delt_inc", increase);
      Parameters.requireFraction("delt_dec", decrease);
      Parameters.requireAbove("deltamax", largest);
    }

    static @Nullable Resilient read(JsonObject resilient) {
      double first = resilient.number("delta0", 0.07);
      double increase = resilient.number("delt_inc", 1.2);
      double decrease = resilient.number("delt_dec", 0.5);
      double largest = resilient.number("deltamax", 50);
      return resilient.build(() -> new Resilient(first, increase, decrease, largest));
    }

    @Override
    public String type() {
      return "trainrp";
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
              "trainrp",
              "Each weight has its own step size, as in rprop; a gradient that turned moves its"
                  + " weight too.")
          .formula("s ← delt_inc·s or delt_dec·s, at most deltamax; w ← w − s·sign(g)")
          .names("torch.optim.Rprop", null, "trainrp")
          .source("Riedmiller and Braun 1993; MATLAB's trainrp")
          .member("delta0", Parameters.above(0.07), "The first step size.")
          .member("delt_inc", Parameters.atLeastOne(1.2), "Times a step size where the sign stays.")
          .member("delt_dec", Parameters.fraction(0.5), "Times a step size where the sign turns.")
          .member("deltamax", Parameters.above(50), "The largest step size.")
          .example("delta0", 0.07);
    }
  }

  /** What callers are told of its optimizers. */
  static Family family() {
    return Family.of(
        "optimizer",
        "Gradient descent on all rows",
        Plain.described(),
        Momentum.described(),
        Adaptive.described(),
        Adaptive.traingdx(),
        DeltaBarDelta.described(),
        Resilient.described());
  }
}
