package io.trainyard.api.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The texts and examples of operations, and the schemas that no record tells. */
final class DocumentationTexts {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private DocumentationTexts() {}

  /** A list with an object for each operation. */
  static JsonNode operations() {
    return read("/documentation/operations.json");
  }

  /** Schemas, members of records, parameters and tags. */
  static JsonNode schemas() {
    return read("/documentation/schemas.json");
  }

  static JsonNode parse(String json) {
    return MAPPER.readTree(json);
  }

  private static JsonNode read(String resource) {
    try (InputStream in = DocumentationTexts.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + resource);
      }
      return MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
