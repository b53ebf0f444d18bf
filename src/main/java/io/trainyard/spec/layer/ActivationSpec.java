package io.trainyard.spec.layer;

import static java.lang.Double.NEGATIVE_INFINITY;
import static java.lang.Double.POSITIVE_INFINITY;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.json.Word;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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
    boolean learns =
        switch (function) {
          case LINEAR, SIGMOID, SOFTMAX, LOG_SOFTMAX, STEP, HARDLIMS -> false;
          default -> true;
        };
    if (!learns) {
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

  /** The activation of a name in any spelling, as {@code LeakyReLU}. */
  static Optional<String> named(String spelling) {
    return NAMES.keySet().stream()
        .filter(name -> NameAdvice.plain(name).equals(NameAdvice.plain(spelling)))
        .findFirst();
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
  }
}
