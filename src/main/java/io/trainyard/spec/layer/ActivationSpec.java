package io.trainyard.spec.layer;

/**
 * An activation with its parameter.
 *
 * @param alpha the slope or scale of the functions that take one; ignored by the others
 */
public record ActivationSpec(Function function, double alpha) {
  public static final ActivationSpec LINEAR = new ActivationSpec(Function.LINEAR, 0);

  public ActivationSpec {
    if (!Double.isFinite(alpha)) {
      throw new IllegalArgumentException("alpha must be a finite number, was " + alpha);
    }
  }

  /** A function with its default parameter. */
  public static ActivationSpec of(Function function) {
    return new ActivationSpec(function, function.defaultAlpha());
  }

  /** Whether elements of the last axis depend on each other. */
  public boolean runsAlongAxis() {
    return function == Function.SOFTMAX || function == Function.LOG_SOFTMAX;
  }

  /** Whether its values never leave [0, 1]. */
  public boolean staysWithinUnit() {
    return switch (function) {
      case STEP, SIGMOID, SOFTMAX, HARD_SIGMOID, SATLIN, RADBAS -> true;
      default -> false;
    };
  }

  /** Whether it changes nothing. */
  public boolean isLinear() {
    return function == Function.LINEAR;
  }

  /** Whether its slope is 0 wherever it has one, so that nothing in front of it can learn. */
  public boolean hasNoGradient() {
    return function == Function.STEP || function == Function.HARDLIMS;
  }

  /** Whether every output lies in [0, 1]. */
  public boolean staysInUnitInterval() {
    return switch (function) {
      case STEP, SIGMOID, SOFTMAX, HARD_SIGMOID, SATLIN, RADBAS -> true;
      default -> false;
    };
  }

  /** Whether outputs stay within a finite range on both sides. */
  public boolean isBounded() {
    return switch (function) {
      case TANH, SOFTSIGN, HARD_TANH, SATLINS, HARDLIMS, RELU6 -> true;
      default -> staysInUnitInterval();
    };
  }

  /** Whether no output lies below 0. */
  public boolean isNonNegative() {
    return switch (function) {
      case RELU, RELU6, SOFTPLUS, EXPONENTIAL -> true;
      default -> staysInUnitInterval();
    };
  }

  /** The functions, by their first names; {@link ActivationReader} knows the aliases. */
  public enum Function {
    /** x. */
    LINEAR,
    /** 1 for x ≥ 0, else 0. */
    STEP,
    /** 1 for x ≥ 0, else −1. */
    HARDLIMS,
    /** 1/(1 + e^−x). */
    SIGMOID,
    TANH,
    /** max(x, 0). */
    RELU,
    /** min(max(x, 0), 6). */
    RELU6,
    /** x for x ≥ 0, else alpha·x; alpha 0.01. */
    LEAKY_RELU,
    /** x for x ≥ 0, else alpha·(e^x − 1); alpha 1. */
    ELU,
    /** 1.0507·elu(x, 1.67326). */
    SELU,
    /** x·Φ(x), exact. */
    GELU,
    /** x·sigmoid(x). */
    SILU,
    /** x·tanh(softplus(x)). */
    MISH,
    /** log(1 + e^x). */
    SOFTPLUS,
    /** x/(1 + |x|). */
    SOFTSIGN,
    /** e^x over its sum along the last axis. */
    SOFTMAX,
    /** x − log Σ e^x along the last axis. */
    LOG_SOFTMAX,
    /** relu6(x + 3)/6. */
    HARD_SIGMOID,
    /** min(max(x, −1), 1). */
    HARD_TANH,
    /** min(max(x, 0), 1). */
    SATLIN,
    /** min(max(x, −1), 1). */
    SATLINS,
    /** e^(−x²). */
    RADBAS,
    /** e^x. */
    EXPONENTIAL;

    /** Whether the function has the parameter alpha. */
    public boolean takesAlpha() {
      return this == LEAKY_RELU || this == ELU;
    }

    double defaultAlpha() {
      return switch (this) {
        case LEAKY_RELU -> 0.01;
        case ELU -> 1;
        default -> 0;
      };
    }
  }
}
