package io.trainyard.store;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Documents in text columns. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static JsonNode read(String json) {
    return MAPPER.readTree(json);
  }

  static String write(Object json) {
    return MAPPER.writeValueAsString(json);
  }
}
