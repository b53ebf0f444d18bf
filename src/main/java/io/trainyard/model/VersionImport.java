package io.trainyard.model;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.dataset.encoding.TableFacts;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.encoding.Vocabularies;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.model.check.ResolvedModel;
import io.trainyard.model.check.SpecCheck;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.Signature;
import io.trainyard.spec.check.Warning;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Publishes versions whose weights were trained elsewhere. */
public final class VersionImport {
  private static final String NOTHING_TO_RENAME = "There are no 'weights' to rename";

  private final VersionStore versions;
  private final WeightStore weights;
  private final NestedModels nested;
  private final LearnedEncodings learned;
  private final ServingCheck serving;
  private final VersionProof proof;
  private final ForeignNetworks foreign;
  private final Map<String, String> libraries;

  /**
   * Imports into these stores.
   *
   * @param learned the encodings that an input's {@code like} can name
   * @param serving refuses what this service could not answer from
   * @param foreign reads files of other tools
   * @param proof shows that a version answers before it is registered
   * @param libraries the names and versions of what checks the weights, for the provenance
   */
  public VersionImport(
      VersionStore versions,
      WeightStore weights,
      NestedModels nested,
      LearnedEncodings learned,
      ServingCheck serving,
      VersionProof proof,
      ForeignNetworks foreign,
      Map<String, String> libraries) {
    this.versions = versions;
    this.weights = weights;
    this.nested = nested;
    this.learned = learned;
    this.serving = serving;
    this.proof = proof;
    this.foreign = foreign;
    this.libraries = Map.copyOf(libraries);
  }

  /**
   * What a caller sends.
   *
   * @param spec the model object; null: an ONNX file alone
   * @param onnx a file with a whole network; null when the spec has its layers
   * @param weights a safetensors file; null when the network stores no weights
   * @param rename the network's names for tensors or modules of the file; null for the file's own
   * @param encoding null when all columns are plain numbers, or there are none
   */
  public record Parts(
      @Nullable JsonNode spec,
      @Nullable Path onnx,
      @Nullable Path weights,
      @Nullable JsonNode rename,
      @Nullable JsonNode encoding) {}

  /**
   * A version of another installation.
   *
   * @param spec as it was stored, with the networks that it nests
   * @param weights all weights of the network, or the file of another tool
   * @param table what it knows of the table that it was trained on
   */
  public record Exported(
      JsonNode spec,
      @Nullable JsonNode encoding,
      JsonNode metrics,
      Path weights,
      TableFacts table) {}

  /** Publishes a version of another installation. It needs none of the versions that it nested. */
  public ModelVersion publish(String model, Exported exported) {
    ObjectNode spec =
        exported.spec() instanceof ObjectNode object
            ? object.deepCopy().put("name", model)
            : JsonNodeFactory.instance.objectNode();
    Violations violations = new Violations();
    ResolvedModel resolved =
        ResolvedModel.ofImported(spec, "/spec", (json, _, _) -> json, violations);
    boolean foreign = resolved.spec().network().isForeign();
    if (foreign) {
      Path file = exported.weights();
      Parts parts = new Parts(spec, file, null, null, exported.encoding());
      Checked checked = check(model, resolved, parts, violations).with(exported.table());
      // What the archive says of rows is not believed: the file is read for it.
      ForeignNetworks.Network network = this.foreign.read(file, rows(checked.shapes()));
      checkEncoded(checked.definition(), network, violations);
      violations.throwIfAny();
      ObjectNode json = (ObjectNode) checked.json().path("network").deepCopy();
      return publishForeign(
          checked, json, network, file, exported.metrics(), ForeignAnswers.lost(checked.json()));
    }
    Parts parts = new Parts(spec, null, exported.weights(), null, exported.encoding());
    Checked checked = check(model, resolved, parts, violations).with(exported.table());
    return publish(
        checked, store(parts, checked.shapes(), Map.of()), exported.metrics(), List.of());
  }

  /** Publishes an imported version. Pointers of violations begin with the part's name. */
  public ModelVersion publish(String model, Parts parts) {
    if (parts.onnx() != null) {
      return publishForeign(model, parts, parts.onnx());
    }
    if (parts.spec() == null) {
      throw withFaultsOfFile(
          ServiceException.invalid(
              "/spec", "The part 'spec' is required, or 'onnx' with a whole network"),
          parts);
    }
    Violations violations = new Violations();
    ResolvedModel resolved = ResolvedModel.of(parts.spec(), "/spec", nested, violations);
    Checked checked;
    try {
      checked = check(model, resolved, parts, violations);
    } catch (ServiceException e) {
      throw withFaultsOfFile(e, parts);
    }
    return publish(
        checked,
        store(parts, checked.shapes(), nested.weights(resolved.json())),
        JsonNodeFactory.instance.objectNode(),
        nested.needs(checked.json()));
  }

  /** What is wrong with other parts, and with the file of weights, whatever it should hold. */
  private static ServiceException withFaultsOfFile(ServiceException refused, Parts parts) {
    Path file = parts.weights();
    if (refused.violations().isEmpty()) {
      return refused;
    }
    Violations all = new Violations();
    all.addAll(refused.violations());
    if (file == null && parts.rename() != null) {
      all.add("/rename", NOTHING_TO_RENAME);
    } else if (file != null) {
      try (SafeTensors _ = SafeTensors.open(file)) {
        return refused;
      } catch (FormatException e) {
        ServiceException unreadable = ForeignFile.refusal(file, e);
        if (unreadable.violations().isEmpty()) {
          all.add("/weights", unreadable.detail());
        }
        all.addAll(unreadable.violations());
      } catch (IOException e) {
        throw new UncheckedIOException("The uploaded weights cannot be read", e);
      }
    }
    return new ServiceException(refused.code(), refused.detail(), all.list());
  }

  /** A network in a file of another tool: the spec has the columns, if any. */
  private ModelVersion publishForeign(String model, Parts parts, Path file) {
    Violations violations = new Violations();
    if (parts.weights() != null || parts.rename() != null) {
      violations.add(
          parts.weights() != null ? "/weights" : "/rename", "An ONNX file brings its own weights");
    }
    JsonNode given = parts.spec();
    if (given != null && !given.isObject()) {
      violations.add("/spec", "An object was expected");
    }
    violations.throwIfAny();
    ObjectNode spec = JsonNodeFactory.instance.objectNode().put("name", model);
    if (given instanceof ObjectNode object) {
      spec.setAll(object);
      ForeignNetworks.checkMembers(object.path("network"), violations);
      violations.throwIfAny();
    }
    ForeignNetworks.Network network = foreign.read(file, spec.path("network"));
    boolean takesColumns = !spec.path("inputs").isEmpty();
    ObjectNode json = network.json().deepCopy();
    if (takesColumns) {
      json.remove("inputs");
    }
    spec.set("network", json);
    ResolvedModel resolved = ResolvedModel.ofImported(spec, "/spec", nested, violations);
    checkInputs(resolved.spec(), network, violations);
    Checked checked = check(model, resolved, parts, violations);
    checkEncoded(checked.definition(), network, violations);
    violations.throwIfAny();
    return publishForeign(
        checked, json, network, file, JsonNodeFactory.instance.objectNode(), network.warnings());
  }

  /** The shapes of inputs, as a caller gives those that a file leaves open. */
  private static JsonNode rows(NetworkShapes shapes) {
    ObjectNode network = JsonNodeFactory.instance.objectNode();
    ObjectNode inputs = network.putObject("inputs");
    shapes
        .inputs()
        .forEach(
            (name, shape) -> shape.dims().forEach(inputs.putObject(name).putArray("shape")::add));
    return network;
  }

  /**
   * Publishes a version whose network is a file.
   *
   * @param json of the network
   * @param network as the file says it
   */
  private ModelVersion publishForeign(
      Checked checked,
      ObjectNode json,
      ForeignNetworks.Network network,
      Path file,
      JsonNode metrics,
      List<Warning> known) {
    List<Warning> warnings = new ArrayList<>(known);
    Encoding encoding = checked.definition().encoding();
    if (encoding != null) {
      warnings.addAll(
          ForeignAnswers.narrow(
              json,
              encoding.targets().values().stream()
                  .map(TargetEncoding::output)
                  .collect(Collectors.toSet())));
    }
    ObjectNode spec = ((ObjectNode) checked.json()).deepCopy();
    spec.set("network", json);
    Map<String, String> all = new HashMap<>(libraries);
    all.putAll(network.libraries());
    NewVersion version =
        checked.version(all, weights.store(file), metrics, List.of()).with(spec.deepCopy());
    boolean agrees = prove(version);
    ForeignAnswers.settle(json, network.mixing(), agrees).ifPresent(warnings::add);
    ForeignAnswers.note(json, warnings);
    return versions.publish(version.with(spec));
  }

  private static void checkInputs(
      ModelSpec spec, ForeignNetworks.Network network, Violations violations) {
    if (!spec.takesRawTensors() && !spec.inputs().keySet().equals(network.inputs().keySet())) {
      violations.add(
          "/spec/inputs",
          "The file has the inputs %s, the spec %s"
              .formatted(network.inputs().keySet(), spec.inputs().keySet()));
    }
  }

  /** The rows that columns are encoded to must be those that the file reads. */
  private static void checkEncoded(
      VersionDefinition definition, ForeignNetworks.Network network, Violations violations) {
    Encoding encoding = definition.encoding();
    if (encoding == null) {
      return;
    }
    encoding
        .inputs()
        .forEach(
            (name, input) -> {
              Signature.Tensor wanted = network.inputs().get(name);
              Shape shape = definition.shapes().of(name);
              String pointer = Violation.pointer("/spec/inputs", name);
              if (wanted != null && !wanted.shape().equals(shape)) {
                violations.add(
                    pointer,
                    "The file reads rows of %s, but the columns give %s"
                        .formatted(wanted.shape(), shape));
              } else if (wanted != null
                  && wanted.type() == ElementType.INT64
                  && input.type() != ElementType.INT64) {
                violations.add(
                    pointer,
                    "The file reads whole numbers, but the columns give fractions: set \"encode\":"
                        + " \"index\"");
              }
            });
  }

  /** A version that may be published, with its definition. */
  private record Checked(String model, JsonNode json, VersionDefinition definition) {
    NetworkShapes shapes() {
      return definition.shapes();
    }

    /** The same, of a version that was trained on this table. */
    Checked with(TableFacts table) {
      Encoding encoding = definition.encoding();
      return encoding == null
          ? this
          : new Checked(model, json, definition.with(encoding.with(table)));
    }

    NewVersion version(
        Map<String, String> libraries, StoredWeights stored, JsonNode metrics, List<Long> needs) {
      Encoding encoding = definition.encoding();
      return new NewVersion(
          model,
          json,
          encoding == null ? null : encoding.toJson(),
          metrics,
          new Provenance.Imported(libraries, encoding == null ? null : encoding.table()),
          stored,
          needs);
    }
  }

  private Checked check(String model, ResolvedModel given, Parts parts, Violations violations) {
    ResolvedModel resolved = given;
    if (!resolved.spec().name().isEmpty() && !resolved.spec().name().equals(model)) {
      violations.add(
          "/spec/name", "The path says '" + model + "', the spec '" + resolved.spec().name() + "'");
    }
    if (resolved.read().recipe() != null) {
      violations.add(
          "/spec/network",
          "The weights are for layers, which a recipe does not name: write 'layers', or train the"
              + " recipe with a job");
    }
    if (!resolved.read().isComplete()) {
      violations.throwIfAny();
    }
    ImportedEncoding imported = new ImportedEncoding(resolved.spec(), learned, violations);
    long before = violations.count();
    Encoding encoding = imported.read(parts.encoding());
    if (violations.count() > before) {
      violations.throwIfAny();
    }
    if (encoding != null) {
      resolved =
          resolved.withVocabularies(
              Vocabularies.of(
                  resolved.spec().network(), encoding, List.of(), "/spec/network", violations));
    } else {
      resolved
          .spec()
          .network()
          .openEmbeddings()
          .forEach(
              open ->
                  violations.add(
                      Violation.pointer("/spec/network/layers", open.index()) + "/vocabulary",
                      "'auto' follows the encoding of columns; write the number"));
    }
    if (violations.count() > before) {
      violations.throwIfAny();
    }
    NetworkShapes shapes =
        SpecCheck.of(resolved.read(), "/spec", encoding, null, null, violations).shapes();
    if (encoding != null) {
      imported.checkNetwork(encoding, shapes);
    }
    violations.throwIfAny();
    serving.check(resolved.spec().network(), shapes, "/spec/network");
    return new Checked(
        model, resolved.json(), new VersionDefinition(resolved.spec(), encoding, shapes));
  }

  private ModelVersion publish(
      Checked checked, StoredWeights stored, JsonNode metrics, List<Long> needs) {
    NewVersion version = checked.version(libraries, stored, metrics, needs);
    var _ = prove(version);
    return versions.publish(version);
  }

  private boolean prove(NewVersion version) {
    try {
      return proof.prove(version);
    } catch (ServiceException e) {
      throw e.code() == ErrorCode.WORKER_CRASHED && e.violations().isEmpty()
          ? new ServiceException(
              e.code(), e.detail(), List.of(new Violation("/spec/network", e.detail())))
          : e;
    }
  }

  /** Tensors that the file lacks come from the nested versions. */
  private StoredWeights store(Parts parts, NetworkShapes shapes, Map<String, HostTensor> ofNested) {
    Path file = parts.weights();
    if (file == null) {
      if (parts.rename() != null) {
        throw ServiceException.invalid("/rename", NOTHING_TO_RENAME);
      }
      return store(ofNested, null, shapes);
    }
    try (SafeTensors given = SafeTensors.open(file)) {
      Map<String, Shape> own = new LinkedHashMap<>();
      given.tensors().forEach((name, tensor) -> own.put(name, tensor.shape()));
      Violations violations = new Violations();
      Map<String, String> names =
          ImportedNames.of(own, parts.rename(), shapes, ofNested.keySet(), violations);
      violations.throwIfAny();
      Map<String, HostTensor> all = new HashMap<>(ofNested);
      given.tensors().forEach((name, tensor) -> all.put(names.getOrDefault(name, name), tensor));
      return store(all, names.isEmpty() ? ImportedNames.advice(own, shapes) : null, shapes);
    } catch (FormatException e) {
      throw ForeignFile.refusal(file, e);
    } catch (IOException e) {
      throw new UncheckedIOException("The uploaded weights cannot be read", e);
    }
  }

  /**
   * @param advice what to do when the names do not fit; null for nothing
   */
  private StoredWeights store(
      Map<String, HostTensor> given, @Nullable String advice, NetworkShapes shapes) {
    Violations violations = new Violations();
    if (advice != null) {
      violations.add("/weights", advice);
    }
    Map<String, HostTensor> fitting =
        ImportedWeightsCheck.fit(given, shapes.weights(), "/weights", violations);
    violations.throwIfAny(ErrorCode.WEIGHTS_MISMATCH);
    return weights.store(fitting);
  }
}
