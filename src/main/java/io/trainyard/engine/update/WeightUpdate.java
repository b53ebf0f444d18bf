package io.trainyard.engine.update;

import io.trainyard.engine.search.SquaredErrors;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.UpdateRules;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
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
  private static final String GRADIENT = "gradient";
  private static final String NORMS = "norms";

  private final @Nullable GradientAccumulation accumulation;
  private final @Nullable LargestGradient largest;
  private final @Nullable LayerNorms norms;
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
    norms = LayerNorms.of(training.diagnostics(), weights).orElse(null);
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
      if (norms != null) {
        norms.addGradient();
      }
      if (accumulation != null && !accumulation.add(rows, last)) {
        return;
      }
      if (largest != null) {
        largest.add();
      }
      clipping.apply();
      if (norms != null) {
        norms.beforeUpdate();
      }
      optimizer.step(learningRate);
      finish();
    } finally {
      guard.deallocate();
    }
  }

  private void finish() {
    maxNorm.apply();
    if (norms != null) {
      norms.addUpdate();
    }
    if (average != null) {
      average.add(optimizer.steps());
    }
  }

  /** Sets the weight decay of the next steps; at first it is the optimizer's. */
  public void decayBy(double weightDecay) {
    optimizer.decayBy(weightDecay);
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
    if (norms != null) {
      norms.addGradient();
      norms.beforeUpdate();
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

  /** Begins the numbers of an epoch. */
  public void beginEpoch() {
    if (largest != null) {
      largest.set(0);
    }
    if (norms != null) {
      norms.clear();
    }
  }

  /** The epoch's numbers of each layer so far, by the names of their values. */
  public Map<String, Map<String, Double>> layerNorms() {
    return norms == null ? Map.of() : norms.values();
  }

  /** The largest norm of a gradient in the epoch so far; NaN when no rule needs it. */
  public double largestGradient() {
    return largest == null ? Double.NaN : largest.value();
  }

  /** Stores the epoch's numbers so far. */
  public void putEpochInto(Map<String, HostTensor> state) {
    if (largest != null) {
      state.put(GRADIENT, HostTensor.ofDoubles(Shape.of(1), largest.value()));
    }
    if (norms != null) {
      state.put(NORMS, norms.toHost());
    }
  }

  /** Continues an epoch that was begun. */
  public void restoreEpoch(Map<String, HostTensor> state) {
    HostTensor gradient = state.get(GRADIENT);
    if (largest != null && gradient != null) {
      largest.set(gradient.doubleAt(0));
    }
    HostTensor stored = state.get(NORMS);
    if (norms != null && stored != null) {
      norms.restore(stored);
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
    if (norms != null) {
      norms.close();
    }
    if (average != null) {
      average.close();
    }
  }
}
