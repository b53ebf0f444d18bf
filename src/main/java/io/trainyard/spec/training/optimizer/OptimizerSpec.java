package io.trainyard.spec.training.optimizer;

import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.MemberReader;
import io.trainyard.json.Typed;
import io.trainyard.spec.description.Family;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import java.util.Arrays;
import java.util.List;
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
    SGD(Sgd::read),
    ADAM(AdamFamily.Adam::read),
    ADAMW(AdamFamily.AdamW::read),
    NADAM(AdamFamily.Nadam::read),
    ADAMAX(AdamFamily.Adamax::read),
    RADAM(AdamFamily.Radam::read),
    RMSPROP(ScaledGradient.Rmsprop::read),
    ADAGRAD(ScaledGradient.Adagrad::read),
    ADADELTA(ScaledGradient.Adadelta::read),
    RPROP(SignDescent.Rprop::read),
    LION(SignDescent.Lion::read),
    LBFGS(Lbfgs::read),
    GRADIENT_DESCENT(GradientDescent.Plain::read),
    GRADIENT_DESCENT_MOMENTUM(GradientDescent.Momentum::read),
    GRADIENT_DESCENT_ADAPTIVE(optimizer -> GradientDescent.Adaptive.read(optimizer, 0)),
    DELTA_BAR_DELTA(GradientDescent.DeltaBarDelta::read),
    CONJUGATE_GRADIENT(
        optimizer -> ConjugateGradient.read(optimizer, ConjugateGradient.Update.POLAK_RIBIERE)),
    SCALED_CONJUGATE_GRADIENT(ScaledConjugateGradient::read),
    BFGS(Bfgs::read),
    LEVENBERG_MARQUARDT(LevenbergMarquardt::read),
    BAYESIAN_REGULARIZATION(BayesianRegularization::read),
    PERCEPTRON(Perceptron::read),
    // MATLAB's names
    TRAINGD(GradientDescent.Plain::read),
    TRAINGDM(GradientDescent.Momentum::read),
    TRAINGDA(optimizer -> GradientDescent.Adaptive.read(optimizer, 0)),
    TRAINGDX(optimizer -> GradientDescent.Adaptive.read(optimizer, 0.9)),
    TRAINRP(GradientDescent.Resilient::read),
    TRAINCGP(
        optimizer -> ConjugateGradient.read(optimizer, ConjugateGradient.Update.POLAK_RIBIERE)),
    TRAINCGF(
        optimizer -> ConjugateGradient.read(optimizer, ConjugateGradient.Update.FLETCHER_REEVES)),
    TRAINSCG(ScaledConjugateGradient::read),
    TRAINBFG(Bfgs::read),
    TRAINLM(LevenbergMarquardt::read),
    TRAINBR(BayesianRegularization::read);

    @SuppressWarnings("ImmutableEnumChecker") // a reader has no state
    private final MemberReader<OptimizerSpec> reader;

    Name(MemberReader<OptimizerSpec> reader) {
      this.reader = reader;
    }

    /** Whether it has a number of epochs by default, which a record without members says. */
    private boolean hasDefaultEpochs() {
      OptimizerSpec bare = reader.read(JsonObject.none(new Violations()));
      return bare != null && bare.defaults().epochs() > 0;
    }
  }

  /** What callers are told of each family. */
  static List<Family> described() {
    return List.of(
        Family.of("optimizer", "Stochastic gradient descent", Sgd.described()),
        AdamFamily.family(),
        ScaledGradient.family(),
        SignDescent.family(),
        Family.of("optimizer", "L-BFGS", Lbfgs.described()),
        GradientDescent.family(),
        FullBatch.family(),
        Family.of("optimizer", "The perceptron rule", Perceptron.described()));
  }

  /**
   * Reads the optimizer of a training object: a name, or an object with its parameters. Adam when
   * there is none; null when the violations say why not.
   */
  static @Nullable OptimizerSpec read(JsonObject training) {
    JsonNode json = training.get("optimizer");
    JsonObject optimizer = json == null || json.isString() ? null : training.object("optimizer");
    return training.kind("optimizer", optimizer, Name.ADAM, name -> name.reader);
  }

  /**
   * Whether a training may leave {@code epochs} out. Its optimizer decides, also where the
   * parameters of that are wrong.
   */
  static boolean hasDefaultEpochs(JsonObject training) {
    JsonNode json = training.get("optimizer");
    JsonNode name = json != null && json.isObject() ? json.get("type") : json;
    return name != null
        && name.isString()
        && Arrays.stream(Name.values())
            .filter(each -> each.name().equalsIgnoreCase(name.stringValue()))
            .anyMatch(Name::hasDefaultEpochs);
  }
}
