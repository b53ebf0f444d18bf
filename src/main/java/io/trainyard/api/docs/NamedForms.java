package io.trainyard.api.docs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is a name or an object with parameters, as a union of two forms: a text, and one object with
 * the parameters of all types.
 *
 * <p>Generators take an object of a union for the first form that has its required members, and
 * lose all others. A discriminator would help, but there is none of texts, and a union in a union
 * does not compile.
 */
final class NamedForms {
  private static final String PLACE = "#/components/schemas/";

  private final ObjectNode definitions;

  private NamedForms(ObjectNode definitions) {
    this.definitions = definitions;
  }

  /** Merges the objects of each kind that is a name or an object. */
  static void merge(ObjectNode definitions) {
    NamedForms forms = new NamedForms(definitions);
    for (String kind : List.copyOf(definitions.propertyNames())) {
      JsonNode objects = definitions.get(kind).path("anyOf").path(1);
      if (objects.has("discriminator")) {
        String by = objects.get("discriminator").get("propertyName").stringValue();
        definitions.set(kind + "Object", forms.merged(kind, by, objects.get("oneOf")));
        ((ArrayNode) definitions.get(kind).get("anyOf"))
            .set(1, WireSchemas.reference(kind + "Object"));
      }
    }
  }

  private ObjectNode merged(String kind, String by, JsonNode choices) {
    ArrayNode words = JsonNodeFactory.instance.arrayNode();
    Map<String, List<ObjectNode>> members = new LinkedHashMap<>();
    Map<String, List<String>> owners = new LinkedHashMap<>();
    for (JsonNode choice : choices) {
      String place = choice.get("$ref").stringValue();
      JsonNode own = definitions.get(place.substring(PLACE.length())).get("properties");
      JsonNode name = own.get(by);
      List<JsonNode> names =
          (name.has("enum") ? name.get("enum").valueStream() : Stream.of(name.get("const")))
              .toList();
      words.addAll(names);
      for (var member : own.properties()) {
        if (!member.getKey().equals(by)) {
          members
              .computeIfAbsent(member.getKey(), _ -> new ArrayList<>())
              .add((ObjectNode) member.getValue().deepCopy());
          owners
              .computeIfAbsent(member.getKey(), _ -> new ArrayList<>())
              .add(names.getFirst().stringValue());
        }
      }
    }
    ObjectNode merged = JsonNodeFactory.instance.objectNode().put("type", "object");
    merged.put("description", kind + " with parameters; each has only some of them.");
    ObjectNode properties = merged.putObject("properties");
    ObjectNode name = properties.putObject(by).put("type", "string");
    name.put("description", "Which of them it is.").set("enum", words);
    members.forEach(
        (member, each) -> {
          ObjectNode common = common(each);
          if (each.size() < choices.size()) {
            common.put(
                "description",
                "%s (%s)"
                    .formatted(
                        common.path("description").asString(""),
                        String.join(", ", owners.getOrDefault(member, List.of()))));
          }
          properties.set(member, common);
        });
    merged.putArray("required").add(by);
    return merged;
  }

  /** What all schemas of a member say; the first one describes it. */
  private static ObjectNode common(List<ObjectNode> schemas) {
    ObjectNode common = schemas.getFirst();
    for (String keyword : List.copyOf(common.propertyNames())) {
      JsonNode value = common.get(keyword);
      boolean isCommon = schemas.stream().allMatch(schema -> value.equals(schema.get(keyword)));
      if (!isCommon && !keyword.equals("description")) {
        common.remove(keyword);
      }
    }
    return common;
  }
}
