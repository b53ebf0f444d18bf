package io.trainyard.engine.update;

import io.trainyard.engine.search.SquaredErrors;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.UpdateRules;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.jspecify.annotations.Nullable;

/**
 * What a step does with its gradients: accumulation, clipping, optimizer, max-norm constraint,
 * average. All weights are one flat tensor. Null parts are those that the training doesn't have.
 */
public final class WeightUpdate implements AutoCloseable {
  private final @Nullable GradientAccumulation accumulation;
  private final @Nullable LargestGradient largest;
  private final GradientClipping clipping;
  private final Optimizer optimizer;
  private final MaxNormConstraint maxNorm;
  private final @Nullable AveragedWeights average;

  /**
   * @param errors of a loss that is a sum of squares; null where the optimizer does not need them
   */
  public WeightUpdate(
      TrainingSpec training,
      NetworkSpec network,
      NetworkShapes shapes,
      TrainedWeights weights,
      @Nullable SquaredErrors errors) {
    UpdateRules rules = training.updates();
    accumulation =
        rules.accumulation() == 1
            ? null
            : new GradientAccumulation(weights.gradient(), rules.accumulation());
    largest =
        training.stopping().minGradient() == null ? null : new LargestGradient(weights.gradient());
    clipping = new GradientClipping(weights.gradient(), rules.clipNorm(), rules.clipValue());
    optimizer = new Optimizer(training, network, weights, errors);
    maxNorm = new MaxNormConstraint(network, shapes, weights);
    Double decay = rules.averageDecay();
    average = decay == null ? null : new AveragedWeights(weights.flat(), decay);
  }

  /**
   * Uses a batch's gradient, in the caller's scope: changes the weights, unless gradients of other
   * batches are needed first.
   *
   * @param rows of the batch
   * @param last whether the batch is the epoch's last
   */
  public void apply(double learningRate, int rows, boolean last) {
    NoGradGuard guard = new NoGradGuard();
    try {
      if (accumulation != null && !accumulation.add(rows, last)) {
        return;
      }
      if (largest != null) {
        largest.add();
      }
      clipping.apply();
      optimizer.step(learningRate);
      finish();
    } finally {
      guard.deallocate();
    }
  }

  private void finish() {
    maxNorm.apply();
    if (average != null) {
      average.add(optimizer.steps());
    }
  }

  /** Whether a step computes the batch's loss and gradient again: {@link #search}. */
  public boolean searches() {
    return optimizer.searches();
  }

  /**
   * Changes the weights by a step that starts with a batch's gradient.
   *
   * @param loss of the batch
   * @param evaluate computes the batch's loss and gradient again, at the current weights
   */
  public void search(double learningRate, double loss, DoubleSupplier evaluate) {
    if (largest != null) {
      largest.add();
    }
    optimizer.search(learningRate, loss, evaluate);
    finish();
  }

  /** Whether another search would find nothing better. */
  public boolean isExhausted() {
    return optimizer.isExhausted();
  }

  /** The learning rate of the last step: the given one, or the optimizer's own. */
  public double learningRate(double given) {
    return optimizer.learningRate(given);
  }

  /** Numbers that an epoch reports beside its losses and metrics, by name. */
  public Map<String, Double> reported() {
    return optimizer.reported();
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

  /** Puts the average of the weights, if there is one, in their place until {@link #putBack}. */
  public void putAverageInPlace() {
    if (average != null && optimizer.steps() > 0) {
      average.putInPlace();
    }
  }

  public void putBack() {
    if (average != null && optimizer.steps() > 0) {
      average.putBack();
    }
  }

  /** A copy of the state of all parts by name. */
  public Map<String, HostTensor> toHost() {
    try (PointerScope scope = new PointerScope()) {
      Map<String, HostTensor> state = optimizer.toHost();
      if (accumulation != null) {
        accumulation.putInto(state);
      }
      if (average != null) {
        average.putInto(state);
      }
      return state;
    }
  }

  public void restore(Map<String, HostTensor> state) {
    try (PointerScope scope = new PointerScope()) {
      optimizer.restore(state);
      if (accumulation != null) {
        accumulation.restore(state);
      }
      if (average != null) {
        average.restore(state);
      }
    }
  }

  @Override
  public void close() {
    maxNorm.close();
    optimizer.close();
    if (accumulation != null) {
      accumulation.close();
    }
    if (largest != null) {
      largest.close();
    }
    if (average != null) {
      average.close();
    }
  }
}
