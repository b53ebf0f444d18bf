package io.trainyard.spec.training.optimizer;

import io.trainyard.json.JsonObject;
import io.trainyard.json.Typed;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How gradients change weights. Formulas and defaults are PyTorch's, those of the classical methods
 * MATLAB's. In the formulas w are the weights, g their gradient, lr the learning rate, and λ the
 * weight decay, which adds λ·w to g where nothing else is said. A name in a formula that is no
 * member stands for the optimizer's state, which starts at 0.
 */
public sealed interface OptimizerSpec extends Typed
    permits Sgd,
        AdamFamily,
        ScaledGradient,
        SignDescent,
        Lbfgs,
        GradientDescent,
        FullBatch,
        Perceptron {
  ScheduledNumber NO_DECAY = new ScheduledNumber(0);

  double learningRate();

  /** 0 for none. */
  default ScheduledNumber weightDecay() {
    return NO_DECAY;
  }

  /** Whether it has a member {@code weight_decay}. */
  default boolean decaysWeights() {
    return true;
  }

  /** Whether a change of the learning rate changes its later steps. */
  default boolean followsLearningRate() {
    return true;
  }

  /** What a training with it has where its members say nothing. */
  default TrainingDefaults defaults() {
    return TrainingDefaults.NONE;
  }

  /** How often a step computes a batch's loss again at most; 0: it needs one gradient. */
  default int maxEvaluations() {
    return 0;
  }

  /** Whether a step needs all rows. Then it computes in float64, and an epoch's loss is the new. */
  default boolean isFullBatch() {
    return false;
  }

  /** Whether it is for the losses that are sums of squares: mse and sse. */
  default boolean squaresOnly() {
    return false;
  }

  /** Whether it moves the weights by the outputs' errors, and the loss's gradient is not used. */
  default boolean learnsFromErrors() {
    return false;
  }

  /** The names of the numbers that an epoch reports beside its losses and metrics. */
  default List<String> reported() {
    return List.of();
  }

  /** The tensors of state that are as large as all weights together. */
  int stateTensors();

  /** The matrices of state with the square of the number of weights as elements. */
  default int squareMatrices() {
    return 0;
  }

  /** The optimizers by their names in JSON, in lower case. */
  enum Name {
    SGD,
    ADAM,
    ADAMW,
    NADAM,
    ADAMAX,
    RADAM,
    RMSPROP,
    ADAGRAD,
    ADADELTA,
    RPROP,
    LION,
    LBFGS,
    GRADIENT_DESCENT,
    GRADIENT_DESCENT_MOMENTUM,
    GRADIENT_DESCENT_ADAPTIVE,
    DELTA_BAR_DELTA,
    CONJUGATE_GRADIENT,
    SCALED_CONJUGATE_GRADIENT,
    BFGS,
    LEVENBERG_MARQUARDT,
    BAYESIAN_REGULARIZATION,
    PERCEPTRON,
    // MATLAB's names
    TRAINGD,
    TRAINGDM,
    TRAINGDA,
    TRAINGDX,
    TRAINRP,
    TRAINCGP,
    TRAINCGF,
    TRAINSCG,
    TRAINBFG,
    TRAINLM,
    TRAINBR;

    /** Whether it has MATLAB's defaults, among them that of epochs. */
    boolean isClassical() {
      return compareTo(GRADIENT_DESCENT) >= 0;
    }
  }

  private static @Nullable OptimizerSpec read(Name name, JsonObject optimizer) {
    return switch (name) {
      case SGD -> Sgd.read(optimizer);
      case ADAM -> AdamFamily.Adam.read(optimizer);
      case ADAMW -> AdamFamily.AdamW.read(optimizer);
      case NADAM -> AdamFamily.Nadam.read(optimizer);
      case ADAMAX -> AdamFamily.Adamax.read(optimizer);
      case RADAM -> AdamFamily.Radam.read(optimizer);
      case RMSPROP -> ScaledGradient.Rmsprop.read(optimizer);
      case ADAGRAD -> ScaledGradient.Adagrad.read(optimizer);
      case ADADELTA -> ScaledGradient.Adadelta.read(optimizer);
      case RPROP -> SignDescent.Rprop.read(optimizer);
      case LION -> SignDescent.Lion.read(optimizer);
      case LBFGS -> Lbfgs.read(optimizer);
      case GRADIENT_DESCENT, TRAINGD -> GradientDescent.Plain.read(optimizer);
      case GRADIENT_DESCENT_MOMENTUM, TRAINGDM -> GradientDescent.Momentum.read(optimizer);
      case GRADIENT_DESCENT_ADAPTIVE, TRAINGDA -> GradientDescent.Adaptive.read(optimizer, 0);
      case TRAINGDX -> GradientDescent.Adaptive.read(optimizer, 0.9);
      case DELTA_BAR_DELTA -> GradientDescent.DeltaBarDelta.read(optimizer);
      case TRAINRP -> GradientDescent.Resilient.read(optimizer);
      case CONJUGATE_GRADIENT, TRAINCGP ->
          ConjugateGradient.read(optimizer, ConjugateGradient.Update.POLAK_RIBIERE);
      case TRAINCGF -> ConjugateGradient.read(optimizer, ConjugateGradient.Update.FLETCHER_REEVES);
      case BFGS, TRAINBFG -> Bfgs.read(optimizer);
      case SCALED_CONJUGATE_GRADIENT, TRAINSCG -> ScaledConjugateGradient.read(optimizer);
      case BAYESIAN_REGULARIZATION, TRAINBR -> BayesianRegularization.read(optimizer);
      case LEVENBERG_MARQUARDT, TRAINLM -> LevenbergMarquardt.read(optimizer);
      case PERCEPTRON -> Perceptron.read(optimizer);
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
      optimizer.violateForAny(
          Arrays.stream(Name.values())
              .map(any -> (Consumer<JsonObject>) each -> each.untangled(m -> read(any, m)))
              .toList());
      return null;
    }
    OptimizerSpec spec = optimizer.untangled(members -> read(name, members));
    optimizer.finish();
    return spec;
  }

  /**
   * Whether a training may leave {@code epochs} out: with a classical optimizer, also where its
   * parameters are wrong.
   */
  static boolean hasDefaultEpochs(JsonObject training) {
    JsonNode json = training.get("optimizer");
    JsonNode name = json != null && json.isObject() ? json.get("type") : json;
    return name != null
        && name.isString()
        && Arrays.stream(Name.values())
            .filter(Name::isClassical)
            .anyMatch(each -> each.name().equalsIgnoreCase(name.stringValue()));
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
}
