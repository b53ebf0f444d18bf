package io.trainyard.spec.phase;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.training.Phase;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A phase as a training of its own: the layers that its outputs need, of which those that it names
 * are trainable, and its targets. A training without phases is one such.
 *
 * @param phase null: the whole training
 * @param model its network has only the needed layers; all its outputs are trained
 */
public record PhaseModel(@Nullable Phase phase, ModelSpec model, TrainingSpec training) {
  private static final String NO_LAYER = "There is no layer ";

  /** The phases of a training, or the training itself; all were checked. */
  public static List<PhaseModel> all(ModelSpec model, TrainingSpec training) {
    if (training.phases().isEmpty()) {
      return List.of(new PhaseModel(null, model, training));
    }
    List<PhaseModel> all = new ArrayList<>();
    for (Phase phase : training.phases().list()) {
      Violations violations = new Violations();
      PhaseModel found = of(model, phase, violations);
      violations.throwIfAny();
      all.add(Objects.requireNonNull(found));
    }
    return all;
  }

  /** The phase, or null when the violations say what it names in vain. */
  public static @Nullable PhaseModel of(ModelSpec model, Phase phase, Violations violations) {
    return new Builder(model, phase, violations).build();
  }

  /** Whether a fault is the name of a layer that the network does not have. */
  public static boolean isUnknownLayer(Violation fault) {
    return fault.detail().startsWith(NO_LAYER);
  }

  /** The layers that a path names: one, or all of a nested model. */
  private static List<Layer> within(NetworkSpec network, String path) {
    return network.layers().stream()
        .filter(layer -> NestedSpec.isWithin(layer.name(), path))
        .toList();
  }

  private record Builder(ModelSpec whole, Phase phase, Violations violations) {
    private @Nullable PhaseModel build() {
      long before = violations.count();
      Set<String> trained = trained();
      Map<String, TargetSpec> targets = targets();
      if (violations.count() > before || targets.isEmpty()) {
        return null;
      }
      List<String> outputs =
          targets.values().stream().map(target -> Objects.requireNonNull(target.output())).toList();
      checkLeading(outputs);
      Set<String> wanted = new HashSet<>(outputs);
      targets.values().stream()
          .map(TargetSpec::source)
          .filter(TargetSpec.Source.LayerOutput.class::isInstance)
          .forEach(source -> wanted.add(((TargetSpec.Source.LayerOutput) source).layer()));
      NetworkSpec network = part(whole.network(), needed(wanted), trained, outputs);
      return violations.count() > before
          ? null
          : new PhaseModel(
              phase,
              new ModelSpec(whole.name(), whole.inputs(), targets, network),
              phase.training());
    }

    /** The names of all layers to train. */
    private Set<String> trained() {
      Set<String> trained = new HashSet<>();
      for (int i = 0; i < phase.train().size(); i++) {
        String path = phase.train().get(i);
        List<Layer> within = within(whole.network(), path);
        List<Layer> own =
            within.stream().filter(layer -> !(layer.spec() instanceof NestedSpec)).toList();
        Layer only = own.size() == 1 ? own.getFirst() : null;
        if (within.isEmpty()) {
          violations.add(pointer("train", i), noLayer(path));
        } else if (own.stream().noneMatch(Layer::trainable)) {
          violations.add(
              pointer("train", i),
              "'%s' has \"trainable\": false: leave it out of 'train', or set its 'trainable' to true"
                  .formatted(path));
        } else if (only != null && only.share() != null) {
          violations.add(
              pointer("train", i),
              "Layer '%s' uses the weights of '%s': name that one".formatted(path, only.share()));
        }
        own.stream().filter(Layer::trainable).map(Layer::name).forEach(trained::add);
      }
      return trained;
    }

    private String noLayer(String path) {
      List<String> names = whole.network().layers().stream().map(Layer::name).toList();
      return (NO_LAYER + "'%s'%s")
          .formatted(
              JsonObject.shorten(path),
              NameAdvice.before(
                  "the layers are " + JsonObject.shorten(String.join(", ", names)), path, names));
    }

    /** The targets with the outputs that they train; empty when a violation says why. */
    private Map<String, TargetSpec> targets() {
      Map<String, TargetSpec> targets = new LinkedHashMap<>();
      String output = phase.output();
      if (output != null && !isLayer(output)) {
        violations.add(pointer("output"), noLayer(output));
        if (phase.source() == null) {
          return targets;
        }
      }
      if (phase.source() != null) {
        one(phase.source(), output, targets);
      } else if (output != null) {
        String target = targetOf(output);
        if (target != null) {
          targets.put(target, trains(whole.target(target), output));
        }
      } else {
        for (String target : whole.targets().keySet()) {
          String own = whole.outputOf(target);
          if (own != null) {
            targets.put(target, trains(whole.target(target), own));
          }
        }
      }
      return targets;
    }

    private boolean isLayer(String name) {
      return whole.network().layers().stream().anyMatch(layer -> layer.name().equals(name));
    }

    /** The target that trains an output, else the only one. */
    private @Nullable String targetOf(String output) {
      for (String target : whole.targets().keySet()) {
        if (output.equals(whole.outputOf(target))) {
          return target;
        }
      }
      if (whole.targets().size() == 1) {
        return whole.targets().keySet().iterator().next();
      }
      violations.add(
          pointer("target"),
          "'target' is required: no target of the model trains '%s'. Write {\"name\": ...} with one of %s, {\"input\": ...} or {\"layer\": ...}"
              .formatted(output, whole.targets().keySet()));
      return null;
    }

    private void one(Phase.Source source, @Nullable String given, Map<String, TargetSpec> targets) {
      switch (source) {
        case Phase.Source.Target(String name) -> {
          String output =
              given != null || !whole.targets().containsKey(name) ? given : whole.outputOf(name);
          if (!whole.targets().containsKey(name)) {
            violations.add(
                pointer("target") + "/name",
                "There is no target '%s'; the targets are %s"
                    .formatted(JsonObject.shorten(name), whole.targets().keySet()));
          } else if (output != null) {
            targets.put(name, trains(whole.target(name), output));
          }
        }
        case Phase.Source.Input(String name) -> {
          String output = outputOrOnly(given);
          if (!whole.network().inputNames().contains(name)) {
            violations.add(
                pointer("target") + "/input",
                "There is no input '%s'; the inputs are %s"
                    .formatted(JsonObject.shorten(name), whole.network().inputNames()));
          } else if (whole.network().readsIndices(name)) {
            violations.add(
                pointer("target") + "/input",
                "Input '%s' holds indices, which no output gives: compare with a target of the model, or with another layer"
                    .formatted(name));
          } else if (output != null) {
            targets.put("input " + name, ofSource(new TargetSpec.Source.Input(name), output));
          }
        }
        case Phase.Source.LayerOutput(String name) -> {
          String output = outputOrOnly(given);
          if (!isLayer(name)) {
            violations.add(pointer("target") + "/layer", noLayer(name));
          } else if (name.equals(output)) {
            violations.add(
                pointer("target") + "/layer",
                "'%s' is the output itself, which has no error: compare with another layer"
                    .formatted(name));
          } else if (output != null) {
            targets.put("layer " + name, ofSource(new TargetSpec.Source.LayerOutput(name), output));
          }
        }
      }
    }

    private @Nullable String outputOrOnly(@Nullable String given) {
      List<String> outputs = whole.network().outputs();
      if (given == null && outputs.size() != 1) {
        violations.add(
            pointer("output"),
            "'output' is required, since the network has several: %s".formatted(outputs));
        return null;
      }
      return given == null ? outputs.getFirst() : given;
    }

    private static TargetSpec trains(TargetSpec target, String output) {
      return new TargetSpec(
          target.source(),
          output,
          target.type(),
          target.classes(),
          target.label(),
          target.offset(),
          target.shape(),
          target.scale(),
          target.clip(),
          target.rule());
    }

    private static TargetSpec ofSource(TargetSpec.Source source, String output) {
      return new TargetSpec(
          source,
          output,
          null,
          List.of(),
          TargetSpec.Label.TEXT,
          0,
          null,
          ByColumn.all(new Scaling.None()),
          TargetSpec.Clip.NONE,
          TargetSpec.Rule.DEFAULT);
    }

    private void checkLeading(List<String> outputs) {
      Set<String> leading = needed(outputs);
      for (int i = 0; i < phase.train().size(); i++) {
        String path = phase.train().get(i);
        List<Layer> within = within(whole.network(), path);
        if (!within.isEmpty()
            && within.stream().noneMatch(layer -> leading.contains(layer.name()))) {
          violations.add(
              pointer("train", i),
              "'%s' does not lead to %s, which this phase trains: leave it out, or give the phase another 'output'"
                  .formatted(path, String.join(", ", outputs)));
        }
      }
    }

    /** The layers that these values are computed from, and the owners of their weights. */
    private Set<String> needed(Iterable<String> values) {
      Set<String> needed = new HashSet<>();
      values.forEach(needed::add);
      int before;
      // The owner of a layer's weights may come behind it.
      do {
        before = needed.size();
        for (Layer layer : whole.network().layers().reversed()) {
          if (needed.contains(layer.name())) {
            needed.addAll(layer.inputs());
            needed.add(layer.weightsOwner());
          }
        }
      } while (needed.size() > before);
      return needed;
    }

    private String pointer(String member) {
      return phase.pointer() + "/" + member;
    }

    private String pointer(String member, int index) {
      return Violation.pointer(pointer(member), index);
    }
  }

  private static NetworkSpec part(
      NetworkSpec network, Set<String> kept, Set<String> trained, List<String> outputs) {
    List<Layer> layers = new ArrayList<>();
    for (Layer layer : network.layers()) {
      if (kept.contains(layer.name())) {
        boolean trainable = layer.trainable() && trained.contains(layer.name());
        layers.add(
            new Layer(
                layer.name(),
                layer.spec(),
                layer.inputs(),
                trainable,
                layer.share(),
                layer.index()));
      }
    }
    Map<String, Shape> inputs = new LinkedHashMap<>(network.inputs());
    inputs.keySet().retainAll(kept);
    List<String> names = network.inputNames().stream().filter(kept::contains).toList();
    return new NetworkSpec(inputs, names, layers, outputs);
  }
}
