package io.trainyard.train;

import io.trainyard.engine.Objective;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pairs targets with the outputs they train. */
final class Objectives {
  private Objectives() {}

  static List<Objective> of(
      NetworkSpec network, Map<String, TargetSpec> targets, TrainingSpec training) {
    List<Objective> objectives = new ArrayList<>();
    targets.forEach(
        (name, target) -> {
          String output = output(network, name, target);
          objectives.add(
              new Objective(
                  name,
                  target.source(),
                  output,
                  training.loss(output),
                  training.lossWeights().getOrDefault(output, 1.0)));
        });
    return objectives;
  }

  private static String output(NetworkSpec network, String name, TargetSpec target) {
    if (target.output() != null) {
      return target.output();
    }
    return network.outputs().size() == 1 ? network.outputs().getFirst() : name;
  }
}
