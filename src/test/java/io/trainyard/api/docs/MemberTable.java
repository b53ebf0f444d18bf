package io.trainyard.api.docs;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The members of a type as a table, each with its values, its default and what it means. */
final class MemberTable {
  static final List<String> COLUMNS = List.of("Member", "Value", "Default", "Meaning");

  /** The link for the name of a definition. */
  private final UnaryOperator<String> links;

  MemberTable(UnaryOperator<String> links) {
    this.links = links;
  }

  List<List<String>> rows(ObjectNode members, List<String> required) {
    List<List<String>> rows = new ArrayList<>();
    for (Map.Entry<String, JsonNode> member : members.properties()) {
      JsonNode schema = member.getValue();
      rows.add(
          List.of(
              ReferenceText.quoted(member.getKey()),
              value(schema),
              required.contains(member.getKey())
                  ? "required"
                  : schema.has("default")
                      ? ReferenceText.quoted(schema.get("default").toString())
                      : "",
              ReferenceText.plain(schema.path("description").asString(""))));
    }
    return rows;
  }

  /** The values of a member in words. */
  String value(JsonNode schema) {
    if (schema.has("$ref")) {
      String name = schema.get("$ref").stringValue().replaceFirst(".*/", "");
      return "[" + name + "](" + links.apply(name) + ")";
    }
    if (schema.has("anyOf")) {
      return schema
          .get("anyOf")
          .valueStream()
          .map(this::value)
          .distinct()
          .collect(Collectors.joining(", or "));
    }
    if (schema.has("enum")) {
      return schema
          .get("enum")
          .valueStream()
          .map(each -> ReferenceText.quoted(each.toString()))
          .collect(Collectors.joining(", "));
    }
    if (schema.has("const")) {
      return ReferenceText.quoted(schema.get("const").toString());
    }
    String type =
        schema.path("type").isArray()
            ? schema
                .get("type")
                .valueStream()
                .map(JsonNode::stringValue)
                .collect(Collectors.joining(" or "))
            : schema.path("type").asString("any value");
    if (type.equals("array")) {
      return list(schema, schema.path("items").isEmpty() ? "values" : value(schema.get("items")));
    }
    if (type.equals("object") && schema.path("additionalProperties").isObject()) {
      return "object of " + value(schema.get("additionalProperties"));
    }
    return type + range(schema);
  }

  private static String list(JsonNode schema, String items) {
    String least = schema.has("minItems") ? number(schema.get("minItems")) : "0";
    if (!schema.has("maxItems")) {
      return "list of " + items + (least.equals("0") ? "" : ", at least " + least);
    }
    String most = number(schema.get("maxItems"));
    return least.equals(most)
        ? "list of " + most + " " + items
        : "list of %s, %s to %s".formatted(items, least, most);
  }

  private static String range(JsonNode schema) {
    if (schema.has("minimum") && schema.has("maximum") && !isLargest(schema.get("maximum"))) {
      return " from %s to %s"
          .formatted(number(schema.get("minimum")), number(schema.get("maximum")));
    }
    List<String> limits = new ArrayList<>();
    for (String[] limit :
        new String[][] {
          {"minimum", "≥ "},
          {"exclusiveMinimum", "> "},
          {"maximum", "≤ "},
          {"exclusiveMaximum", "< "}
        }) {
      if (schema.has(limit[0]) && !isLargest(schema.get(limit[0]))) {
        limits.add(limit[1] + number(schema.get(limit[0])));
      }
    }
    return limits.isEmpty() ? "" : " " + String.join(", ", limits);
  }

  /** A limit of the type, which nobody reaches. */
  private static boolean isLargest(JsonNode limit) {
    return limit.doubleValue() >= Integer.MAX_VALUE;
  }

  private static String number(JsonNode number) {
    return new BigDecimal(number.asString()).stripTrailingZeros().toPlainString();
  }
}
