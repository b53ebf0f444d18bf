package io.trainyard.spec.description;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Schemas in which a value is compared with one form only: the one that its JSON type, or the
 * member that names its type, chooses. A validator reports the faults of every form of an {@code
 * anyOf} or {@code oneOf}: hundreds of them for one mistake in a layer.
 */
final class ChosenForms {
  private static final String PLACE = "#/$defs/";

  private final ObjectNode definitions;

  /**
   * @param definitions what references lead to, not rewritten
   */
  ChosenForms(ObjectNode definitions) {
    this.definitions = definitions;
  }

  /** Rewrites a schema and all schemas in it. */
  void rewrite(JsonNode node) {
    node.forEach(this::rewrite);
    if (!(node instanceof ObjectNode schema)) {
      return;
    }
    if (schema.path("discriminator").isObject()) {
      byName(schema);
    } else if (schema.path("anyOf").isArray()) {
      List<JsonNode> forms = schema.get("anyOf").valueStream().toList();
      if (forms.stream().allMatch(form -> form.has("required"))) {
        forms.forEach(ChosenForms::requireValue);
      } else {
        byType(schema, forms);
      }
    }
  }

  /** Null counts as missing. */
  private static void requireValue(JsonNode form) {
    for (JsonNode member : form.path("properties")) {
      ((ObjectNode) member).putObject("not").put("type", "null");
    }
  }

  private void byName(ObjectNode schema) {
    JsonNode hint = schema.remove("discriminator");
    schema.remove("oneOf");
    String by = hint.get("propertyName").stringValue();
    Map<String, List<String>> words = new LinkedHashMap<>();
    hint.get("mapping")
        .properties()
        .forEach(
            word ->
                words
                    .computeIfAbsent(word.getValue().stringValue(), _ -> new ArrayList<>())
                    .add(word.getKey()));
    schema.put("type", "object");
    ObjectNode name = schema.putObject("properties").putObject(by);
    name.put("description", JsonSchemas.WHICH);
    ArrayNode known = name.putArray("enum");
    words.values().stream().flatMap(List::stream).forEach(known::add);
    schema.putArray("required").add(by);
    ArrayNode all = schema.putArray("allOf");
    words.forEach(
        (place, names) -> {
          ObjectNode choice = all.addObject();
          ObjectNode condition = choice.putObject("if").put("type", "object");
          ArrayNode chosen = condition.putObject("properties").putObject(by).putArray("enum");
          names.forEach(chosen::add);
          condition.putArray("required").add(by);
          choice.putObject("then").put("$ref", place);
        });
  }

  private void byType(ObjectNode schema, List<JsonNode> forms) {
    Map<String, List<JsonNode>> byType = new LinkedHashMap<>();
    for (JsonNode form : forms) {
      types(form).forEach(type -> byType.computeIfAbsent(type, _ -> new ArrayList<>()).add(form));
    }
    schema.remove("anyOf");
    set(schema, byType.keySet());
    Map<List<JsonNode>, Set<String>> chosen = new LinkedHashMap<>();
    byType.forEach(
        (type, own) -> {
          if (own.stream().noneMatch(ChosenForms::isOnlyAType)) {
            chosen.computeIfAbsent(own, _ -> new LinkedHashSet<>()).add(type);
          }
        });
    List<ObjectNode> choices = new ArrayList<>();
    chosen.forEach(
        (own, types) -> {
          JsonNode form = own.size() == 1 ? own.getFirst() : either(own);
          if (form.has("allOf") && types.equals(Set.of("object"))) {
            // What it says concerns objects alone: one condition less for a validator to report.
            form.get("allOf").forEach(choice -> choices.add((ObjectNode) choice));
            schema.set("properties", form.get("properties"));
            schema.set("required", form.get("required"));
          } else {
            ObjectNode choice = JsonNodeFactory.instance.objectNode();
            set(choice.putObject("if"), types);
            choices.add(choice.set("then", form));
          }
        });
    if (choices.size() == 1) {
      schema.setAll(choices.getFirst());
    } else if (!choices.isEmpty()) {
      choices.forEach(schema.putArray("allOf")::add);
    }
  }

  /** One of two forms of the same type: of lists with or without lists, of one thing or many. */
  private ObjectNode either(List<JsonNode> forms) {
    if (forms.size() != 2) {
      throw new IllegalStateException("More than two forms of one type: " + forms);
    }
    ObjectNode choice = JsonNodeFactory.instance.objectNode();
    ObjectNode condition = choice.putObject("if");
    JsonNode first = resolve(forms.getFirst());
    if (first.path("required").size() == 1) {
      // An object with names that callers choose may have this name too, but not alone.
      JsonNode only = first.get("required").get(0);
      condition.put("maxProperties", 1).putArray("required").add(only);
      condition
          .putObject("properties")
          .putObject(only.stringValue())
          .set("type", first.get("properties").get(only.stringValue()).get("type"));
    } else {
      condition.putObject("not").putObject("contains").put("type", "array");
    }
    return choice.set("then", forms.getFirst()).set("else", forms.getLast());
  }

  private JsonNode resolve(JsonNode form) {
    return form.has("$ref")
        ? definitions.get(form.get("$ref").stringValue().substring(PLACE.length()))
        : form;
  }

  private static void set(ObjectNode schema, Set<String> types) {
    if (types.size() == 1) {
      schema.put("type", types.iterator().next());
    } else {
      types.forEach(schema.putArray("type")::add);
    }
  }

  private static boolean isOnlyAType(JsonNode form) {
    return form.size() == 1 && form.has("type");
  }

  /** The JSON types of the values that a form may take. */
  private Set<String> types(JsonNode form) {
    if (form.has("$ref")) {
      return types(resolve(form));
    }
    Set<String> types = new LinkedHashSet<>();
    if (form.has("type")) {
      JsonNode type = form.get("type");
      (type.isArray() ? type.valueStream() : Stream.of(type))
          .map(JsonNode::stringValue)
          .forEach(types::add);
    } else if (form.has("const")) {
      types.add(type(form.get("const")));
    } else if (form.has("enum")) {
      form.get("enum").forEach(value -> types.add(type(value)));
    } else if (form.has("anyOf")) {
      form.get("anyOf").forEach(each -> types.addAll(types(each)));
    } else if (form.has("oneOf")) {
      form.get("oneOf").forEach(each -> types.addAll(types(each)));
    } else {
      throw new IllegalStateException("A form has no type: " + form);
    }
    return types;
  }

  private static String type(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> "string";
      case BOOLEAN -> "boolean";
      case NULL -> "null";
      default -> throw new IllegalStateException("A constant of an unusual type: " + value);
    };
  }
}
