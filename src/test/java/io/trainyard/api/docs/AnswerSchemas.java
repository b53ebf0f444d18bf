package io.trainyard.api.docs;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Schemas of the OpenAPI document as schemas that stand alone. */
final class AnswerSchemas {
  private static final JsonMapper JSON = new JsonMapper();

  private AnswerSchemas() {}

  /** All named schemas, which {@link #whole} takes: made once, they are shared. */
  static JsonNode definitions(JsonNode document) {
    return moved(document.at("/components/schemas"));
  }

  /** A schema together with all named ones. */
  static JsonNode whole(JsonNode definitions, JsonNode schema) {
    ObjectNode whole = JSON.createObjectNode();
    whole.putArray("allOf").add(moved(schema));
    whole.set("$defs", definitions);
    return whole;
  }

  private static JsonNode moved(JsonNode schema) {
    return JSON.readTree(schema.toString().replace("#/components/schemas/", "#/$defs/"));
  }
}
