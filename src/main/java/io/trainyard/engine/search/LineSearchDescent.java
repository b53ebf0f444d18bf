package io.trainyard.engine.search;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Steps along directions that lead down, each as far as {@link StrongWolfe} goes. */
final class LineSearchDescent implements Search {
  /** Chooses directions. A method that needs the last one finds it where it writes the next. */
  interface Directions extends AutoCloseable {
    /** Writes the next direction, by weights and gradient as they are. */
    void turn(Tensor direction);

    /** Forgets earlier steps: the next direction is −g. */
    void restart();

    /**
     * The length at which a search starts.
     *
     * @param last the length of the step before
     * @param promised the slope at the start of the step before
     */
    double firstLength(double last, double promised, double slope);

    void putInto(Map<String, HostTensor> state);

    void restore(Map<String, HostTensor> state);

    @Override
    void close();
  }

  private static final String NUMBERS = "line_search";
  private static final String DIRECTION = "direction";

  private final NativeHandles handles = new NativeHandles();
  private final Directions directions;
  private final StrongWolfe.Tolerance tolerance;
  private final Tensor weights;
  private final Tensor gradient;
  private final Tensor direction;

  /** Of the step before; 0: there is none, and directions start with −g. */
  private double length;

  private double slope;
  private boolean exhausted;

  LineSearchDescent(
      Directions directions, StrongWolfe.Tolerance tolerance, Tensor weights, Tensor gradient) {
    this.directions = directions;
    this.tolerance = tolerance;
    this.weights = weights;
    this.gradient = gradient;
    direction = handles.keep(torch.zeros_like(weights));
  }

  @Override
  public void step(double learningRate, double loss, DoubleSupplier evaluate) {
    try (PointerScope scope = new PointerScope()) {
      double promised = slope;
      turn();
      if (Double.isNaN(slope)) {
        // The next loss is NaN too, and training fails.
        weights.add_(direction);
        return;
      }
      boolean steepest = length == 0;
      if (slope == 0) {
        exhausted = true;
        return;
      }
      double first =
          steepest
              ? Math.min(1, 1 / gradient.abs().sum().item_double())
              : directions.firstLength(length, promised, slope);
      StrongWolfe found = new StrongWolfe(weights, gradient, direction, tolerance, evaluate);
      found.search(first, loss, slope);
      length = found.length();
      if (!(found.loss() < loss)) {
        exhausted = steepest;
        restart();
      }
    }
  }

  /** The next direction and its slope; −g where another does not lead down. */
  private void turn() {
    directions.turn(direction);
    slope = slope();
    if (slope >= 0 && length != 0) {
      restart();
      directions.turn(direction);
      slope = slope();
    }
  }

  private double slope() {
    return gradient.dot(direction).item_double();
  }

  private void restart() {
    directions.restart();
    length = 0;
  }

  @Override
  public boolean isExhausted() {
    return exhausted;
  }

  @Override
  public void putInto(Map<String, HostTensor> state) {
    state.put(NUMBERS, HostTensor.ofDoubles(Shape.of(3), length, slope, exhausted ? 1 : 0));
    try (PointerScope scope = new PointerScope()) {
      state.put(DIRECTION, TensorConversion.toHost(direction));
      directions.putInto(state);
    }
  }

  @Override
  public void restore(Map<String, HostTensor> state) {
    HostTensor numbers = Objects.requireNonNull(state.get(NUMBERS));
    length = numbers.doubleAt(0);
    slope = numbers.doubleAt(1);
    exhausted = numbers.doubleAt(2) != 0;
    try (PointerScope scope = new PointerScope()) {
      direction.copy_(TensorConversion.view(Objects.requireNonNull(state.get(DIRECTION))));
      directions.restore(state);
    }
  }

  @Override
  public void close() {
    directions.close();
    handles.close();
  }
}
