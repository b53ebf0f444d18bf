package io.trainyard.api.docs;

import io.trainyard.api.Problem;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.Violation;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The part of the OpenAPI document about problems, which operations refer to by their status. */
final class ProblemResponses {
  private static final String PLACE = "#/components/schemas/";
  private static final String RETRY =
      "Seconds until a retry makes sense; absent where something else must change first.";

  private static final String ENCODING = "What a body may be encoded with.";
  private static final String CHALLENGE = "How to show a key.";

  private ProblemResponses() {}

  /** Adds the schemas of problems and their codes. */
  static void addSchemas(ObjectNode schemas, WireSchemas wire) {
    ObjectNode codes = schemas.putObject("ErrorCode").put("type", "string");
    ArrayNode constants = codes.putArray("enum");
    Stream.of(ErrorCode.values()).map(ErrorCode::code).forEach(constants::add);
    ObjectNode problem = schemas.putObject("Problem").put("type", "object");
    problem.put("description", "An error, as RFC 9457 says.");
    ArrayNode required = problem.putArray("required");
    ObjectNode members = problem.putObject("properties");
    for (String text : List.of("type", "title", "detail", "instance", "help")) {
      members.putObject(text).put("type", "string");
      required.add(text);
    }
    members.putObject("status").put("type", "integer").put("format", "int32");
    members.putObject("code").put("$ref", PLACE + "ErrorCode");
    required.add("status").add("code");
    members.putObject("request_id").put("type", "string");
    ObjectNode errors = members.putObject("errors").put("type", "array");
    errors.set("items", wire.of(Violation.class));
  }

  /** A response for each status that some code has, and one of the inference protocol. */
  static ObjectNode all() {
    Map<Integer, String> codes =
        Stream.of(ErrorCode.values())
            .collect(
                Collectors.groupingBy(
                    Problem::status,
                    TreeMap::new,
                    Collectors.mapping(ErrorCode::code, Collectors.joining(", "))));
    ObjectNode responses = JsonNodeFactory.instance.objectNode();
    codes.forEach(
        (status, names) -> {
          ObjectNode response = responses.putObject("Problem" + status);
          response.put("description", "A problem: " + names);
          ObjectNode headers = response.putObject("headers");
          if (status == 503 || status == 429) {
            header(headers, "Retry-After", RETRY, "integer", false);
          }
          if (status == 415) {
            header(headers, "Accept-Encoding", ENCODING, "string", false);
          }
          if (status == 401) {
            header(headers, "WWW-Authenticate", CHALLENGE, "string");
          }
          helpLink(headers);
          response
              .putObject("content")
              .putObject(Problem.MEDIA_TYPE)
              .putObject("schema")
              .put("$ref", PLACE + "Problem");
        });
    ObjectNode inference = responses.putObject("InferenceError");
    inference.put("description", "An error of the inference protocol");
    ObjectNode inferenceHeaders = inference.putObject("headers");
    helpLink(inferenceHeaders);
    header(inferenceHeaders, "Retry-After", RETRY, "integer", false);
    header(inferenceHeaders, "WWW-Authenticate", CHALLENGE, "string", false);
    inference
        .putObject("content")
        .putObject("application/json")
        .putObject("schema")
        .put("$ref", PLACE + "InferenceError");
    return responses;
  }

  private static void helpLink(ObjectNode headers) {
    header(headers, "Link", "Leads to the page of the code, as rel=\"help\".", "string");
  }

  static void header(ObjectNode headers, String name, String description, String type) {
    header(headers, name, description, type, true);
  }

  /**
   * Describes a header of an answer.
   *
   * @param always whether each answer of this status has it
   */
  static void header(
      ObjectNode headers, String name, String description, String type, boolean always) {
    headers
        .putObject(name)
        .put("required", always)
        .put("description", description)
        .putObject("schema")
        .put("type", type);
  }
}
