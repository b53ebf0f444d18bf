package io.trainyard.predict.request;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.model.AnsweredCertainty;
import io.trainyard.model.VersionDefinition;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.request.NamedInputs.Described;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The outputs of a model by the names that protocols of tensors use. A model of columns gives each
 * target: numbers in their own units, those of gaussian_nll beside {@code <target>_std}, a class as
 * a text beside {@code <target>_probabilities} where it has them. Intervals, sets of classes, and
 * how much the members of an ensemble differ ({@code <target>_uncertainty}) are tensors of their
 * own. A model of tensors gives its network's outputs. Any layer can be asked for by its name.
 */
public final class NamedOutputs {
  private static final String PROBABILITIES = "_probabilities";

  private final List<String> wanted;
  private final List<String> layers;
  private final boolean members;

  private NamedOutputs(List<String> wanted, List<String> layers, boolean members) {
    this.wanted = wanted;
    this.layers = layers;
    this.members = members;
  }

  /**
   * The outputs of one answer.
   *
   * @param asked their names; empty: those that {@link #describe} lists
   */
  static NamedOutputs of(VersionDefinition model, List<String> asked) {
    List<String> own = describe(model).stream().map(Described::name).toList();
    List<String> wanted = asked.isEmpty() ? own : List.copyOf(asked);
    List<String> layers = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < wanted.size(); i++) {
      String name = wanted.get(i);
      if (!seen.add(name)) {
        throw refused(i, "'" + JsonObject.shorten(name) + "' is asked for twice");
      }
      if (!own.contains(name)) {
        if (!model.shapes().layers().containsKey(ForwardPlan.layerOf(name))) {
          throw refused(
              i,
              "The model has no output '%s'; it has %s, and its layers by name"
                  .formatted(
                      JsonObject.shorten(name),
                      own.stream().limit(50).collect(Collectors.joining(", "))));
        }
        layers.add(name);
      }
    }
    boolean members = model.uncertainties().keySet().stream().anyMatch(wanted::contains);
    return new NamedOutputs(wanted, List.copyOf(layers), members);
  }

  private static ServiceException refused(int output, String detail) {
    return ServiceException.invalid(Violation.pointer("/outputs", output), detail);
  }

  /** The tensors that a model gives when no other is asked for, in order. */
  public static List<Described> describe(VersionDefinition model) {
    List<Described> outputs = new ArrayList<>();
    Encoding encoding = model.encoding();
    if (encoding == null || encoding.targets().isEmpty()) {
      for (String output : model.spec().network().outputs()) {
        Shape row = model.shapes().of(output);
        outputs.add(new Described(output, model.spec().network().elementOf(output), row));
      }
      return outputs;
    }
    Map<String, String> deviations = model.deviations();
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (target instanceof TargetEncoding.ClassTarget labels) {
                outputs.add(new Described(name, null, Shape.of(1)));
                if (labels.scores().hasProbabilities()) {
                  outputs.add(
                      new Described(
                          name + PROBABILITIES,
                          ElementType.FLOAT32,
                          Shape.of(labels.classes().size())));
                }
              } else {
                outputs.add(new Described(name, ElementType.FLOAT32, model.row(target)));
                deviations.forEach(
                    (std, of) -> {
                      if (of.equals(name)) {
                        outputs.add(new Described(std, ElementType.FLOAT32, model.row(target)));
                      }
                    });
              }
            });
    for (AnsweredCertainty each : model.certainties()) {
      outputs.add(new Described(each.name(), each.type(), each.row()));
    }
    model
        .uncertainties()
        .forEach(
            (name, spread) -> outputs.add(new Described(name, ElementType.FLOAT32, spread.row())));
    return outputs;
  }

  /** The layers whose outputs must be computed besides the network's own. */
  List<String> layers() {
    return layers;
  }

  /** Whether the outputs of the members of an ensemble must be computed. */
  boolean needsMembers() {
    return members;
  }

  /** The tensors of an answer, in the order in which they were asked for. */
  public List<NamedTensor> of(Prediction prediction) {
    return of(prediction.definition(), prediction.outputs(), prediction.rows());
  }

  /**
   * As {@link #of(Prediction)}.
   *
   * @param outputs of the network and of the layers that were asked for, [rows, ...] by name
   */
  List<NamedTensor> of(VersionDefinition definition, Map<String, HostTensor> outputs, int rows) {
    Encoding encoding = definition.encoding();
    Map<String, NamedTensor> made = new LinkedHashMap<>();
    if (encoding != null) {
      encoding.targets().keySet().forEach(each -> putTarget(each, encoding, outputs, rows, made));
      putCertainty(definition, encoding, outputs, rows, made);
    }
    List<NamedTensor> answers = new ArrayList<>();
    for (String name : wanted) {
      NamedTensor target = made.get(name);
      answers.add(
          target == null
              ? new NamedTensor.Numbers(name, Objects.requireNonNull(outputs.get(name), name))
              : target);
    }
    return answers;
  }

  /** Intervals, sets, and how much members differ, where they are asked for. */
  private void putCertainty(
      VersionDefinition definition,
      Encoding encoding,
      Map<String, HostTensor> outputs,
      int rows,
      Map<String, NamedTensor> made) {
    for (AnsweredCertainty each : definition.certainties()) {
      if (wanted.contains(each.name())) {
        made.put(
            each.name(),
            new NamedTensor.Numbers(each.name(), each.tensor(encoding, outputs, rows)));
      }
    }
    definition
        .uncertainties()
        .forEach(
            (name, spread) -> {
              if (wanted.contains(name)) {
                made.put(
                    name, new NamedTensor.Numbers(name, spread.tensor(encoding, outputs, rows)));
              }
            });
  }

  private void putTarget(
      String target,
      Encoding encoding,
      Map<String, HostTensor> outputs,
      int rows,
      Map<String, NamedTensor> made) {
    String probabilities = target + PROBABILITIES;
    String std = target + "_" + Encoding.STD;
    if (Stream.of(target, probabilities, std).noneMatch(wanted::contains)) {
      return;
    }
    switch (encoding.decodeTarget(target, outputs, rows)) {
      case TargetEncoding.Decoded.Numbers(var tensor, var deviations) -> {
        made.put(target, new NamedTensor.Numbers(target, tensor));
        if (deviations != null && wanted.contains(std)) {
          made.putIfAbsent(std, new NamedTensor.Numbers(std, deviations));
        }
      }
      case TargetEncoding.Decoded.Labels(List<String> labels, var shares, _) -> {
        made.put(target, new NamedTensor.Texts(target, Shape.of(labels.size(), 1), labels));
        if (shares != null) {
          made.put(probabilities, new NamedTensor.Numbers(probabilities, shares));
        }
      }
    }
  }
}
