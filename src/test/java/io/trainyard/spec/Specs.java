package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/** Reads specs from JSON that has ' in place of ". */
public final class Specs {
  private Specs() {}

  public static JsonNode json(String text) {
    return StrictJson.parse(text.replace('\'', '"'));
  }

  public static ModelSpec model(String text) {
    return SpecReader.model(json(text));
  }

  /** A raw-tensor model with one input and the given layers. */
  public static ModelSpec network(String inputShape, String... layers) {
    return model(networkText(inputShape, layers));
  }

  public static String networkText(String inputShape, String... layers) {
    return "{'name': 'net', 'network': {'inputs': {'x': {'shape': %s}}, 'layers': [%s]}}"
        .formatted(inputShape, String.join(", ", layers));
  }

  public static NetworkShapes shapes(ModelSpec model) {
    return shapes(model, model.network().inputs());
  }

  public static NetworkShapes shapes(ModelSpec model, Map<String, Shape> inputs) {
    Violations violations = new Violations();
    NetworkShapes shapes = ShapeInference.infer(model.network(), inputs, "/network", violations);
    violations.throwIfAny();
    return shapes;
  }

  public static NetworkShapes shapes(String inputShape, String... layers) {
    return shapes(network(inputShape, layers));
  }

  public static TrainingSpec training(String text) {
    Violations violations = new Violations();
    TrainingSpec training = SpecReader.training(json(text), "", violations);
    violations.throwIfAny();
    return Objects.requireNonNull(training);
  }

  /** The faults of a model, each as "pointer: detail". */
  public static Iterable<String> modelFaults(String text) {
    return faults(text, (json, violations) -> SpecReader.model(json, "", violations));
  }

  public static Iterable<String> trainingFaults(String text) {
    return faults(text, (json, violations) -> SpecReader.training(json, "", violations));
  }

  /** The faults that shape inference finds in a readable raw-tensor model. */
  public static Iterable<String> shapeFaults(String text) {
    return faults(
        text,
        (json, violations) -> {
          NetworkSpec network = SpecReader.model(json).network();
          return ShapeInference.infer(network, network.inputs(), "/network", violations);
        });
  }

  private static Iterable<String> faults(String text, BiFunction<JsonNode, Violations, ?> reader) {
    Violations violations = new Violations();
    var _ = reader.apply(json(text), violations);
    return violations.list().stream().map(Specs::line).toList();
  }

  private static String line(Violation violation) {
    return violation.pointer() + ": " + violation.detail();
  }
}
