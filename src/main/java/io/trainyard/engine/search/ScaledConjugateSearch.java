package io.trainyard.engine.search;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.training.optimizer.ScaledConjugateGradient;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The steps of {@link ScaledConjugateGradient}. */
final class ScaledConjugateSearch implements Search {
  private static final String NUMBERS = "scaled_conjugate_gradient";
  private static final String DIRECTION = "direction";

  /** A Δ at which λ shrinks. */
  private static final double GOOD = 0.75;

  /** A Δ below which λ grows. */
  private static final double POOR = 0.25;

  private final NativeHandles handles = new NativeHandles();
  private final ScaledConjugateGradient spec;
  private final Tensor weights;
  private final Tensor gradient;
  private final Tensor direction;
  private final long restartEvery;
  private long steps;
  private double lambda;

  /** The part of λ that the curvature already has, of a step that was undone. */
  private double included;

  private double curvature;
  private boolean succeeded = true;
  private boolean exhausted;

  /**
   * @param count of the weights, without the gaps between them
   */
  ScaledConjugateSearch(ScaledConjugateGradient spec, Tensor weights, Tensor gradient, long count) {
    this.spec = spec;
    this.weights = weights;
    this.gradient = gradient;
    restartEvery = Math.max(1, count);
    lambda = spec.lambda();
    direction = handles.keep(torch.zeros_like(weights));
  }

  @Override
  public void step(double learningRate, double loss, DoubleSupplier evaluate) {
    try (PointerScope scope = new PointerScope()) {
      if (steps == 0) {
        direction.copy_(gradient.neg());
      }
      steps++;
      Tensor before = weights.clone();
      step(loss, before, evaluate);
    }
  }

  private void step(double loss, Tensor before, DoubleSupplier evaluate) {
    Tensor gradientBefore = gradient.clone();
    double square = dot(direction, direction);
    double slope = dot(gradient, direction);
    if (square == 0) {
      exhausted = true;
      return;
    }
    if (Double.isNaN(slope)) {
      // The next loss is NaN too, and training fails.
      weights.add_(gradient);
      return;
    }
    if (succeeded) {
      double distance = spec.sigma() / Math.sqrt(square);
      weights.add_(direction, new Scalar(distance));
      var _ = evaluate.getAsDouble();
      curvature = (dot(gradient, direction) - slope) / distance;
    }
    makePositive(square);
    weights.copy_(before).add_(direction, new Scalar(-slope / curvature));
    exhausted = weights.equal(before);
    double found = evaluate.getAsDouble();
    // A loss that is not finite counts as one that rises by as much as the step promised to lower.
    double comparison =
        Double.isFinite(found) ? 2 * curvature * (loss - found) / (slope * slope) : -1;
    succeeded = comparison >= 0;
    included = succeeded ? 0 : lambda;
    if (comparison >= GOOD) {
      lambda /= 4;
    } else if (comparison < POOR) {
      lambda += curvature * (1 - comparison) / square;
    }
    if (succeeded) {
      turn(gradientBefore, slope);
    } else {
      weights.copy_(before);
    }
  }

  /** Adds the new part of λ to the curvature, and more where that is not positive then. */
  private void makePositive(double square) {
    curvature += (lambda - included) * square;
    if (curvature <= 0) {
      double larger = 2 * (lambda - curvature / square);
      curvature = lambda * square - curvature;
      lambda = larger;
    }
  }

  /** The next direction, at the new weights and their gradient. */
  private void turn(Tensor gradientBefore, double slope) {
    double beta = 0;
    if (steps % restartEvery != 0) {
      beta = (dot(gradient, gradient) - dot(gradient, gradientBefore)) / -slope;
    }
    direction.mul_(new Scalar(beta)).sub_(gradient);
  }

  private static double dot(Tensor a, Tensor b) {
    return a.dot(b).item_double();
  }

  @Override
  public boolean isExhausted() {
    return exhausted;
  }

  @Override
  public void putInto(Map<String, HostTensor> state) {
    state.put(
        NUMBERS,
        HostTensor.ofDoubles(
            Shape.of(6),
            (double) steps,
            lambda,
            included,
            curvature,
            succeeded ? 1 : 0,
            exhausted ? 1 : 0));
    try (PointerScope scope = new PointerScope()) {
      state.put(DIRECTION, TensorConversion.toHost(direction));
    }
  }

  @Override
  public void restore(Map<String, HostTensor> state) {
    HostTensor numbers = Objects.requireNonNull(state.get(NUMBERS));
    steps = (long) numbers.doubleAt(0);
    lambda = numbers.doubleAt(1);
    included = numbers.doubleAt(2);
    curvature = numbers.doubleAt(3);
    succeeded = numbers.doubleAt(4) != 0;
    exhausted = numbers.doubleAt(5) != 0;
    try (PointerScope scope = new PointerScope()) {
      direction.copy_(TensorConversion.view(Objects.requireNonNull(state.get(DIRECTION))));
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
