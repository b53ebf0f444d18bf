package io.trainyard.api.docs;

import java.util.Objects;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the controllers and records do not tell of themselves, from {@code documentation/}. */
final class DocumentationTexts {
  /** A name that stands twice would lose its first text in silence. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** Members and names of records, parameters and headers by name, and schemas of Java's types. */
  static final JsonNode VOCABULARY = read("/documentation/vocabulary.json");

  private DocumentationTexts() {}

  /** The OpenAPI document without operations and without the schemas of records and requests. */
  static ObjectNode document() {
    return (ObjectNode) read("/documentation/openapi.json");
  }

  /** A list with an object for each operation: texts, examples, and what its methods do not say. */
  static JsonNode operations() {
    return read("/documentation/operations.json");
  }

  static JsonNode parse(String json) {
    return MAPPER.readTree(json);
  }

  private static JsonNode read(String resource) {
    return MAPPER.readTree(
        Objects.requireNonNull(DocumentationTexts.class.getResourceAsStream(resource), resource));
  }
}
