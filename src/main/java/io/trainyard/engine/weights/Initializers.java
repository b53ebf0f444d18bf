package io.trainyard.engine.weights;

import io.trainyard.engine.natives.ComputeThread;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Initial weights: functions of the seed and of the weight's position in the list. */
public final class Initializers {
  /** Negative, so it differs from every phase of a training. */
  private static final long PHASE = -1;

  private Initializers() {}

  public static Map<String, HostTensor> draw(List<WeightSpec> weights, long seed) {
    ComputeThread.current();
    Map<String, HostTensor> drawn = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope();
        RandomSource random = new RandomSource(seed)) {
      NoGradGuard guard = new NoGradGuard();
      try {
        for (int i = 0; i < weights.size(); i++) {
          WeightSpec weight = weights.get(i);
          random.at(PHASE, 0, i);
          try (PointerScope inner = new PointerScope()) {
            drawn.put(weight.name(), first(weight, random.purpose(0)));
          }
        }
      } finally {
        guard.deallocate();
      }
    }
    return drawn;
  }

  private static HostTensor first(WeightSpec weight, GeneratorOptional random) {
    if (weight.type() == ElementType.INT64) {
      return HostTensor.allocate(ElementType.INT64, weight.shape());
    }
    Tensor tensor = torch.empty(weight.shape().toLongs());
    return TensorConversion.toHost(fill(tensor, weight, random));
  }

  private static Tensor fill(Tensor w, WeightSpec weight, GeneratorOptional random) {
    double in = Math.max(1, weight.fanIn());
    double out = Math.max(1, weight.fanOut());
    return switch (weight.initializer()) {
      case InitializerSpec.Glorot i -> scaled(w, i.uniform(), 2 / (in + out), random);
      case InitializerSpec.He i -> scaled(w, i.uniform(), 2 / in, random);
      case InitializerSpec.Lecun i -> scaled(w, i.uniform(), 1 / in, random);
      case InitializerSpec.Orthogonal i -> orthogonal(w, i.gain(), random);
      case InitializerSpec.Uniform i -> w.uniform_(i.min(), i.max(), random);
      case InitializerSpec.Normal i -> w.normal_(i.mean(), i.std(), random);
      case InitializerSpec.TruncatedNormal i -> truncated(w, i.mean(), i.std(), random);
      case InitializerSpec.Constant i -> w.fill_(new Scalar(i.element()));
      case InitializerSpec.ForgetGate i -> forgetGate(w);
      case InitializerSpec.RandomSigns i ->
          w.bernoulli_(0.5, random).mul_(new Scalar(2.0)).sub_(new Scalar(1.0));
      case InitializerSpec.EqualRows(InitializerSpec row) ->
          w.copy_(fill(torch.empty(w.size(1)), weight.with(row), random).expand_as(w));
      case InitializerSpec.NguyenWidrow i -> nguyenWidrow(w, in, out, random);
      // A batch decides the rest: the spread here only matters for sums without variance.
      case InitializerSpec.Data i ->
          w.dim() < 2 ? w.zero_() : w.normal_(0, 1 / Math.sqrt(in), random);
      case InitializerSpec.Torch i -> w.uniform_(-1 / Math.sqrt(in), 1 / Math.sqrt(in), random);
    };
  }

  private static Tensor forgetGate(Tensor bias) {
    long units = bias.size(0) / 4;
    bias.zero_().narrow(0, units, units).fill_(new Scalar(1.0));
    return bias;
  }

  private static Tensor scaled(
      Tensor w, boolean uniform, double variance, GeneratorOptional random) {
    double limit = Math.sqrt(3 * variance);
    return uniform ? w.uniform_(-limit, limit, random) : w.normal_(0, Math.sqrt(variance), random);
  }

  /**
   * Q of a normal matrix, signs fixed by R's diagonal so that it is uniform over orthogonal
   * matrices. Source: torch.nn.init.orthogonal_.
   */
  private static Tensor orthogonal(Tensor w, double gain, GeneratorOptional random) {
    if (w.dim() < 2) {
      return w.normal_(0, gain, random);
    }
    Tensor matrix = w.normal_(0, 1, random).flatten(1, -1);
    boolean wide = matrix.size(0) < matrix.size(1);
    T_TensorTensor_T qr = torch.linalg_qr(wide ? matrix.t() : matrix);
    Tensor q = qr.get0().mul(qr.get1().diagonal().sign());
    return (wide ? q.t() : q).mul(new Scalar(gain)).contiguous().view(w.sizes());
  }

  /** Through the inverse of the normal distribution function, between ±2 standard deviations. */
  private static Tensor truncated(Tensor w, double mean, double std, GeneratorOptional random) {
    // erf(2/√2), the share of a normal distribution within two standard deviations
    double share = 0.9544997361036416;
    return w.uniform_(-share, share, random)
        .erfinv_()
        .mul_(new Scalar(std * Math.sqrt(2)))
        .add_(new Scalar(mean))
        .clamp_(
            new org.bytedeco.pytorch.ScalarOptional(new Scalar(mean - 2 * std)),
            new org.bytedeco.pytorch.ScalarOptional(new Scalar(mean + 2 * std)));
  }

  /** Rows of length β = 0.7·units^(1/inputs); biases uniform in ±β. */
  private static Tensor nguyenWidrow(Tensor w, double in, double out, GeneratorOptional random) {
    double beta = 0.7 * Math.pow(out, 1 / in);
    if (w.dim() < 2) {
      return w.uniform_(-beta, beta, random);
    }
    Tensor drawn = w.uniform_(-1, 1, random).flatten(1, -1);
    Tensor lengths = drawn.square().sum(new long[] {1}, true, none()).sqrt();
    return drawn.div(lengths).mul(new Scalar(beta)).view(w.sizes());
  }

  private static org.bytedeco.pytorch.ScalarTypeOptional none() {
    return new org.bytedeco.pytorch.ScalarTypeOptional();
  }
}
