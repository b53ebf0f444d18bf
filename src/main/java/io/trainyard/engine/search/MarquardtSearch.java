package io.trainyard.engine.search;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.spec.training.optimizer.LevenbergMarquardt;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The steps of {@link LevenbergMarquardt}. */
final class MarquardtSearch implements Search {
  private static final String MU = "mu";

  /** The least μ, which is MATLAB's. */
  private static final double SMALLEST = 1e-20;

  private final NativeHandles handles = new NativeHandles();
  private final LevenbergMarquardt spec;
  private final SquaredErrors errors;
  private final Tensor weights;
  private final Tensor before;
  private final Tensor squares;
  private final Tensor products;
  private double mu;

  /**
   * @param weights all weights, as one flat tensor
   */
  MarquardtSearch(LevenbergMarquardt spec, SquaredErrors errors, Tensor weights) {
    this.spec = spec;
    this.errors = errors;
    this.weights = weights;
    mu = spec.mu();
    before = handles.keep(torch.zeros_like(weights));
    long size = errors.columns().numel();
    products = handles.keep(weights.new_zeros(size));
    squares = handles.keep(weights.new_zeros(size, size));
  }

  @Override
  public void step(double learningRate, double loss, DoubleSupplier evaluate) {
    squares.zero_();
    products.zero_();
    errors.addTo(squares, products);
    before.copy_(weights);
    while (mu <= spec.largest()) {
      if (isLower(loss)) {
        mu = Math.max(spec.decrease() * mu, SMALLEST);
        return;
      }
      mu *= spec.increase();
      weights.copy_(before);
    }
  }

  /** Goes to the weights that the current μ gives; whether their loss is lower. */
  private boolean isLower(double loss) {
    try (PointerScope scope = new PointerScope()) {
      NoGradGuard guard = new NoGradGuard();
      try {
        Tensor damped = squares.clone();
        damped.diagonal().add_(new Scalar(mu));
        T_TensorTensor_T factor = torch.linalg_cholesky_ex(damped);
        if (factor.get1().item_int() != 0) {
          return false;
        }
        Tensor step = torch.cholesky_solve(products.unsqueeze(1), factor.get0()).squeeze(1);
        weights.index_add_(0, errors.columns(), step, new Scalar(-1.0));
        return errors.loss() < loss;
      } finally {
        guard.deallocate();
      }
    }
  }

  @Override
  public boolean isExhausted() {
    return mu > spec.largest();
  }

  @Override
  public void putInto(Map<String, HostTensor> state) {
    state.put(MU, HostTensor.ofDoubles(Shape.of(1), mu));
  }

  @Override
  public void restore(Map<String, HostTensor> state) {
    mu = Objects.requireNonNull(state.get(MU)).doubleAt(0);
  }

  @Override
  public void close() {
    handles.close();
  }
}
