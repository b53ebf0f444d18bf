package io.trainyard.engine.search;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.training.optimizer.GradientDescent;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The steps of {@link GradientDescent.Adaptive}. */
final class AdaptiveDescent implements Search {
  private static final String NUMBERS = "adaptive";
  private static final String CHANGE = "change";

  private final NativeHandles handles = new NativeHandles();
  private final GradientDescent.Adaptive spec;
  private final Tensor weights;
  private final Tensor gradient;
  private final Tensor before;
  private final Tensor slope;
  private final Tensor change;
  private final Tensor tried;
  private double rate;

  /** The rate of the last step. */
  private double used;

  private boolean started;

  AdaptiveDescent(GradientDescent.Adaptive spec, Tensor weights, Tensor gradient) {
    this.spec = spec;
    this.weights = weights;
    this.gradient = gradient;
    rate = spec.learningRate();
    used = rate;
    before = handles.keep(torch.zeros_like(weights));
    slope = handles.keep(torch.zeros_like(weights));
    change = handles.keep(torch.zeros_like(weights));
    tried = handles.keep(torch.zeros_like(weights));
  }

  @Override
  public void step(double learningRate, double loss, DoubleSupplier evaluate) {
    used = rate;
    // An evaluation overwrites the gradient.
    slope.copy_(gradient);
    before.copy_(weights);
    if (!started) {
      started = true;
      change.copy_(slope).mul_(new Scalar(-rate));
    }
    tried
        .copy_(change)
        .mul_(new Scalar(spec.momentum()))
        .add_(slope, new Scalar(-rate * (1 - spec.momentum())));
    weights.add_(tried);
    double found = evaluate.getAsDouble();
    if (found <= spec.maxGrowth() * loss) {
      rate *= found < loss ? spec.increase() : 1;
      change.copy_(tried);
    } else {
      weights.copy_(before);
      rate *= spec.decrease();
      change.copy_(slope).mul_(new Scalar(-rate));
    }
  }

  @Override
  public double learningRate(double given) {
    return used;
  }

  @Override
  public void putInto(Map<String, HostTensor> state) {
    state.put(NUMBERS, HostTensor.ofDoubles(Shape.of(2), rate, started ? 1 : 0));
    state.put(CHANGE, TensorConversion.toHost(change));
  }

  @Override
  public void restore(Map<String, HostTensor> state) {
    HostTensor numbers = Objects.requireNonNull(state.get(NUMBERS));
    rate = numbers.doubleAt(0);
    started = numbers.doubleAt(1) > 0;
    try (PointerScope scope = new PointerScope()) {
      change.copy_(TensorConversion.view(Objects.requireNonNull(state.get(CHANGE))));
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
