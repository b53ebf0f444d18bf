package io.trainyard.api;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The member {@code $schema}, by which an editor finds the schema of a file. It means nothing to
 * the service, which takes it out of a body and of the model object in a job.
 */
public final class SchemaHints {
  public static final String MEMBER = "$schema";

  private SchemaHints() {}

  /** The same body without hints. One that is not a text stays, and is refused as unknown. */
  public static JsonNode without(JsonNode body) {
    for (JsonNode place : List.of(body, body.path("model"))) {
      if (place instanceof ObjectNode object && object.path(MEMBER).isString()) {
        object.remove(MEMBER);
      }
    }
    return body;
  }
}
