package io.trainyard.engine.search;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.training.optimizer.ConjugateGradient;
import io.trainyard.spec.training.optimizer.ConjugateGradient.Update;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The directions of {@link ConjugateGradient}. */
final class ConjugateDirections implements LineSearchDescent.Directions {
  static final StrongWolfe.Tolerance TOLERANCE = new StrongWolfe.Tolerance(0.1, 1e-12);

  private static final String TURNS = "conjugate_gradient";
  private static final String BEFORE = "gradient";

  private final NativeHandles handles = new NativeHandles();
  private final ConjugateGradient spec;
  private final Tensor gradient;
  private final Tensor before;
  private final long restartEvery;

  /** Directions since the last −g. */
  private long turns;

  /**
   * @param count of the weights, without the gaps between them
   */
  ConjugateDirections(ConjugateGradient spec, Tensor gradient, long count) {
    this.spec = spec;
    this.gradient = gradient;
    restartEvery = Math.max(1, count);
    before = handles.keep(torch.zeros_like(gradient));
  }

  @Override
  public void turn(Tensor direction) {
    double beta = 0;
    if (turns % restartEvery != 0) {
      double square = dot(gradient, gradient);
      double shared = spec.update() == Update.POLAK_RIBIERE ? dot(gradient, before) : 0;
      beta = (square - shared) / dot(before, before);
    }
    turns++;
    direction.mul_(new Scalar(beta)).sub_(gradient);
    before.copy_(gradient);
  }

  private static double dot(Tensor a, Tensor b) {
    return a.dot(b).item_double();
  }

  @Override
  public void restart() {
    turns = 0;
  }

  @Override
  public double firstLength(double last, double promised, double slope) {
    return last * promised / slope;
  }

  @Override
  public void putInto(Map<String, HostTensor> state) {
    state.put(TURNS, HostTensor.ofLongs(Shape.of(1), turns));
    state.put(BEFORE, TensorConversion.toHost(before));
  }

  @Override
  public void restore(Map<String, HostTensor> state) {
    turns = Objects.requireNonNull(state.get(TURNS)).longAt(0);
    before.copy_(TensorConversion.view(Objects.requireNonNull(state.get(BEFORE))));
  }

  @Override
  public void close() {
    handles.close();
  }
}
