package io.trainyard.spec;

import io.trainyard.error.Violation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a model object names versions of models: the {@code ref} of a layer of type {@code model}
 * and the {@code like} of an input. The request of a job can name one more, in {@code
 * initial_weights}.
 *
 * <p>Holds, pins and deletes use this class; no other code looks for these members in a stored
 * object. A new kind of reference is therefore held and pinned as soon as it is added here.
 */
public final class SpecReferences {
  private static final String REF = "ref";
  private static final String NETWORK = "network";
  private static final String LIKE = "like";
  private static final String INITIAL_WEIGHTS = "initial_weights";
  private static final String MODEL = "model";

  /**
   * Stands for the name of a model, or a dataset, that a caller may not know; none has this name.
   */
  public static final String HIDDEN = "(hidden-from-this-key)";

  private final List<Nested> nested;
  private final List<Like> likes;

  private SpecReferences(List<Nested> nested, List<Like> likes) {
    this.nested = nested;
    this.likes = likes;
  }

  /** The references of a model object; a change through them changes that object. */
  public static SpecReferences of(JsonNode model) {
    List<Like> likes = new ArrayList<>();
    for (var input : model.path("inputs").properties()) {
      if (input.getValue() instanceof ObjectNode object && object.path(LIKE).isString()) {
        likes.add(new Like(object, input.getKey()));
      }
    }
    return new SpecReferences(nestedIn(model.path(NETWORK)), likes);
  }

  private static List<Nested> nestedIn(JsonNode network) {
    List<Nested> nested = new ArrayList<>(nestedIn(network.path("layers"), "/network/layers"));
    JsonNode groups = network.path(NetworkMembers.NAME);
    for (int i = 0; groups.isArray() && i < groups.size(); i++) {
      String group = Violation.pointer("/network/" + NetworkMembers.NAME, i);
      nested.addAll(nestedIn(groups.get(i).path("layers"), group + "/layers"));
    }
    return nested;
  }

  private static List<Nested> nestedIn(JsonNode layers, String pointer) {
    List<Nested> nested = new ArrayList<>();
    for (int i = 0; layers.isArray() && i < layers.size(); i++) {
      if (layers.get(i) instanceof ObjectNode layer
          && layer.path("type").stringValue("").equals(MODEL)) {
        String name = layer.path("name").stringValue(MODEL + "_" + (nested.size() + 1));
        nested.add(new Nested(layer, Violation.pointer(pointer, i), name));
      }
    }
    return nested;
  }

  /**
   * All versions that a job reads: those its model object names, and the one it starts from.
   *
   * @param model a model object whose references are resolved and pinned
   * @param request the job's request, which names versions by number
   */
  public static List<ModelReference> ofJob(JsonNode model, JsonNode request) {
    Set<ModelReference> versions = new LinkedHashSet<>(of(model).versions());
    initialWeights(request).ifPresent(versions::add);
    return List.copyOf(versions);
  }

  private static Optional<ModelReference> initialWeights(JsonNode request) {
    JsonNode initial = request.path(INITIAL_WEIGHTS);
    return initial.isObject()
        ? Optional.of(
            new ModelReference(
                initial.get(MODEL).stringValue(),
                Integer.toString(initial.get("version").intValue())))
        : Optional.empty();
  }

  /** Writes the version that a request starts from into its {@code initial_weights}. */
  public static void nameInitialVersion(ObjectNode request, String model, int version) {
    if (request.path(INITIAL_WEIGHTS) instanceof ObjectNode initial) {
      initial.put(MODEL, model).put("version", version);
    }
  }

  /**
   * The same model object without the names that a caller may not know.
   *
   * @param permits whether the caller may know a model
   */
  public static JsonNode hiding(JsonNode model, Predicate<String> permits) {
    if (of(model).versions().stream().map(ModelReference::model).allMatch(permits)) {
      return model;
    }
    JsonNode copy = model.deepCopy();
    SpecReferences references = of(copy);
    references.nested.forEach(layer -> layer.hide(permits));
    for (Like like : references.likes) {
      if (!permits.test(like.version().model())) {
        like.pin(hidden(like.version()));
      }
    }
    return copy;
  }

  private static String hidden(ModelReference version) {
    return new ModelReference(HIDDEN, version.version()).toString();
  }

  /**
   * All models that a request, or a part of one, names in these members, resolved or not, also as
   * the values of a sweep's parameters.
   */
  public static Set<String> modelsIn(JsonNode request) {
    Set<String> models = new LinkedHashSet<>();
    collect("", request, models);
    models.remove(HIDDEN);
    return models;
  }

  private static void collect(String at, JsonNode node, Set<String> models) {
    for (var member : node.properties()) {
      collect(at + "/" + member.getKey(), member.getValue(), models);
    }
    if (node.isArray()) {
      node.forEach(each -> collect(at, each, models));
    } else if (node.isString() && at.endsWith("/" + INITIAL_WEIGHTS + "/" + MODEL)) {
      models.add(node.stringValue());
    } else if (node.isString() && (at.endsWith("/" + REF) || at.endsWith("/" + LIKE))) {
      String text = node.stringValue();
      models.add(text.substring(0, Math.max(0, text.indexOf('@'))));
      models.remove("");
    }
  }

  /** The layers of type {@code model}, without those inside of nested networks. */
  public List<Nested> nested() {
    return List.copyOf(nested);
  }

  /** The inputs that copy another version's encoding. */
  public List<Like> likes() {
    return List.copyOf(likes);
  }

  /**
   * Every version that is named, those inside of nested networks included, each once. Hidden ones
   * are left out.
   */
  public List<ModelReference> versions() {
    Set<ModelReference> versions = new LinkedHashSet<>();
    nested.forEach(layer -> layer.collect(versions));
    likes.forEach(like -> versions.add(like.version()));
    versions.removeIf(version -> version.model().equals(HIDDEN));
    return List.copyOf(versions);
  }

  /** One layer of type {@code model}. */
  public static final class Nested {
    private final ObjectNode layer;
    private final String place;
    private final String name;

    /**
     * @param place below the model object's own
     */
    private Nested(ObjectNode layer, String place, String name) {
      this.layer = layer;
      this.place = place;
      this.name = name;
    }

    /** The layer's name, given or by default. */
    public String name() {
      return name;
    }

    /** The reference as it stands; null when it is missing or not a string. */
    public @Nullable String ref() {
      JsonNode ref = layer.path(REF);
      return ref.isString() ? ref.stringValue() : null;
    }

    /** The version that a resolved layer names. */
    public ModelReference version() {
      return ModelReference.parse(layer.path(REF).stringValue(""));
    }

    /** The place of the reference, below the model object's own place. */
    public String pointer(String model) {
      return Violation.pointer(model + place, REF);
    }

    /**
     * Removes the nested network: one that a caller sends must not be used in place of the stored
     * version's network.
     */
    public void unresolve() {
      layer.remove(NETWORK);
    }

    /** Pins the layer to a version and gives it that version's network. */
    public void resolve(String version, ObjectNode network) {
      layer.put(REF, version);
      layer.set(NETWORK, network);
    }

    private void hide(Predicate<String> permits) {
      if (!permits.test(version().model())) {
        layer.put(REF, hidden(version()));
      }
      nestedIn(layer.path(NETWORK)).forEach(inner -> inner.hide(permits));
    }

    private void collect(Set<ModelReference> versions) {
      versions.add(version());
      nestedIn(layer.path(NETWORK)).forEach(inner -> inner.collect(versions));
    }
  }

  /** One input that copies another version's encoding. */
  public static final class Like {
    private final ObjectNode input;
    private final String name;

    private Like(ObjectNode input, String name) {
      this.input = input;
      this.name = name;
    }

    /** The reference as it stands. */
    public String like() {
      return input.path(LIKE).stringValue("");
    }

    /** The place of the reference, below the model object's own place. */
    public String pointer(String model) {
      return Violation.pointer(Violation.pointer(model + "/inputs", name), LIKE);
    }

    /** The version, by number or alias. */
    public ModelReference version() {
      return ModelReference.parse(like());
    }

    /** Whether it can be read as the name of a version. */
    public boolean isReference() {
      try {
        return !version().model().isEmpty();
      } catch (IllegalArgumentException e) {
        return false;
      }
    }

    /** Pins the input to a version. */
    public void pin(String version) {
      input.put(LIKE, version);
    }
  }
}
