package io.trainyard.api.docs;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The limits of numbers in a schema, each with the nearest values on both sides. */
final class Bounds {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** A limit. */
  record Bound(String keyword, JsonNode outside, JsonNode inside) {
    @Override
    public String toString() {
      return keyword + " " + inside;
    }
  }

  private Bounds() {}

  /** The limits of a member's schema, or of its first alternative. */
  static List<Bound> of(JsonNode schema) {
    JsonNode numbers = schema.has("anyOf") ? schema.get("anyOf").get(0) : schema;
    boolean whole = numbers.path("type").toString().contains("integer");
    List<Bound> bounds = new ArrayList<>();
    for (String keyword : List.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")) {
      JsonNode limit = numbers.path(keyword);
      if (limit.isNumber()) {
        bounds.add(whole ? whole(keyword, limit.longValue()) : real(keyword, limit.doubleValue()));
      }
    }
    return bounds;
  }

  private static Bound whole(String keyword, long limit) {
    long outside = keyword.equals("minimum") ? limit - 1 : limit + 1;
    return new Bound(keyword, NODES.numberNode(outside), NODES.numberNode(limit));
  }

  private static Bound real(String keyword, double limit) {
    double below = Math.nextDown(limit);
    double above = Math.nextUp(limit);
    return switch (keyword) {
      case "minimum" -> bound(keyword, below, limit);
      case "maximum" -> bound(keyword, above, limit);
      case "exclusiveMinimum" -> bound(keyword, limit, above);
      default -> bound(keyword, limit, below);
    };
  }

  private static Bound bound(String keyword, double outside, double inside) {
    return new Bound(keyword, NODES.numberNode(outside), NODES.numberNode(inside));
  }
}
