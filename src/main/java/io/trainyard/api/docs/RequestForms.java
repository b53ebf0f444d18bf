package io.trainyard.api.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON Schemas of requests in the forms that generators of clients understand.
 *
 * <p>A union of objects or names is a {@code oneOf}. A union with lists, maps or numbers has no
 * type, since no generator has a class for it; its description says what it takes. So these schemas
 * allow more than those of {@code /v1/schema}. They leave out only null, which counts as missing,
 * where a generator would need another class for a value that may be null.
 */
final class RequestForms {
  private static final JsonNode NULL = JsonNodeFactory.instance.objectNode().put("type", "null");

  private final ObjectNode schemas;

  private RequestForms(ObjectNode schemas) {
    this.schemas = schemas;
  }

  /** Rewrites these schemas, which may refer to each other. */
  static void apply(ObjectNode schemas) {
    RequestForms forms = new RequestForms(schemas);
    schemas.forEach(forms::rewrite);
  }

  private void rewrite(JsonNode node) {
    node.forEach(this::rewrite);
    if (!(node instanceof ObjectNode schema)) {
      return;
    }
    boolean wasNullable = schema.path("type").valueStream().anyMatch(this::isNull);
    dropNull(schema);
    constant(schema);
    if (schema.has("default")) {
      // A generated client would send it, and a phase would not inherit the training's value.
      describe(schema, "Default: " + schema.remove("default").asString() + ".");
    }
    // Their sets of enums do not compile.
    schema.remove("uniqueItems");
    if (schema.path("additionalProperties").isBoolean()) {
      // Some take "false" for "anything", and send members under two names.
      schema.remove("additionalProperties");
    }
    format(schema);
    if (schema.path("properties").isObject()) {
      discriminator(schema);
    }
    if (schema.path("anyOf").isArray()) {
      union(schema);
    } else if (schema.path("type").isArray() && types(schema).size() > 1) {
      untyped(schema, types(schema));
    }
    if (wasNullable && isContainer(schema)) {
      orNull(schema);
    }
  }

  private boolean isNull(JsonNode type) {
    return type.asString("").equals("null");
  }

  private static boolean isContainer(JsonNode schema) {
    String type = schema.path("type").asString("");
    return type.equals("array") || (type.equals("object") && !schema.has("properties"));
  }

  /** Without null, clients for Java send an empty list or map for one that was not given. */
  private static void orNull(ObjectNode schema) {
    JsonNode description = schema.remove("description");
    ObjectNode container = schema.deepCopy();
    schema.removeAll();
    if (description != null) {
      schema.set("description", description);
    }
    schema.putArray("anyOf").add(container).add(NULL);
  }

  private static void dropNull(ObjectNode schema) {
    for (String list : List.of("type", "enum", "anyOf")) {
      if (schema.get(list) instanceof ArrayNode values) {
        values.removeIf(
            value -> value.isNull() || value.equals(NULL) || value.asString("").equals("null"));
      }
    }
    if (schema.get("type") instanceof ArrayNode types && types.size() == 1) {
      schema.set("type", types.get(0));
    }
    if (schema.get("anyOf") instanceof ArrayNode forms && forms.size() == 1) {
      schema.remove("anyOf");
      schema.setAll((ObjectNode) forms.get(0));
    }
  }

  /** Generators know constants as enums. */
  private static void constant(ObjectNode schema) {
    JsonNode constant = schema.path("const");
    if (constant.isValueNode()) {
      schema.remove("const");
      schema.put("type", constant.isString() ? "string" : "integer");
      schema.putArray("enum").add(constant);
    } else if (schema.path("enum").isArray() && !schema.has("type")) {
      schema.put("type", "string");
    }
  }

  /** Without these, numbers become decimals of any length, and integers have 32 bits. */
  private void format(ObjectNode schema) {
    if (!schema.has("$ref") && types(schema).equals(List.of("number"))) {
      schema.put("format", "double");
    } else if (types(schema).equals(List.of("integer"))
        && schema.path("maximum").asDouble(0) > Integer.MAX_VALUE) {
      schema.put("format", "int64");
    }
  }

  /** An object of a union says which it is, without its caller. */
  private static void discriminator(ObjectNode schema) {
    Set<String> required =
        schema.path("required").valueStream().map(JsonNode::asString).collect(Collectors.toSet());
    if (required.contains("type")
        && schema.get("properties").path("type") instanceof ObjectNode member
        && member.path("enum").size() == 1) {
      member.set("default", member.get("enum").get(0));
    }
  }

  private void union(ObjectNode schema) {
    List<JsonNode> forms = new ArrayList<>();
    schema.get("anyOf").forEach(forms::add);
    schema.remove("anyOf");
    if (forms.stream().allMatch(form -> form.has("required") && !form.has("type"))) {
      String names =
          forms.stream()
              .map(form -> form.at("/required/0").stringValue())
              .collect(Collectors.joining(", "));
      describe(schema, "It has at least one of: " + names + ".");
    } else if (forms.stream().anyMatch(this::hasNoClass)) {
      untyped(schema, forms.stream().flatMap(form -> types(form).stream()).distinct().toList());
    } else {
      schema.putArray("oneOf").addAll(forms);
    }
  }

  private boolean hasNoClass(JsonNode form) {
    return types(form).stream().anyMatch(List.of("array", "object", "number")::contains)
        && !(form.has("$ref") && types(form).contains("object"));
  }

  /** The types of the values, but null. */
  private List<String> types(JsonNode schema) {
    if (schema.has("$ref")) {
      String place = schema.get("$ref").stringValue();
      return types(schemas.path(place.substring(place.lastIndexOf('/') + 1)));
    }
    JsonNode type = schema.path("type");
    return (type.isArray() ? type.valueStream() : Stream.of(type))
        .map(name -> name.asString(""))
        .filter(name -> !name.equals("null"))
        .toList();
  }

  private static void untyped(ObjectNode schema, List<String> types) {
    schema.retain("description");
    describe(
        schema,
        types.stream()
            .map(RequestForms::words)
            .collect(Collectors.joining(", or ", "It is ", ".")));
  }

  private static String words(String type) {
    return switch (type) {
      case "integer" -> "a whole number";
      case "array" -> "a list";
      case "object" -> "an object";
      case "boolean" -> "true or false";
      case "string" -> "a text";
      default -> "a " + type;
    };
  }

  private static void describe(ObjectNode schema, String sentence) {
    schema.put("description", (schema.path("description").asString("") + " " + sentence).strip());
  }
}
