package io.trainyard.tutorial;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The JSON objects and lists in what commands print, one after another. */
final class PrintedJson {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String PROBLEM = "urn:trainyard:problem:";

  private PrintedJson() {}

  static List<JsonNode> in(String output) {
    List<JsonNode> values = new ArrayList<>();
    for (int i = 0; i < output.length(); i++) {
      if (output.charAt(i) == '{' || output.charAt(i) == '[') {
        i += read(output.substring(i), values);
      }
    }
    return values;
  }

  /** Reads a value and gives the number of characters to skip: none where it is not JSON. */
  private static int read(String text, List<JsonNode> values) {
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      values.add(parser.readValueAsTree());
      return (int) parser.currentLocation().getCharOffset() - 1;
    } catch (JacksonException notJson) {
      return 0;
    }
  }

  /** Whether a reply is a problem or a job that failed. */
  static boolean isFailure(JsonNode reply) {
    return reply.path("type").asString("").startsWith(PROBLEM)
        || reply.path("state").asString("").equals("failed");
  }
}
