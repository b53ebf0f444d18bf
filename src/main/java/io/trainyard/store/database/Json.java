package io.trainyard.store.database;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads and writes the JSON documents in text columns. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  public static JsonNode read(String json) {
    return MAPPER.readTree(json);
  }

  /**
   * Reads an object.
   *
   * @throws IllegalArgumentException for any other JSON
   */
  public static ObjectNode readObject(String json) {
    if (read(json) instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException("it is no object");
  }

  public static String write(Object json) {
    return MAPPER.writeValueAsString(json);
  }
}
