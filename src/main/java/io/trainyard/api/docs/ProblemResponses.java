package io.trainyard.api.docs;

import io.trainyard.api.Problem;
import io.trainyard.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The part of the OpenAPI document about problems, which operations refer to by their status. */
final class ProblemResponses {
  private static final JsonNode HEADERS = DocumentationTexts.VOCABULARY.get("headers");

  private ProblemResponses() {}

  /** Adds a response for each status that some code has. */
  static void add(ObjectNode responses) {
    Stream.of(ErrorCode.values())
        .collect(
            Collectors.groupingBy(
                Problem::status,
                TreeMap::new,
                Collectors.mapping(ErrorCode::code, Collectors.joining(", "))))
        .forEach(
            (status, codes) -> {
              ObjectNode response = responses.putObject("Problem" + status);
              response.put("description", "A problem: " + codes);
              headers(response, headers(status));
              response
                  .withObject("content")
                  .withObjectProperty(Problem.MEDIA_TYPE)
                  .set("schema", WireSchemas.reference("Problem"));
            });
  }

  private static List<String> headers(int status) {
    List<String> names = new ArrayList<>();
    switch (status) {
      case 401 -> names.add("WWW-Authenticate");
      case 415 -> names.add("Accept-Encoding");
      case 429, 503 -> names.add("Retry-After");
      default -> {}
    }
    names.add("Link");
    return names;
  }

  /** Describes the headers of an answer. */
  static void headers(ObjectNode response, List<String> names) {
    names.forEach(name -> response.withObject("headers").set(name, HEADERS.get(name)));
  }
}
