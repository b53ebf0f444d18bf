package io.trainyard.spec.layer;

import static io.trainyard.spec.description.MemberSchema.bool;
import static io.trainyard.spec.description.MemberSchema.number;
import static java.lang.Double.NEGATIVE_INFINITY;
import static java.lang.Double.POSITIVE_INFINITY;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.json.Word;
import io.trainyard.spec.description.Described;
import io.trainyard.spec.description.Family;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An activation with its parameter.
 *
 * @param learned whether it is x + a·(f(x) − x) with a trained for each unit, from 1
 * @param alpha the slope or scale of leaky_relu and elu; ignored by the others
 */
public record ActivationSpec(Function function, double alpha, boolean learned) {
  /** The weight a of a learned activation. */
  public static final String SHARE = "a";

  public static final ActivationSpec LINEAR = new ActivationSpec(Function.LINEAR, 0);

  /** Every name a caller may write: each function's own, then MATLAB's and Keras's. */
  private static final Map<String, Function> NAMES = new LinkedHashMap<>();

  static {
    for (Function function : Function.values()) {
      NAMES.put(function.word(), function);
    }
    NAMES.put("purelin", Function.LINEAR);
    NAMES.put("identity", Function.LINEAR);
    NAMES.put("hardlim", Function.STEP);
    NAMES.put("logsig", Function.SIGMOID);
    NAMES.put("tansig", Function.TANH);
    NAMES.put("poslin", Function.RELU);
    NAMES.put("elliotsig", Function.SOFTSIGN);
    NAMES.put("swish", Function.SILU);
  }

  public ActivationSpec {
    if (!Double.isFinite(alpha)) {
      throw new IllegalArgumentException("alpha must be a finite number, was " + alpha);
    }
  }

  public ActivationSpec(Function function, double alpha) {
    this(function, alpha, false);
  }

  /** A function with its default parameter. */
  public static ActivationSpec of(Function function) {
    return new ActivationSpec(function, function.defaultAlpha());
  }

  /** A layer's member {@code activation}; linear when it is missing or refused. */
  static ActivationSpec read(JsonObject layer) {
    return read(layer, "activation");
  }

  /** A name or alias, or an object with its parameter; linear when it is missing or refused. */
  static ActivationSpec read(JsonObject members, String member) {
    JsonNode json = members.get(member);
    if (json == null) {
      return LINEAR;
    }
    if (json.isObject()) {
      JsonObject object = JsonObject.of(json, members.pointer(member), members.violations());
      Function function = function(object, "function");
      ActivationSpec activation = function == null ? LINEAR : of(function).with(object);
      object.finish();
      return activation;
    }
    Function function = function(members, member);
    return function == null ? LINEAR : of(function);
  }

  /** This activation with the object's {@code alpha} and {@code learned}, where it has them. */
  ActivationSpec with(JsonObject object) {
    ActivationSpec own = withAlpha(object);
    if (!object.bool("learned", learned)) {
      return own.learned ? new ActivationSpec(own.function, own.alpha) : own;
    }
    if (!function.learns()) {
      object.violate(
          "learned",
          "A mixture of x and %s is %s; leave 'learned' out"
              .formatted(
                  function.word(),
                  function == Function.LINEAR
                      ? "x again"
                      : hasNoGradient() ? "no function with two values" : "no probability"));
      return own;
    }
    return new ActivationSpec(own.function, own.alpha, true);
  }

  private ActivationSpec withAlpha(JsonObject object) {
    if (!object.has("alpha")) {
      return this;
    }
    double given = object.number("alpha", alpha);
    if (!function.takesAlpha()) {
      object.violate("alpha", "Only leaky_relu and elu have an 'alpha'");
      return this;
    }
    return new ActivationSpec(function, given);
  }

  private static @Nullable Function function(JsonObject members, String member) {
    String name = members.requiredText(member);
    if (!members.hasText(member)) {
      return null;
    }
    Function function = NAMES.get(name);
    if (function == null) {
      members.violate(
          member,
          "There is no activation '%s'%s"
              .formatted(
                  JsonObject.shorten(name),
                  NameAdvice.before(
                      "there are " + String.join(", ", NAMES.keySet()), name, NAMES.keySet())));
    }
    return function;
  }

  /** What callers are told of the functions. */
  public static Family described() {
    return new Family(
        "activation",
        "Activations",
        Stream.of(Function.values()).map(Function::described).toList());
  }

  /** The activation of a name in any spelling, as {@code LeakyReLU}. */
  static Optional<String> named(String spelling) {
    return NAMES.keySet().stream()
        .filter(name -> NameAdvice.plain(name).equals(NameAdvice.plain(spelling)))
        .findFirst();
  }

  /** Its value where it is computed for each element alone. */
  public double at(double x) {
    return function.at(x, alpha);
  }

  /** Whether an output depends on all elements of the last axis. */
  public boolean runsAlongAxis() {
    return function == Function.SOFTMAX || function == Function.LOG_SOFTMAX;
  }

  /** Whether it changes nothing. */
  public boolean isLinear() {
    return function == Function.LINEAR;
  }

  /** Whether its gradient is 0 everywhere, so that no layer before it can learn. */
  public boolean hasNoGradient() {
    return function == Function.STEP || function == Function.HARDLIMS;
  }

  /** Whether every output lies in [0, 1]. */
  public boolean staysInUnitInterval() {
    return !learned && function.min() >= 0 && function.max() <= 1;
  }

  /** Whether every output lies in a finite range. */
  public boolean isBounded() {
    return !learned && Double.isFinite(function.min()) && Double.isFinite(function.max());
  }

  /** Whether both values are outputs, or limits of outputs. */
  public boolean reaches(double min, double max) {
    return learned || (min >= function.min() && max <= function.max());
  }

  /** Whether a unit can be dead: its output 0, and no gradient through it. */
  public boolean isRectified() {
    return !learned && (function == Function.RELU || function == Function.RELU6);
  }

  /** Whether it is nearly flat towards two bounds. */
  public boolean saturates() {
    return !learned && isFlatTowardsBounds();
  }

  private boolean isFlatTowardsBounds() {
    return switch (function) {
      case SIGMOID, TANH, SOFTSIGN, HARD_SIGMOID, HARD_TANH, SATLIN, SATLINS -> true;
      default -> false;
    };
  }

  /** Whether no output lies below 0. */
  public boolean isNonNegative() {
    return !learned && function.min() >= 0;
  }

  /** The functions, each with a lower and an upper bound of its outputs. */
  public enum Function implements Word {
    /** x. */
    LINEAR(NEGATIVE_INFINITY, POSITIVE_INFINITY),
    /** 1 for x ≥ 0, else 0. */
    STEP(0, 1),
    /** 1 for x ≥ 0, else −1. */
    HARDLIMS(-1, 1),
    /** 1/(1 + e^−x). */
    SIGMOID(0, 1),
    /** (e^x − e^−x)/(e^x + e^−x). */
    TANH(-1, 1),
    /** max(x, 0). */
    RELU(0, POSITIVE_INFINITY),
    /** min(max(x, 0), 6). */
    RELU6(0, 6),
    /** x for x ≥ 0, else alpha·x; alpha 0.01. */
    LEAKY_RELU(NEGATIVE_INFINITY, POSITIVE_INFINITY),
    /** x for x ≥ 0, else alpha·(e^x − 1); alpha 1. */
    ELU(NEGATIVE_INFINITY, POSITIVE_INFINITY),
    /** 1.0507·elu(x, 1.67326). */
    SELU(-1.7581, POSITIVE_INFINITY),
    /** x·Φ(x), exact. */
    GELU(-0.17, POSITIVE_INFINITY),
    /** x·sigmoid(x). */
    SILU(-0.2785, POSITIVE_INFINITY),
    /** x·tanh(softplus(x)). */
    MISH(-0.3088, POSITIVE_INFINITY),
    /** log(1 + e^x). */
    SOFTPLUS(0, POSITIVE_INFINITY),
    /** x/(1 + |x|). */
    SOFTSIGN(-1, 1),
    /** e^x over its sum along the last axis. */
    SOFTMAX(0, 1),
    /** x − log Σ e^x along the last axis. */
    LOG_SOFTMAX(NEGATIVE_INFINITY, 0),
    /** relu6(x + 3)/6. */
    HARD_SIGMOID(0, 1),
    /** min(max(x, −1), 1). */
    HARD_TANH(-1, 1),
    /** min(max(x, 0), 1). */
    SATLIN(0, 1),
    /** min(max(x, −1), 1). */
    SATLINS(-1, 1),
    /** e^(−x²). */
    RADBAS(0, 1),
    /** e^x. */
    EXPONENTIAL(0, POSITIVE_INFINITY);

    private static final double SELU_SCALE = 1.0507009873554805;
    private static final double SELU_ALPHA = 1.6732632423543772;

    /** Above it, softplus is x, as in torch.nn.functional.softplus. */
    private static final double SOFTPLUS_LINEAR = 20;

    private final double min;
    private final double max;

    Function(double min, double max) {
      this.min = min;
      this.max = max;
    }

    /** A lower bound of the outputs. */
    public double min() {
      return min;
    }

    /** An upper bound of the outputs. */
    public double max() {
      return max;
    }

    private boolean takesAlpha() {
      return this == LEAKY_RELU || this == ELU;
    }

    private double defaultAlpha() {
      return this == LEAKY_RELU ? 0.01 : this == ELU ? 1 : 0;
    }

    /**
     * Whether it may be {@code learned}: mixed with x, a linear function would be x again, sigmoid
     * and softmax no probability, and steps would have no gradient.
     */
    private boolean learns() {
      return switch (this) {
        case LINEAR, SIGMOID, SOFTMAX, LOG_SOFTMAX, STEP, HARDLIMS -> false;
        default -> true;
      };
    }

    /** Its value, within 1e-6 of libtorch's relative to the larger of 1 and the value. */
    private double at(double x, double alpha) {
      return switch (this) {
        case LINEAR -> x;
        case STEP -> x >= 0 ? 1 : 0;
        case HARDLIMS -> x >= 0 ? 1 : -1;
        case SIGMOID -> sigmoid(x);
        case TANH -> Math.tanh(x);
        case RELU -> Math.max(x, 0);
        case RELU6 -> clip(x, 0, 6);
        case LEAKY_RELU -> x >= 0 ? x : alpha * x;
        case ELU -> x >= 0 ? x : alpha * Math.expm1(x);
        case SELU -> SELU_SCALE * (x >= 0 ? x : SELU_ALPHA * Math.expm1(x));
        case GELU -> x * complementaryError(-x / Math.sqrt(2)) / 2;
        case SILU -> x * sigmoid(x);
        case MISH -> x * Math.tanh(softplus(x));
        case SOFTPLUS -> softplus(x);
        case SOFTSIGN -> x / (1 + Math.abs(x));
        case HARD_SIGMOID -> clip(x + 3, 0, 6) / 6;
        case HARD_TANH, SATLINS -> clip(x, -1, 1);
        case SATLIN -> clip(x, 0, 1);
        case RADBAS -> Math.exp(-x * x);
        case EXPONENTIAL -> Math.exp(x);
        case SOFTMAX, LOG_SOFTMAX ->
            throw new IllegalArgumentException("it depends on all elements of a row");
      };
    }

    private static double sigmoid(double x) {
      return 1 / (1 + Math.exp(-x));
    }

    private static double softplus(double x) {
      return x > SOFTPLUS_LINEAR ? x : Math.log1p(Math.exp(x));
    }

    /** NaN stays NaN. */
    private static double clip(double x, double least, double most) {
      return Math.min(Math.max(x, least), most);
    }

    /**
     * erfc(x) with a relative error below 1.2e-7. Source: W. Press et al., "Numerical Recipes"
     * (1992), 6.2.
     */
    private static double complementaryError(double x) {
      double z = Math.abs(x);
      double t = 1 / (1 + z / 2);
      double polynomial =
          -1.26551223
              + t
                  * (1.00002368
                      + t
                          * (0.37409196
                              + t
                                  * (0.09678418
                                      + t
                                          * (-0.18628806
                                              + t
                                                  * (0.27886807
                                                      + t
                                                          * (-1.13520398
                                                              + t
                                                                  * (1.48851587
                                                                      + t
                                                                          * (-0.82215223
                                                                              + t
                                                                                  * 0.17087277))))))));
      double tail = t * Math.exp(-z * z + polynomial);
      return x >= 0 ? tail : 2 - tail;
    }

    /** What callers are told of it. */
    private Described described() {
      return switch (this) {
        case LINEAR ->
            as("Nothing: the input itself.")
                .formula("x")
                .names("torch.nn.Identity", "linear", "purelin")
                .source("PyTorch");
        case STEP ->
            as("1 from 0 on, else 0. It has no gradient.")
                .formula("1 for x ≥ 0, else 0")
                .names("torch.heaviside", null, "hardlim")
                .source("MATLAB's hardlim");
        case HARDLIMS ->
            as("1 from 0 on, else −1. It has no gradient.")
                .formula("1 for x ≥ 0, else −1")
                .names(null, null, "hardlims")
                .source("MATLAB's hardlims");
        case SIGMOID ->
            as("A smooth step from 0 to 1.")
                .formula("1/(1 + e^−x)")
                .names("torch.nn.Sigmoid", "sigmoid", "logsig")
                .source("PyTorch");
        case TANH ->
            as("A smooth step from −1 to 1.")
                .formula("(e^x − e^−x)/(e^x + e^−x)")
                .names("torch.nn.Tanh", "tanh", "tansig")
                .source("PyTorch");
        case RELU ->
            as("x where it is positive, else 0.")
                .formula("max(x, 0)")
                .names("torch.nn.ReLU", "relu", "poslin")
                .source("PyTorch");
        case RELU6 ->
            as("relu with at most 6.")
                .formula("min(max(x, 0), 6)")
                .names("torch.nn.ReLU6", "relu6", "clippedReluLayer(6)")
                .source("PyTorch");
        case LEAKY_RELU ->
            as("relu with a small slope below 0.")
                .formula("x for x ≥ 0, else alpha·x")
                .names("torch.nn.LeakyReLU", "leaky_relu (0.2 there)", "leakyReluLayer")
                .source("PyTorch")
                .member("alpha", number().or(0.01), "The slope below 0.")
                .example("alpha", 0.2);
        case ELU ->
            as("relu with a smooth bend towards −alpha.")
                .formula("x for x ≥ 0, else alpha·(e^x − 1)")
                .names("torch.nn.ELU", "elu", "eluLayer")
                .source("PyTorch")
                .member("alpha", number().or(1.0), "The bound below 0.")
                .example("alpha", 0.2);
        case SELU ->
            as("A scaled elu that keeps mean and variance.")
                .formula("1.0507·elu(x, 1.67326)")
                .names("torch.nn.SELU", "selu", null)
                .source("Klambauer et al. 2017");
        case GELU ->
            as("x times the normal distribution function of x.")
                .formula("x·Φ(x), exact")
                .names("torch.nn.GELU", "gelu", "geluLayer")
                .source("Hendrycks and Gimpel 2016");
        case SILU ->
            as("x times its sigmoid.")
                .formula("x·sigmoid(x)")
                .names("torch.nn.SiLU", "silu", "swishLayer")
                .source("PyTorch");
        case MISH ->
            as("A smooth relu.")
                .formula("x·tanh(softplus(x))")
                .names("torch.nn.Mish", "mish", null)
                .source("Misra 2019");
        case SOFTPLUS ->
            as("A smooth relu, always positive.")
                .formula("log(1 + e^x)")
                .names("torch.nn.Softplus", "softplus", "softplusLayer")
                .source("PyTorch");
        case SOFTSIGN ->
            as("A slow step from −1 to 1.")
                .formula("x/(1 + |x|)")
                .names("torch.nn.Softsign", "softsign", "elliotsig")
                .source("PyTorch");
        case SOFTMAX ->
            as("Probabilities that sum to 1 along the last axis.")
                .formula("e^x/Σe^x")
                .names("torch.nn.Softmax(-1)", "softmax", "softmax")
                .source("PyTorch");
        case LOG_SOFTMAX ->
            as("The logarithms of softmax.")
                .formula("x − log Σe^x along the last axis")
                .names("torch.nn.LogSoftmax(-1)", "log_softmax", null)
                .source("PyTorch");
        case HARD_SIGMOID ->
            as("A straight step from 0 to 1.")
                .formula("relu6(x + 3)/6")
                .names("torch.nn.Hardsigmoid", "hard_sigmoid", null)
                .source("PyTorch");
        case HARD_TANH ->
            as("x within −1 and 1, else the bound.")
                .formula("min(max(x, −1), 1)")
                .names("torch.nn.Hardtanh", "hard_tanh", null)
                .source("PyTorch");
        case SATLIN ->
            as("x within 0 and 1, else the bound.")
                .formula("min(max(x, 0), 1)")
                .names(null, null, "satlin")
                .source("MATLAB's satlin");
        case SATLINS ->
            as("x within −1 and 1, else the bound.")
                .formula("min(max(x, −1), 1)")
                .names("torch.nn.Hardtanh", "hard_tanh", "satlins")
                .source("MATLAB's satlins");
        case RADBAS ->
            as("A bell around 0.")
                .formula("e^(−x²)")
                .names(null, null, "radbas")
                .source("MATLAB's radbas");
        case EXPONENTIAL ->
            as("e to the power of x.")
                .formula("e^x")
                .names("torch.exp", "exponential", null)
                .source("Keras");
      };
    }

    private Described as(String summary) {
      String[] aliases =
          NAMES.entrySet().stream()
              .filter(name -> name.getValue() == this)
              .map(Map.Entry::getKey)
              .filter(name -> !name.equals(word()))
              .toArray(String[]::new);
      Described described = Described.as(word(), summary).aliases(aliases);
      return learns()
          ? described.member(
              "learned",
              bool(false),
              "Whether it is x + a·(f(x) − x), with a weight a for each unit, from 1.")
          : described;
    }
  }
}
