package io.trainyard.store.database;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes the JSON documents in text columns. */
public final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  public static JsonNode read(String json) {
    return MAPPER.readTree(json);
  }

  public static String write(Object json) {
    return MAPPER.writeValueAsString(json);
  }
}
