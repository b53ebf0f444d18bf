package io.trainyard.spec;

/**
 * An activation with its parameter.
 *
 * @param alpha the slope or scale of the functions that take one; ignored by the others
 */
public record ActivationSpec(Function function, double alpha) {
  public static final ActivationSpec LINEAR = new ActivationSpec(Function.LINEAR, 0);

  /** The functions, by their first names; {@code SpecReader} knows the aliases. */
  public enum Function {
    LINEAR,
    STEP,
    HARDLIMS,
    SIGMOID,
    TANH,
    RELU,
    RELU6,
    LEAKY_RELU,
    ELU,
    SELU,
    GELU,
    SILU,
    MISH,
    SOFTPLUS,
    SOFTSIGN,
    SOFTMAX,
    LOG_SOFTMAX,
    HARD_SIGMOID,
    HARD_TANH,
    SATLIN,
    SATLINS,
    RADBAS,
    EXPONENTIAL
  }
}
