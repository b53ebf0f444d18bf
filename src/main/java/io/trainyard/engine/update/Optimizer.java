package io.trainyard.engine.update;

import io.trainyard.engine.search.Search;
import io.trainyard.engine.search.Searches;
import io.trainyard.engine.search.SquaredErrors;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.AdamFamily;
import io.trainyard.spec.training.optimizer.FullBatch;
import io.trainyard.spec.training.optimizer.GradientDescent;
import io.trainyard.spec.training.optimizer.Lbfgs;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.optimizer.Perceptron;
import io.trainyard.spec.training.optimizer.ScaledGradient;
import io.trainyard.spec.training.optimizer.Sgd;
import io.trainyard.spec.training.optimizer.SignDescent;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * An optimizer with its state. It updates all weights at once, as one flat tensor, or as one list
 * of its parts where their parameters differ.
 */
final class Optimizer implements AutoCloseable {
  /** Updates weights by one step, in the caller's scope and without autograd. */
  @FunctionalInterface
  interface Rule {
    /**
     * Takes a step.
     *
     * @param step from 1
     */
    void step(double learningRate, long step);
  }

  private final List<String> names;
  private final OptimizerState state;
  private final Tensor weights;
  private final List<Rule> rules = new ArrayList<>();
  private double weightDecay;

  /** Null for an optimizer that needs one gradient a step. */
  private final @Nullable Search search;

  /**
   * @param errors of a loss that is a sum of squares; null: it isn't
   */
  Optimizer(
      TrainingSpec training,
      NetworkSpec network,
      TrainedWeights trained,
      @Nullable SquaredErrors errors) {
    weights = trained.flat();
    OptimizerSpec spec = training.optimizer();
    names = spec.reported();
    weightDecay = spec.weightDecay().value();
    try (PointerScope scope = new PointerScope()) {
      state = new OptimizerState(weights);
      search = Searches.of(spec, trained, errors);
      if (search != null) {
        return;
      }
      for (WeightGroup group : WeightGroup.of(network, trained, training.updates())) {
        List<Slice> slices =
            group.ranges().stream().map(range -> new Slice(trained, range, state)).toList();
        double factor = group.parameters().rate();
        DoubleSupplier decay = group.parameters().decays() ? () -> weightDecay : () -> 0;
        Rule rule = rule(spec, slices, decay, factor);
        rules.add(factor == 1 ? rule : (rate, step) -> rule.step(factor * rate, step));
      }
    }
  }

  private Rule rule(OptimizerSpec spec, List<Slice> slices, DoubleSupplier decay, double factor) {
    return switch (spec) {
      case Sgd sgd when sgd.momentum() > 0 -> fusedSgd(sgd, slices, decay);
      case Sgd _, Perceptron _ -> plain(slices, decay);
      case AdamFamily adam -> AdamRules.of(adam, slices, decay, state);
      case ScaledGradient scaled -> ScaledGradientRules.of(scaled, slices, decay, state);
      case SignDescent sign ->
          all(slices.stream().map(slice -> SignRules.of(sign, slice, decay, factor)).toList());
      case GradientDescent descent ->
          all(slices.stream().map(slice -> DescentRules.of(descent, slice, factor)).toList());
      case Lbfgs _, FullBatch _ ->
          throw new IllegalArgumentException(spec.type() + " needs a loss to search by");
    };
  }

  /** One rule after the other. */
  static Rule all(List<Rule> rules) {
    return rules.size() == 1
        ? rules.getFirst()
        : (rate, step) -> rules.forEach(rule -> rule.step(rate, step));
  }

  private static Rule plain(List<Slice> slices, DoubleSupplier decay) {
    return all(
        slices.stream()
            .map(
                slice ->
                    (Rule)
                        (rate, _) ->
                            slice
                                .weights()
                                .add_(slice.gradient(decay.getAsDouble()), new Scalar(-rate)))
            .toList());
  }

  private Rule fusedSgd(Sgd sgd, List<Slice> slices, DoubleSupplier decay) {
    FusedKernel kernel = new FusedKernel("aten::_fused_sgd_", state.handles());
    IValue weights = kernel.list(slices.stream().map(Slice::weights).toList());
    IValue gradients = kernel.list(slices.stream().map(Slice::gradient).toList());
    IValue velocities = kernel.list(slices.stream().map(slice -> slice.state("velocity")).toList());
    return (rate, _) ->
        kernel.call(
            weights,
            gradients,
            velocities,
            new IValue(decay.getAsDouble()),
            new IValue(sgd.momentum()),
            new IValue(rate),
            new IValue(0.0),
            kernel.flag(sgd.nesterov()),
            kernel.flag(false),
            // A velocity of 0 needs no first step apart.
            kernel.flag(false));
  }

  /** Sets the weight decay of the next steps, for the weights that have one. */
  void decayBy(double newDecay) {
    weightDecay = newDecay;
  }

  /** Whether a step computes losses and gradients again, and so needs {@link #search}. */
  boolean searches() {
    return search != null;
  }

  /** Makes a step by the current gradient. */
  void step(double learningRate) {
    long step = state.next();
    for (Rule rule : rules) {
      rule.step(learningRate, step);
    }
  }

  /**
   * Makes a step by the current gradient and as many more as it needs. An exception leaves the
   * weights as they were.
   *
   * @param loss of the current gradient
   * @param evaluate computes loss and gradient at the current weights
   */
  void search(double learningRate, double loss, DoubleSupplier evaluate) {
    if (search == null) {
      throw new IllegalStateException("this optimizer makes steps");
    }
    state.next();
    try (PointerScope scope = new PointerScope()) {
      Tensor before = weights.clone();
      try {
        search.step(learningRate, loss, evaluate);
      } catch (RuntimeException e) {
        weights.copy_(before);
        throw e;
      }
    }
  }

  /** Whether another search would find nothing better. */
  boolean isExhausted() {
    return search != null && search.isExhausted();
  }

  /** The learning rate of the last step: the given one, or the optimizer's own. */
  double learningRate(double given) {
    return search == null ? given : search.learningRate(given);
  }

  /** Numbers that an epoch reports beside its losses and metrics, by name. */
  Map<String, Double> reported() {
    Map<String, Double> reported = new LinkedHashMap<>();
    if (search != null) {
      List<Double> values = search.values();
      for (int i = 0; i < values.size(); i++) {
        reported.put(names.get(i), values.get(i));
      }
    }
    return reported;
  }

  /** The steps so far. */
  long steps() {
    return state.steps();
  }

  /** A copy of the state by name. */
  Map<String, HostTensor> toHost() {
    Map<String, HostTensor> copy = state.toHost();
    if (search != null) {
      search.putInto(copy);
    }
    return copy;
  }

  void restore(Map<String, HostTensor> stored) {
    state.restore(stored);
    if (search != null) {
      search.restore(stored);
    }
  }

  @Override
  public void close() {
    if (search != null) {
      search.close();
    }
    state.close();
  }
}
