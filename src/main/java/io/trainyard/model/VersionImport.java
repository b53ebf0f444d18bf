package io.trainyard.model;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.check.TrainingCheck;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Makes a version of weights that were made elsewhere, checked as strictly as our own. */
public final class VersionImport {
  private final VersionStore versions;
  private final WeightStore weights;
  private final NestedModels nested;
  private final Map<String, String> libraries;

  /**
   * @param libraries what checks the weights, for the provenance
   */
  public VersionImport(
      VersionStore versions,
      WeightStore weights,
      NestedModels nested,
      Map<String, String> libraries) {
    this.versions = versions;
    this.weights = weights;
    this.nested = nested;
    this.libraries = Map.copyOf(libraries);
  }

  /**
   * Publishes an imported version; pointers begin with the part's name.
   *
   * @param given the model object
   * @param file a safetensors file; null when the network stores nothing
   * @param encoding null when all columns are plain numbers, or there are none
   */
  public ModelVersion publish(
      String model, JsonNode given, @Nullable Path file, @Nullable JsonNode encoding) {
    Violations violations = new Violations();
    JsonNode spec = nested.resolve(given, "/spec", violations);
    violations.throwIfAny();
    ModelSpec read = SpecReader.model(spec, "/spec", violations);
    if (read != null && !read.name().equals(model)) {
      violations.add("/spec/name", "The path says '" + model + "', the spec '" + read.name() + "'");
    }
    violations.throwIfAny();
    if (read == null) {
      throw new IllegalStateException("a model without a fault could not be read");
    }
    Encoding learned = encoding(read, encoding, violations);
    violations.throwIfAny();
    NetworkShapes shapes =
        ShapeInference.infer(
            read.network(),
            VersionDefinition.inputShapes(read, learned),
            "/spec/network",
            violations);
    violations.throwIfAny();
    if (learned != null) {
      new TrainingCheck(read, shapes, learned.targetValues(), null, "/spec", "/training")
          .check(violations);
      violations.throwIfAny();
    }
    return versions.publish(
        new NewVersion(
            model,
            spec,
            learned == null ? null : learned.toJson(),
            JsonNodeFactory.instance.objectNode(),
            new Provenance.Imported(libraries),
            store(file, shapes, nested.weights(spec)),
            nested.needs(spec)));
  }

  private static @Nullable Encoding encoding(
      ModelSpec model, @Nullable JsonNode given, Violations violations) {
    if (model.takesRawTensors()) {
      if (given != null) {
        violations.add(
            "/encoding", "A model without 'inputs' takes bare tensors: nothing to encode");
      }
      return null;
    }
    if (given == null) {
      return Encoding.assumed(model, "/spec", violations);
    }
    try {
      Encoding encoding = Encoding.fromJson(given);
      checkNames("inputs", encoding.inputs(), model.inputs(), violations);
      checkNames("targets", encoding.targets(), model.targets(), violations);
      model
          .inputs()
          .forEach(
              (name, input) -> {
                var learned = encoding.inputs().get(name);
                if (learned != null
                    && !input.takesAllColumns()
                    && !learned.columnNames().equals(input.columns())) {
                  violations.add(
                      Violation.pointer("/encoding/inputs", name),
                      "The columns are "
                          + learned.columnNames()
                          + ", the spec has "
                          + input.columns());
                }
              });
      encoding
          .targets()
          .forEach(
              (name, target) -> {
                if (model.targets().containsKey(name)
                    && !target.output().equals(model.outputOf(name))) {
                  violations.add(
                      Violation.pointer("/encoding/targets", name),
                      "It is for the output '"
                          + target.output()
                          + "', the spec trains '"
                          + model.outputOf(name)
                          + "'");
                }
              });
      return encoding;
    } catch (ServiceException e) {
      violations.add("/encoding", e.detail());
      return null;
    }
  }

  private static void checkNames(
      String what, Map<String, ?> encoding, Map<String, ?> spec, Violations violations) {
    if (!encoding.keySet().equals(spec.keySet())) {
      violations.add(
          "/encoding/" + what,
          "The encoding has the " + what + " " + encoding.keySet() + ", the spec " + spec.keySet());
    }
  }

  /** What the file leaves out comes from the versions the model nests. */
  private StoredWeights store(
      @Nullable Path file, NetworkShapes shapes, Map<String, HostTensor> nested) {
    if (file == null) {
      return store(nested, shapes);
    }
    try (SafeTensors given = SafeTensors.open(file)) {
      Map<String, HostTensor> all = new HashMap<>(nested);
      all.putAll(given.tensors());
      return store(all, shapes);
    } catch (FormatException e) {
      String detail = "This is not a safetensors file: " + e.getMessage();
      throw new ServiceException(
          ErrorCode.WEIGHTS_MISMATCH, detail, List.of(new Violation("/weights", detail)));
    } catch (IOException e) {
      throw new UncheckedIOException("The uploaded weights cannot be read", e);
    }
  }

  private StoredWeights store(Map<String, HostTensor> given, NetworkShapes shapes) {
    Violations violations = new Violations();
    Map<String, HostTensor> fitting =
        WeightsCheck.fit(given, shapes.weights(), "/weights", violations);
    violations.throwIfAny(ErrorCode.WEIGHTS_MISMATCH);
    return weights.store(fitting);
  }
}
