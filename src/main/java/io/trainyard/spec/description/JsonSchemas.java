package io.trainyard.spec.description;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON Schemas (2020-12) made from descriptions. They are never stricter than the readers: what a
 * schema refuses, the service refuses. The service also checks what a schema cannot say, such as
 * shapes.
 */
public final class JsonSchemas {
  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
  private static final String PLACE = "#/$defs/";

  /** What the member is for that names a type. */
  static final String WHICH = "Which of them it is.";

  /** Kinds that may be written as a name, and by which member their objects name the type. */
  private static final List<String> NAMED =
      List.of("activation", "initializer", "optimizer", "loss", "metric", "schedule");

  /** The member by which an object of a kind says which of them it is. */
  static String nameMember(String kind) {
    return kind.equals("activation") ? "function" : "type";
  }

  private final Descriptions descriptions;
  private final ObjectNode definitions = JsonNodeFactory.instance.objectNode();

  public JsonSchemas(Descriptions descriptions) {
    this.descriptions = descriptions;
    layers();
    for (String kind : NAMED) {
      named(kind, Description.pascal(kind), _ -> true);
    }
    named("initializer", "BiasInitializer", type -> !type.name().equals("orthogonal"));
    named(
        "initializer",
        "ScaleInitializer",
        type -> !List.of("orthogonal", "nguyen_widrow", "data").contains(type.name()));
    descriptions.objects().forEach((name, object) -> definitions.set(name, object(object)));
  }

  /** Every definition by its name, which refer to each other as {@code #/$defs/Name}. */
  public ObjectNode definitions() {
    return definitions.deepCopy();
  }

  /** A whole schema for the values of one definition, with those that it needs. */
  public ObjectNode document(String definition, String id) {
    ObjectNode root = ((ObjectNode) definitions.get(definition)).deepCopy();
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("$schema", DIALECT).put("$id", id).put("title", definition);
    ObjectNode properties = root.withObject("properties");
    properties
        .putObject("$schema")
        .put("type", "string")
        .put("description", "The schema for editors; ignored.");
    root.properties().forEach(member -> document.set(member.getKey(), member.getValue()));
    ObjectNode needed = document.putObject("$defs");
    Set<String> names = new LinkedHashSet<>();
    collect(root, names);
    names.stream().sorted().forEach(name -> needed.set(name, definitions.get(name).deepCopy()));
    new ChosenForms(definitions).rewrite(document);
    return document;
  }

  private void collect(JsonNode schema, Set<String> names) {
    schema
        .findValuesAsString("$ref")
        .forEach(
            place -> {
              String name = place.substring(PLACE.length());
              if (names.add(name)) {
                collect(definitions.get(name), names);
              }
            });
  }

  private void layers() {
    ObjectNode layer = JsonNodeFactory.instance.objectNode();
    layer.put("description", "A layer; type says which, and so which other members it has.");
    ArrayNode choices = layer.putArray("oneOf");
    ObjectNode mapping = discriminator(layer, "type");
    for (Description type : descriptions.of("layer")) {
      ObjectNode common = descriptions.group("layer").deepCopy();
      type.json().path("without").forEach(name -> common.remove(name.stringValue()));
      ObjectNode schema = typed(type, "type", common);
      definitions.set(type.definition(), schema);
      choices.addObject().put("$ref", PLACE + type.definition());
      mapping.put(type.name(), PLACE + type.definition());
    }
    definitions.set("Layer", layer);
  }

  /** A definition for a kind: a name, or an object that says which by one of its members. */
  private void named(String kind, String definition, Predicate<Description> kept) {
    String by = nameMember(kind);
    List<Description> types = descriptions.of(kind).stream().filter(kept).toList();
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("description", Description.pascal(kind) + ": a name, or an object with parameters.");
    ArrayNode forms = schema.putArray("anyOf");
    ArrayNode names = forms.addObject().put("type", "string").putArray("enum");
    types.stream()
        .filter(type -> type.required().isEmpty())
        .flatMap(type -> type.words().stream())
        .forEach(names::add);
    ObjectNode objects = forms.addObject();
    ArrayNode choices = objects.putArray("oneOf");
    ObjectNode mapping = discriminator(objects, by);
    for (Description type : types) {
      ObjectNode none = JsonNodeFactory.instance.objectNode();
      definitions.set(type.definition(), typed(type, by, none));
      choices.addObject().put("$ref", PLACE + type.definition());
      type.words().forEach(word -> mapping.put(word, PLACE + type.definition()));
    }
    definitions.set(definition, schema);
  }

  /** OpenAPI's hint for generators; JSON Schema ignores it. */
  private static ObjectNode discriminator(ObjectNode schema, String by) {
    ObjectNode discriminator = schema.putObject("discriminator").put("propertyName", by);
    return discriminator.putObject("mapping");
  }

  private static ObjectNode typed(Description type, String by, ObjectNode common) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("type", "object");
    schema.put("description", description(type));
    ObjectNode properties = schema.putObject("properties");
    ObjectNode name = properties.putObject(by).put("description", WHICH);
    if (type.words().size() == 1) {
      name.put("const", type.name());
    } else {
      type.words().forEach(name.putArray("enum")::add);
    }
    putMembers(properties, type.members(), type.required());
    putMembers(properties, common, type.required());
    ArrayNode required = schema.putArray("required").add(by);
    type.required().forEach(required::add);
    properties.forEach(JsonSchemas::allowNullEntries);
    return schema.put("additionalProperties", false);
  }

  /** Those that are not required also take null, which counts as missing. */
  private static void putMembers(ObjectNode properties, JsonNode members, List<String> required) {
    members
        .properties()
        .forEach(
            member ->
                properties.set(
                    member.getKey(),
                    required.contains(member.getKey())
                        ? member.getValue().deepCopy()
                        : nullable((ObjectNode) member.getValue())));
  }

  /** A null in an object with names that the caller chose counts as missing too. */
  private static void allowNullEntries(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.get("additionalProperties") instanceof ObjectNode entry) {
      object.set("additionalProperties", nullable(entry));
    }
    schema.forEach(JsonSchemas::allowNullEntries);
  }

  private static String description(Description type) {
    return Stream.of(type.summary(), type.formula(), type.shape())
        .filter(text -> !text.isEmpty())
        .reduce((all, next) -> all + "\n" + next)
        .orElse("");
  }

  private static ObjectNode object(ObjectNode object) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    schema.put("description", object.path("summary").asString(""));
    if (object.has("schema")) {
      return schema.setAll((ObjectNode) object.get("schema"));
    }
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    List<String> required =
        object.path("required").valueStream().map(JsonNode::stringValue).toList();
    putMembers(properties, object.get("members"), required);
    if (!required.isEmpty()) {
      required.forEach(schema.putArray("required")::add);
    }
    if (object.has("alternatives")) {
      ArrayNode any = schema.putArray("anyOf");
      for (JsonNode names : object.get("alternatives")) {
        ObjectNode alternative = any.addObject();
        alternative.set("required", names);
        names.forEach(name -> alternative.withObject("properties").putObject(name.stringValue()));
      }
    }
    properties.forEach(JsonSchemas::allowNullEntries);
    return schema.put("additionalProperties", false);
  }

  /** The schema that also takes null, which counts as missing. */
  private static ObjectNode nullable(ObjectNode member) {
    ObjectNode schema = member.deepCopy();
    if (schema.has("$ref")) {
      ArrayNode any = schema.putArray("anyOf");
      any.addObject().set("$ref", schema.remove("$ref"));
      any.addObject().put("type", "null");
    } else if (schema.has("anyOf")) {
      schema.withArray("anyOf").addObject().put("type", "null");
    } else {
      if (schema.path("type").isString()) {
        String type = schema.get("type").stringValue();
        schema.putArray("type").add(type).add("null");
      } else if (schema.path("type").isArray()) {
        schema.withArray("type").add("null");
      }
      if (schema.has("enum")) {
        schema.withArray("enum").addNull();
      }
    }
    return schema;
  }
}
