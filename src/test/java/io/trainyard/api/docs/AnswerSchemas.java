package io.trainyard.api.docs;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Schemas of the OpenAPI document as schemas that stand alone. */
final class AnswerSchemas {
  private static final JsonMapper JSON = new JsonMapper();

  private AnswerSchemas() {}

  /** A schema together with all named ones. */
  static JsonNode whole(JsonNode document, JsonNode schema) {
    ObjectNode whole = JSON.createObjectNode();
    whole.putArray("allOf").add(schema);
    whole.set("$defs", document.at("/components/schemas"));
    return JSON.readTree(whole.toString().replace("#/components/schemas/", "#/$defs/"));
  }
}
