package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.NestedSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which layers a loss can teach: gradients flow from the trained outputs against the graph, through
 * frozen layers too, and end at a function without a slope.
 *
 * @param used layers that lead to an output or a target
 * @param reached layers whose own weights a gradient reaches
 * @param blockedBy for a layer behind a function without a slope, the layer that has it
 */
record GradientReach(
    TrainingCheck check, Set<String> used, Set<String> reached, Map<String, Layer> blockedBy) {
  static final String NOTHING_LEARNS =
      "Nothing can learn: no layer that leads to an output has weights that are 'trainable'";

  static GradientReach of(TrainingCheck check) {
    NetworkSpec network = check.model().network();
    Set<String> used = new HashSet<>(network.outputs());
    for (TargetSpec target : check.model().targets().values()) {
      if (target.source() instanceof TargetSpec.Source.LayerOutput(String layer)) {
        used.add(layer);
      }
    }
    Set<String> gradient = new HashSet<>(check.trainedOutputs().keySet());
    Set<String> reached = new HashSet<>();
    Map<String, Layer> blockedBy = new HashMap<>();
    for (Layer layer : network.layers().reversed()) {
      if (used.contains(layer.name())) {
        used.addAll(layer.inputs());
        if (layer.share() != null) {
          used.add(layer.share());
        }
      }
      if (gradient.contains(layer.name())) {
        if (layer.spec().hasNoGradient()) {
          blockedBy.put(layer.name(), layer);
        } else {
          reached.add(layer.weightsOwner());
        }
        for (int i = 0; i < layer.inputs().size(); i++) {
          if (layer.spec().passesGradient(layer.inputs(), i)) {
            gradient.add(layer.inputs().get(i));
          } else {
            blockedBy.putIfAbsent(layer.inputs().get(i), layer);
          }
        }
      } else if (blockedBy.containsKey(layer.name())) {
        Layer step = blockedBy.getOrDefault(layer.name(), layer);
        layer.inputs().forEach(input -> blockedBy.putIfAbsent(input, step));
      }
    }
    return new GradientReach(check, used, reached, blockedBy);
  }

  List<Layer> unused() {
    return check.model().network().layers().stream()
        // A nested model comes whole, whatever of it is read.
        .filter(layer -> layer.name().indexOf(NestedSpec.SEPARATOR) < 0)
        .filter(layer -> !used.contains(layer.name()))
        .toList();
  }

  void checkUnused(Violations violations) {
    unused()
        .forEach(
            layer ->
                violations.add(
                    check.pointer(layer),
                    "Layer '%s' leads to no output: name it in 'outputs', or leave it out"
                        .formatted(layer.name())));
  }

  void checkLearners(Violations violations) {
    List<Layer> learners = learners();
    boolean shapesKnown = check.shapes().layers().size() == check.model().network().layers().size();
    if (learners.isEmpty() && shapesKnown) {
      violations.add(check.modelPointer() + "/network", NOTHING_LEARNS);
    }
    for (Layer layer : learners) {
      Layer step = blockedBy.get(layer.name());
      if (step != null && !reached.contains(layer.name())) {
        violations.add(
            check.pointer(step),
            "Layer '%s' cannot learn: every way from the loss to its weights passes %s, whose gradient is zero. Use sigmoid or tanh while training, or set 'trainable' of '%s' to false"
                .formatted(layer.name(), step.spec().gradientStopper(), layer.name()));
      }
    }
  }

  boolean nothingIsTrainable() {
    return learners().isEmpty();
  }

  /** Layers with weights of their own that training may change. */
  private List<Layer> learners() {
    List<Layer> learners = new ArrayList<>();
    for (Layer layer : check.model().network().layers()) {
      LayerShape shape = check.shapes().layers().get(layer.name());
      boolean mayLearn = layer.trainable() && used.contains(layer.name());
      if (mayLearn && shape != null && shape.parameters() > 0) {
        learners.add(layer);
      }
    }
    return learners;
  }
}
