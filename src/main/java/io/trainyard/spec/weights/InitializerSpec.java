package io.trainyard.spec.weights;

/** How a weight gets its first value. */
public sealed interface InitializerSpec {
  /** Variance 2/(in + out): uniform in ±√(6/(in + out)), or normal. */
  record Glorot(boolean uniform) implements InitializerSpec {}

  /** Variance 2/in. */
  record He(boolean uniform) implements InitializerSpec {}

  /** Variance 1/in. */
  record Lecun(boolean uniform) implements InitializerSpec {}

  /** Rows or columns orthonormal, times gain. */
  record Orthogonal(double gain) implements InitializerSpec {}

  record Uniform(double min, double max) implements InitializerSpec {}

  record Normal(double mean, double std) implements InitializerSpec {}

  /** Normal, redrawn outside two standard deviations. */
  record TruncatedNormal(double mean, double std) implements InitializerSpec {}

  record Constant(double element) implements InitializerSpec {}

  /** Active regions of the units spread over inputs in −1..1; Nguyen and Widrow 1990. */
  record NguyenWidrow() implements InitializerSpec {}

  /** 0, but 1 for an LSTM's forget gates, the second quarter of a bias. */
  record ForgetGate() implements InitializerSpec {}

  /** PyTorch's own default for the layer. */
  record Torch() implements InitializerSpec {}
}
