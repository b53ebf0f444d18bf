package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.LayerNames;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.training.Phase;
import io.trainyard.spec.training.TrainingSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The layers that gradients reach. Gradients flow backwards from the trained outputs, also through
 * frozen layers, and stop at a function whose gradient is zero.
 *
 * @param used layers on a path to an output or a target
 * @param reached layers whose weights receive a gradient
 * @param blockedBy for a layer that a gradient cannot reach, the layer where it stops
 */
record GradientReach(
    TrainingCheck check, Set<String> used, Set<String> reached, Map<String, Layer> blockedBy) {
  static final String NOTHING_TRAINABLE =
      "Nothing can be trained: no layer that leads to an output has weights and is 'trainable'";

  static GradientReach of(TrainingCheck check) {
    GradientReach reach = new GradientReach(check, used(check), new HashSet<>(), new HashMap<>());
    reach.followGradients();
    return reach;
  }

  private static Set<String> used(TrainingCheck check) {
    NetworkSpec network = check.model().network();
    Set<String> used = new HashSet<>(network.outputs());
    for (TargetSpec target : check.model().targets().values()) {
      if (target.source() instanceof TargetSpec.Source.LayerOutput(String layer)) {
        used.add(layer);
      }
    }
    TrainingSpec training = check.training();
    if (training != null) {
      training.phases().list().forEach(phase -> addNamed(phase, used));
    }
    for (Layer layer : network.layers().reversed()) {
      if (used.contains(layer.name())) {
        used.addAll(layer.inputs());
        used.add(layer.weightsOwner());
      }
    }
    return used;
  }

  private static void addNamed(Phase phase, Set<String> used) {
    used.addAll(phase.train());
    if (phase.output() != null) {
      used.add(phase.output());
    }
    if (phase.source() instanceof Phase.Source.LayerOutput(String layer)) {
      used.add(layer);
    }
  }

  /** Visits every layer after all layers that read it. */
  private void followGradients() {
    Set<String> gradient = new HashSet<>(check.trainedOutputs().keySet());
    for (Layer layer : check.model().network().layers().reversed()) {
      Layer stop = blockedBy.get(layer.name());
      if (gradient.contains(layer.name())) {
        followThrough(layer, gradient);
      } else if (stop != null) {
        layer.inputs().forEach(input -> blockedBy.putIfAbsent(input, stop));
      }
    }
  }

  private void followThrough(Layer layer, Set<String> gradient) {
    if (layer.spec().hasNoGradient()) {
      blockedBy.put(layer.name(), layer);
    } else {
      reached.add(layer.weightsOwner());
    }
    for (int i = 0; i < layer.inputs().size(); i++) {
      String input = layer.inputs().get(i);
      if (layer.spec().passesGradient(layer, i)) {
        gradient.add(input);
      } else {
        blockedBy.putIfAbsent(input, layer);
      }
    }
  }

  List<Layer> unused() {
    return check.model().network().layers().stream()
        // A nested model may have layers that its outputs here do not need.
        .filter(layer -> !NestedSpec.isInner(layer.name()))
        .filter(layer -> !used.contains(layer.name()))
        .toList();
  }

  void checkUnused(Violations violations) {
    unused()
        .forEach(layer -> violations.add(check.pointer(layer), LayerNames.unused(layer.name())));
  }

  /**
   * @param place that decides what is trained
   */
  void checkNotNothing(String place, Violations violations) {
    if (nothingIsTrainable() && check.shapes().isWholeOf(check.model().network())) {
      violations.add(place, NOTHING_TRAINABLE);
    }
  }

  void checkReached(Violations violations) {
    for (Layer layer : trainable()) {
      Layer stop = blockedBy.get(layer.name());
      if (stop != null && !reached.contains(layer.name())) {
        violations.add(
            check.pointer(stop),
            "Layer '%s' cannot learn: every path from the loss to its weights passes through %s, whose gradient is zero. Use sigmoid or tanh while training, or set 'trainable' of '%s' to false"
                .formatted(layer.name(), stop.spec().gradientStopper(), layer.name()));
      }
    }
  }

  boolean nothingIsTrainable() {
    return trainable().isEmpty();
  }

  /** Layers with weights that training may change. */
  List<Layer> trainable() {
    List<Layer> trainable = new ArrayList<>();
    for (Layer layer : check.model().network().layers()) {
      LayerShape shape = check.shapes().layers().get(layer.name());
      boolean mayChange = layer.trainable() && used.contains(layer.name());
      if (mayChange && shape != null && shape.parameters() > 0) {
        trainable.add(layer);
      }
    }
    return trainable;
  }
}
