package io.trainyard.engine.search;

import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.spec.training.optimizer.BayesianRegularization;
import io.trainyard.spec.training.optimizer.Damping;
import io.trainyard.spec.training.optimizer.LevenbergMarquardt;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The steps of {@link LevenbergMarquardt} and {@link BayesianRegularization}. */
final class MarquardtSearch implements Search {
  private static final String MU = "mu";
  private static final String EVIDENCE = "evidence";

  private final NativeHandles handles = new NativeHandles();
  private final Damping damping;
  private final SquaredErrors errors;
  private final Tensor weights;
  private final Tensor before;
  private final Tensor squares;
  private final Tensor products;

  /** Null where the errors alone are minimized. */
  private final @Nullable BayesianFactors factors;

  private double mu;

  private MarquardtSearch(
      Damping damping, SquaredErrors errors, Tensor weights, @Nullable BayesianFactors factors) {
    this.damping = damping;
    this.errors = errors;
    this.weights = weights;
    this.factors = factors;
    mu = damping.mu();
    before = handles.keep(torch.zeros_like(weights));
    long size = errors.columns().numel();
    products = handles.keep(weights.new_zeros(size));
    squares = handles.keep(weights.new_zeros(size, size));
  }

  /**
   * Levenberg–Marquardt.
   *
   * @param weights all weights, as one flat tensor
   */
  static MarquardtSearch of(LevenbergMarquardt spec, SquaredErrors errors, Tensor weights) {
    return new MarquardtSearch(spec.damping(), errors, weights, null);
  }

  /**
   * Bayesian regularization.
   *
   * @param weights all weights, as one flat tensor
   */
  static MarquardtSearch of(BayesianRegularization spec, SquaredErrors errors, Tensor weights) {
    BayesianFactors factors = new BayesianFactors(errors.columns().numel());
    return new MarquardtSearch(spec.damping(), errors, weights, factors);
  }

  @Override
  public void step(double learningRate, double loss, DoubleSupplier evaluate) {
    squares.zero_();
    products.zero_();
    errors.addTo(squares, products);
    before.copy_(weights);
    double minimized = loss;
    if (factors != null) {
      double squaredWeights = squaredWeights();
      factors.estimate(squares, errors.count(), errors.sum(loss), squaredWeights);
      minimized = penalized(factors, loss, squaredWeights);
      squares.mul_(new Scalar(factors.beta()));
      products
          .mul_(new Scalar(factors.beta()))
          .add_(weights.index_select(0, errors.columns()), new Scalar(factors.alpha()));
    }
    while (mu <= damping.largest()) {
      if (isLower(minimized)) {
        mu = Math.max(damping.decrease() * mu, Damping.SMALLEST);
        return;
      }
      mu *= damping.increase();
      weights.copy_(before);
    }
  }

  /** Goes to the weights that the current μ gives; whether they have less of what is minimized. */
  private boolean isLower(double minimized) {
    try (PointerScope scope = new PointerScope()) {
      NoGradGuard guard = new NoGradGuard();
      try {
        Tensor damped = squares.clone();
        damped.diagonal().add_(new Scalar(factors == null ? mu : mu + factors.alpha()));
        T_TensorTensor_T factor = torch.linalg_cholesky_ex(damped);
        if (factor.get1().item_int() != 0) {
          return false;
        }
        Tensor step = torch.cholesky_solve(products.unsqueeze(1), factor.get0()).squeeze(1);
        weights.index_add_(0, errors.columns(), step, new Scalar(-1.0));
        double loss = errors.loss();
        return minimized > (factors == null ? loss : penalized(factors, loss, squaredWeights()));
      } finally {
        guard.deallocate();
      }
    }
  }

  private double penalized(BayesianFactors scales, double loss, double squaredWeights) {
    return scales.beta() * errors.sum(loss) + scales.alpha() * squaredWeights;
  }

  private double squaredWeights() {
    return weights.dot(weights).item_double();
  }

  @Override
  public boolean isExhausted() {
    return mu > damping.largest();
  }

  @Override
  public List<Double> values() {
    return factors == null ? List.of(mu) : factors.values();
  }

  @Override
  public void putInto(Map<String, HostTensor> state) {
    state.put(MU, HostTensor.ofDoubles(Shape.of(1), mu));
    if (factors != null) {
      state.put(EVIDENCE, factors.state());
    }
  }

  @Override
  public void restore(Map<String, HostTensor> state) {
    mu = Objects.requireNonNull(state.get(MU)).doubleAt(0);
    if (factors != null) {
      factors.restore(Objects.requireNonNull(state.get(EVIDENCE)));
    }
  }

  @Override
  public void close() {
    handles.close();
  }
}
