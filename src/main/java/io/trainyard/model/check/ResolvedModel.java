package io.trainyard.model.check;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.layer.LayerSpec;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model object whose references are resolved to version numbers, and its spec.
 *
 * @param json as it is stored with a model or a version
 * @param read its spec, as far as it could be read
 */
public record ResolvedModel(JsonNode json, SpecReader.ReadModel read) {
  /** In place of a model that is not there. */
  public static final ResolvedModel NONE =
      new ResolvedModel(JsonNodeFactory.instance.objectNode(), SpecReader.ReadModel.NONE);

  /**
   * Resolves and reads a model object.
   *
   * @param pointer the model object's place in the body
   */
  public static ResolvedModel of(
      JsonNode given, String pointer, ReferencedModels references, Violations violations) {
    refuseForeign(given, pointer, violations);
    return ofImported(given, pointer, references, violations);
  }

  /** The network of a file is served as it is: it has no layers that could be trained. */
  private static void refuseForeign(JsonNode given, String pointer, Violations violations) {
    JsonNode layers = given.path("network").path("layers");
    for (int i = 0; i < layers.size(); i++) {
      if (layers.path(i).path("type").asString("").equals(LayerSpec.Foreign.TYPE)) {
        violations.add(
            Violation.pointer(pointer + "/network/layers", i),
            "This is the network of an ONNX file, which can be served, but not trained: import such"
                + " files as versions, or write its layers here");
        return;
      }
    }
  }

  /**
   * As {@link #of}, for a model object whose network comes from an imported file.
   *
   * @param pointer the model object's place in the body
   */
  public static ResolvedModel ofImported(
      JsonNode given, String pointer, ReferencedModels references, Violations violations) {
    Violations unresolved = new Violations();
    JsonNode json = references.resolve(given, pointer, unresolved);
    violations.addAll(unresolved.list());
    Violations unreadable = new Violations();
    SpecReader.ReadModel read = SpecReader.readable(json, pointer, unreadable);
    // A layer whose reference leads nowhere cannot be read either, which says nothing new.
    List<String> layers =
        unresolved.list().stream().map(Violation::pointer).map(ResolvedModel::parent).toList();
    for (Violation violation : unreadable.list()) {
      if (layers.stream().noneMatch(layer -> isWithin(violation.pointer(), layer))) {
        violations.add(violation.pointer(), violation.detail());
      }
    }
    return new ResolvedModel(json, read);
  }

  private static String parent(String pointer) {
    return pointer.substring(0, Math.max(0, pointer.lastIndexOf('/')));
  }

  private static boolean isWithin(String pointer, String layer) {
    return !layer.isEmpty() && (pointer.equals(layer) || pointer.startsWith(layer + "/"));
  }

  /** This model with the vocabularies of embeddings that left them open, by layer. */
  public ResolvedModel withVocabularies(Map<String, Integer> vocabularies) {
    if (vocabularies.isEmpty()) {
      return this;
    }
    JsonNode known = json.deepCopy();
    vocabularies.forEach(
        (layer, vocabulary) ->
            ((ObjectNode)
                    known.path("network").path("layers").get(spec().network().layer(layer).index()))
                .put("vocabulary", vocabulary));
    ModelSpec spec = spec().with(spec().network().withVocabularies(vocabularies));
    return new ResolvedModel(known, read.with(spec));
  }

  /** The spec, as far as it could be read. */
  public ModelSpec spec() {
    return read.spec();
  }
}
