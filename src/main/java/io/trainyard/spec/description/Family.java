package io.trainyard.spec.description;

import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Types of one kind that are described together.
 *
 * @param kind of {@link Description}
 */
public record Family(String kind, String title, List<Described> types) {
  public Family {
    types = List.copyOf(types);
  }

  public static Family of(String kind, String title, Described... types) {
    return new Family(kind, title, List.of(types));
  }

  /** As a file beside a class has it. */
  public ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("kind", kind).put("title", title);
    ObjectNode described = json.putObject("types");
    String by = JsonSchemas.nameMember(kind);
    boolean plain = kind.equals("activation") || kind.equals("metric");
    types.forEach(type -> described.set(type.name(), type.json(by, plain)));
    return json;
  }
}
