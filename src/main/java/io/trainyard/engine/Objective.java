package io.trainyard.engine;

import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.TrainingSpec;

/**
 * One term of the training loss: an output compared with a target.
 *
 * @param target the target's name
 * @param source where its values come from: the data, an input, or a layer's output (detached)
 * @param weight its factor in the sum of losses
 * @param last the output's activation
 */
public record Objective(
    String target,
    TargetSpec.Source source,
    String output,
    LossSpec loss,
    double weight,
    Function last) {
  static Objective of(NetworkSpec network, String name, TargetSpec target, TrainingSpec training) {
    String output = output(network, name, target);
    return new Objective(
        name,
        target.source(),
        output,
        training.losses().of(name, output),
        training.losses().weight(name, output),
        network.computing(output).spec().activation().function());
  }

  private static String output(NetworkSpec network, String name, TargetSpec target) {
    if (target.output() != null) {
      return target.output();
    }
    return network.outputs().size() == 1 ? network.outputs().getFirst() : name;
  }
}
