package io.trainyard.engine.search;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The α, β and γ of {@link io.trainyard.spec.training.optimizer.BayesianRegularization}, by which
 * the evidence for them is largest.
 */
final class BayesianFactors {
  private final long weights;
  private double alpha;
  private double beta;
  private double effective;
  private boolean started;

  /**
   * @param weights their number
   */
  BayesianFactors(long weights) {
    this.weights = weights;
    effective = weights;
  }

  double alpha() {
    return alpha;
  }

  double beta() {
    return beta;
  }

  /** In the order of the names that the optimizer reports. */
  List<Double> values() {
    return List.of(effective, alpha, beta);
  }

  /**
   * Estimates them again.
   *
   * @param squares JᵀJ at the weights
   * @param errors the number of errors
   * @param squaredErrors Σe²
   * @param squaredWeights Σw²
   */
  void estimate(Tensor squares, long errors, double squaredErrors, double squaredWeights) {
    if (started) {
      effective = effective(squares);
    }
    started = true;
    alpha = squaredWeights > 0 ? effective / (2 * squaredWeights) : 1;
    double precision = (errors - effective) / (2 * squaredErrors);
    beta = precision > 0 && Double.isFinite(precision) ? precision : 1;
  }

  /** k − α·trace((β·JᵀJ + α·I)⁻¹); the last one where rounding leaves no inverse. */
  private double effective(Tensor squares) {
    try (PointerScope scope = new PointerScope()) {
      Tensor hessian = squares.mul(new Scalar(beta));
      hessian.diagonal().add_(new Scalar(alpha));
      T_TensorTensor_T factor = torch.linalg_cholesky_ex(hessian);
      if (factor.get1().item_int() != 0) {
        return effective;
      }
      return weights - alpha * torch.cholesky_inverse(factor.get0()).trace().item_double();
    }
  }

  /** What {@link #restore} needs. */
  HostTensor state() {
    return HostTensor.ofDoubles(Shape.of(4), alpha, beta, effective, started ? 1 : 0);
  }

  void restore(HostTensor state) {
    alpha = state.doubleAt(0);
    beta = state.doubleAt(1);
    effective = state.doubleAt(2);
    started = state.doubleAt(3) != 0;
  }
}
