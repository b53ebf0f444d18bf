package io.trainyard.engine.search;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.training.optimizer.Lbfgs;
import io.trainyard.spec.training.optimizer.Lbfgs.LineSearch;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The steps of L-BFGS, as torch.optim.LBFGS makes them: the two-loop recursion over the last
 * changes, with the tolerances of {@link Lbfgs}.
 */
final class LbfgsSearch implements Search {
  private static final double SMALL_GRADIENT = 1e-7;
  private static final double SMALL_CHANGE = 1e-9;

  /** The smallest yᵀs of a change that is remembered. */
  private static final double CURVATURE = 1e-10;

  private static final StrongWolfe.Tolerance TOLERANCE =
      new StrongWolfe.Tolerance(0.9, SMALL_CHANGE);

  private static final String NUMBERS = "lbfgs";
  private static final String CHANGE = "lbfgs_change_";

  /** A change of the weights s and of the gradient y, one below the other, and 1/(yᵀs). */
  private record Change(NativeHandles handles, Tensor both, Tensor s, Tensor y, double rho) {
    static Change of(Tensor both) {
      NativeHandles handles = new NativeHandles();
      Tensor s = handles.keep(both.select(0, 0));
      Tensor y = handles.keep(both.select(0, 1));
      return new Change(handles, handles.keep(both), s, y, 1 / dot(y, s));
    }
  }

  private final NativeHandles handles = new NativeHandles();
  private final Lbfgs spec;
  private final Tensor weights;
  private final Tensor gradient;
  private final Tensor direction;
  private final Tensor before;
  private final Deque<Change> changes = new ArrayDeque<>();
  private long iterations;
  private double length;
  private double scale = 1;

  LbfgsSearch(Lbfgs spec, Tensor weights, Tensor gradient) {
    this.spec = spec;
    this.weights = weights;
    this.gradient = gradient;
    direction = handles.keep(torch.zeros_like(weights));
    before = handles.keep(torch.zeros_like(weights));
  }

  @Override
  public void step(double rate, double firstLoss, DoubleSupplier evaluate) {
    double loss = firstLoss;
    if (largest(gradient) <= SMALL_GRADIENT) {
      return;
    }
    int evaluations = 1;
    for (int i = 1; i <= spec.maxIterations(); i++) {
      boolean last = i == spec.maxIterations();
      try (PointerScope scope = new PointerScope()) {
        iterations++;
        turn();
        before.copy_(gradient);
        double lossBefore = loss;
        double sum = iterations == 1 ? gradient.abs().sum().item_double() : 1;
        length = rate * Math.min(1, 1 / sum);
        double slope = dot(gradient, direction);
        if (slope > -SMALL_CHANGE) {
          return;
        }
        if (spec.lineSearch() == LineSearch.STRONG_WOLFE) {
          StrongWolfe found = new StrongWolfe(weights, gradient, direction, TOLERANCE, evaluate);
          found.search(length, loss, slope);
          length = found.length();
          loss = found.loss();
          evaluations += found.evaluations();
        } else {
          weights.add_(direction, new Scalar(length));
          if (!last) {
            loss = evaluate.getAsDouble();
            evaluations++;
          }
        }
        boolean done =
            last
                || evaluations >= spec.maxEvaluations()
                || largest(gradient) <= SMALL_GRADIENT
                || largest(direction) * Math.abs(length) <= SMALL_CHANGE
                || Math.abs(loss - lossBefore) < SMALL_CHANGE
                || !Double.isFinite(loss);
        if (done) {
          return;
        }
      }
    }
  }

  /** The direction −H·g. */
  private void turn() {
    if (iterations == 1) {
      direction.copy_(gradient.neg());
      return;
    }
    remember();
    Tensor q = gradient.neg();
    double[] alphas = new double[changes.size()];
    int at = changes.size();
    for (Iterator<Change> each = changes.descendingIterator(); each.hasNext(); ) {
      Change change = each.next();
      at--;
      alphas[at] = dot(change.s(), q) * change.rho();
      q.add_(change.y(), new Scalar(-alphas[at]));
    }
    direction.copy_(q).mul_(new Scalar(scale));
    for (Change change : changes) {
      double beta = dot(change.y(), direction) * change.rho();
      direction.add_(change.s(), new Scalar(alphas[at] - beta));
      at++;
    }
  }

  /** Remembers the last change, if the loss curves upwards along it. */
  private void remember() {
    Tensor both = torch.empty(2, weights.numel()).to(weights.device(), weights.scalar_type());
    Tensor s = both.select(0, 0);
    Tensor y = both.select(0, 1);
    s.copy_(direction).mul_(new Scalar(length));
    y.copy_(gradient).sub_(before);
    double curvature = dot(y, s);
    if (curvature > CURVATURE) {
      if (changes.size() == spec.history()) {
        changes.removeFirst().handles().close();
      }
      changes.addLast(Change.of(both));
      scale = curvature / dot(y, y);
    }
  }

  private static double dot(Tensor a, Tensor b) {
    return a.dot(b).item_double();
  }

  private static double largest(Tensor tensor) {
    return tensor.abs().max().item_double();
  }

  @Override
  public void putInto(Map<String, HostTensor> state) {
    state.put(
        NUMBERS,
        HostTensor.ofDoubles(Shape.of(4), (double) iterations, length, scale, changes.size()));
    try (PointerScope scope = new PointerScope()) {
      state.put("direction", TensorConversion.toHost(direction));
      state.put("gradient", TensorConversion.toHost(before));
      int at = 0;
      for (Change change : changes) {
        state.put(CHANGE + at, TensorConversion.toHost(change.both()));
        at++;
      }
    }
  }

  @Override
  public void restore(Map<String, HostTensor> state) {
    HostTensor numbers = Objects.requireNonNull(state.get(NUMBERS));
    iterations = (long) numbers.doubleAt(0);
    length = numbers.doubleAt(1);
    scale = numbers.doubleAt(2);
    try (PointerScope scope = new PointerScope()) {
      direction.copy_(TensorConversion.view(Objects.requireNonNull(state.get("direction"))));
      before.copy_(TensorConversion.view(Objects.requireNonNull(state.get("gradient"))));
      forget();
      for (int i = 0; i < numbers.doubleAt(3); i++) {
        Tensor stored = TensorConversion.view(Objects.requireNonNull(state.get(CHANGE + i)));
        Tensor both = stored.clone().to(weights.device(), weights.scalar_type());
        changes.addLast(Change.of(both));
      }
    }
  }

  private void forget() {
    changes.forEach(change -> change.handles().close());
    changes.clear();
  }

  @Override
  public void close() {
    forget();
    handles.close();
  }
}
