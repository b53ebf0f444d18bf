package io.trainyard.engine;

import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.weights.RegularizerSpec;
import io.trainyard.spec.weights.RegularizerSpec.Sparsity;
import io.trainyard.spec.weights.WeightSpec;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** The terms that the regularizers of trainable layers add to the loss. */
final class Regularization {
  /** Mean activations are clamped to this distance from 0 and 1. */
  private static final double MARGIN = 1e-7;

  private record Kernel(Tensor weight, double l1, double l2) {}

  private record Output(String layer, RegularizerSpec regularizer) {}

  private final List<Kernel> kernels = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();

  /** How often each member counts in the mean that the penalty of an ensemble is. */
  private final List<Integer> members;

  Regularization(TrainingPlan plan, TrainedWeights weights) {
    members = NetworkMembers.weights(plan.network());
    for (Layer layer : plan.network().layers()) {
      RegularizerSpec regularizer = layer.spec().rules().regularizer();
      if (regularizer.isNone() || !layer.trainable() || !plan.training().penalties()) {
        continue;
      }
      // A shared kernel counts once, with the layer that owns it.
      if (layer.share() == null) {
        addKernels(layer, plan.shapes().layer(layer.name()).weights(), weights);
      }
      if (regularizer.activityL2() > 0 || regularizer.sparsity() != null) {
        outputs.add(new Output(layer.name(), regularizer));
      }
    }
  }

  private void addKernels(Layer layer, List<WeightSpec> specs, TrainedWeights weights) {
    RegularizerSpec regularizer = layer.spec().rules().regularizer();
    for (WeightSpec weight : specs) {
      if (layer.spec().isRegularized(weight) && weights.isTrainable(weight.name())) {
        kernels.add(
            new Kernel(
                weights.tensor(weight.name()),
                part(regularizer.l1(), layer.name()),
                part(regularizer.l2(), layer.name())));
      }
    }
  }

  /** What a layer's factor counts in the mean over the members. */
  private double part(double factor, String layer) {
    int member = NetworkMembers.memberOf(layer);
    return member < 0 || members.isEmpty()
        ? factor
        : factor * members.get(member) / members.stream().mapToInt(Integer::intValue).sum();
  }

  boolean isEmpty() {
    return kernels.isEmpty() && outputs.isEmpty();
  }

  /** Layers whose outputs are regularized. */
  List<String> layers() {
    return outputs.stream().map(Output::layer).toList();
  }

  Tensor addTo(Tensor loss, Graph graph, Graph.Values values) {
    Tensor sum = loss;
    for (Kernel kernel : kernels) {
      if (kernel.l1() > 0) {
        sum = sum.add(kernel.weight().abs().sum(), new Scalar(kernel.l1()));
      }
      if (kernel.l2() > 0) {
        sum = sum.add(kernel.weight().square().sum(), new Scalar(kernel.l2()));
      }
    }
    for (Output output : outputs) {
      sum = addTo(sum, output, graph.value(values, output.layer()));
    }
    return sum;
  }

  private Tensor addTo(Tensor loss, Output output, Tensor activity) {
    RegularizerSpec regularizer = output.regularizer();
    Tensor sum = loss;
    if (regularizer.activityL2() > 0) {
      double perRow = part(regularizer.activityL2() / activity.size(0), output.layer());
      sum = sum.add(activity.square().sum(), new Scalar(perRow));
    }
    Sparsity sparsity = regularizer.sparsity();
    if (sparsity != null) {
      sum =
          sum.add(
              divergence(activity, sparsity.proportion()),
              new Scalar(part(sparsity.weight(), output.layer())));
    }
    return sum;
  }

  /** Σ_units ρ·log(ρ/ρ̂) + (1 − ρ)·log((1 − ρ)/(1 − ρ̂)); units are the last axis. */
  private static Tensor divergence(Tensor activity, double proportion) {
    long units = activity.size(-1);
    Tensor mean =
        activity
            .reshape(-1, units)
            .mean(0)
            .clamp(
                new ScalarOptional(new Scalar(MARGIN)), new ScalarOptional(new Scalar(1 - MARGIN)));
    double entropy =
        proportion * Math.log(proportion) + (1 - proportion) * Math.log(1 - proportion);
    Tensor on = mean.log().mul(new Scalar(proportion));
    Tensor off = mean.neg().log1p().mul(new Scalar(1 - proportion));
    return on.add(off).sum().neg().add(new Scalar(entropy * units));
  }
}
