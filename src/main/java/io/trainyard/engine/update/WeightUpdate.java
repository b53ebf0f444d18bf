package io.trainyard.engine.update;

import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.jspecify.annotations.Nullable;

/**
 * What a step does with its gradients: clipping, optimizer, max-norm constraint. All weights are
 * one flat tensor.
 */
public final class WeightUpdate implements AutoCloseable {
  private final Optimizer optimizer;
  private final GradientClipping clipping;
  private final MaxNormConstraint maxNorm;

  /** Null when no rule needs it. */
  private final @Nullable LargestGradient largest;

  public WeightUpdate(
      TrainingSpec training, NetworkSpec network, NetworkShapes shapes, TrainedWeights weights) {
    optimizer = new Optimizer(training.optimizer(), weights);
    clipping =
        new GradientClipping(
            weights.gradient(), training.updates().clipNorm(), training.updates().clipValue());
    maxNorm = new MaxNormConstraint(network, shapes, weights);
    largest =
        training.stopping().minGradient() == null ? null : new LargestGradient(weights.gradient());
  }

  /** Changes the weights by one step, in the caller's scope. */
  public void apply(double learningRate) {
    NoGradGuard guard = new NoGradGuard();
    try {
      if (largest != null) {
        largest.add();
      }
      clipping.apply();
      optimizer.step(learningRate);
      maxNorm.apply();
    } finally {
      guard.deallocate();
    }
  }

  /**
   * The largest norm of a gradient since {@link #setLargestGradient}; NaN when no rule needs it.
   */
  public double largestGradient() {
    return largest == null ? Double.NaN : largest.value();
  }

  public void setLargestGradient(double value) {
    if (largest != null) {
      largest.set(value);
    }
  }

  /** A copy of the optimizer's state by name. */
  public Map<String, HostTensor> toHost() {
    return optimizer.toHost();
  }

  public void restore(Map<String, HostTensor> stored) {
    optimizer.restore(stored);
  }

  @Override
  public void close() {
    maxNorm.close();
    if (largest != null) {
      largest.close();
    }
    optimizer.close();
  }
}
