package io.trainyard.api.docs;

import io.trainyard.api.Problem;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The part of the OpenAPI document about the answers of one operation. */
final class ResponsesObject {
  /** The statuses that some error code has. */
  private static final Set<Integer> KNOWN =
      Stream.of(ErrorCode.values()).map(Problem::status).collect(Collectors.toSet());

  private final OperationEntry operation;
  private final JsonNode texts;
  private final ObjectNode content;

  /**
   * @param content the bodies of answers that are no problems, by media type
   */
  ResponsesObject(OperationEntry operation, ObjectNode content) {
    this.operation = operation;
    this.texts = operation.texts();
    this.content = content;
  }

  /**
   * The answers by status.
   *
   * @param bodied whether requests have a body
   * @param conditional whether requests may have the header If-Match
   */
  ObjectNode build(boolean bodied, boolean conditional) {
    ObjectNode responses = JsonNodeFactory.instance.objectNode();
    List<Integer> statuses = statuses();
    for (int status : statuses) {
      ObjectNode response = responses.putObject(String.valueOf(status));
      response.put("description", description(status));
      ProblemResponses.headers(response, headers(status, statuses));
      if (!content.isEmpty() && status != 304 && status != 204) {
        response.set("content", content.deepCopy());
      }
    }
    for (int status : problems(bodied, conditional)) {
      String name = operation.infers() ? "InferenceError" : "Problem" + status;
      responses.putObject(String.valueOf(status)).put("$ref", "#/components/responses/" + name);
    }
    return responses;
  }

  /** Those of answers that are no problems. */
  private List<Integer> statuses() {
    List<Integer> statuses = new ArrayList<>();
    texts.path("statuses").forEach(status -> statuses.add(status.intValue()));
    if (statuses.isEmpty()) {
      statuses.add(content.isEmpty() ? 204 : 200);
    }
    if (operation.comparesState() && !statuses.contains(304)) {
      statuses.add(304);
    }
    return statuses;
  }

  private List<String> headers(int status, List<Integer> statuses) {
    List<String> names = new ArrayList<>();
    boolean makes = status != 200 || statuses.contains(201);
    if (status == 201 || (creates() && makes)) {
      names.add("Location");
    }
    if (texts.path("etag").asBoolean(false)) {
      names.add("ETag");
    }
    if (operation.path().endsWith("/infer")) {
      names.add("Inference-Header-Content-Length");
    }
    if (texts.path("file").asBoolean(false)) {
      names.add("Content-Disposition");
    }
    if (statuses.contains(206)) {
      names.add("Accept-Ranges");
    }
    if (status == 206) {
      names.add("Content-Range");
    }
    return names;
  }

  /** Whether an answer has the path of what was made. */
  private boolean creates() {
    return operation.handlers().stream()
        .map(handler -> handler.method().getMethodAnnotation(TakesIdempotencyKey.class))
        .anyMatch(key -> key != null && key.creates().length > 0);
  }

  private static String description(int status) {
    return switch (status) {
      case 201 -> "It was made";
      case 202 -> "It was accepted and goes on";
      case 204 -> "Done; there is nothing to read";
      case 304 -> "The caller has it already";
      case 206 -> "The bytes that were asked for";
      default -> "The answer";
    };
  }

  /** The statuses of the problems that it may answer with. */
  private Set<Integer> problems(boolean bodied, boolean conditional) {
    Set<Integer> statuses = new TreeSet<>(List.of(400, 401, 403, 406, 421, 429, 500, 503));
    if (operation.path().contains("{") || operation.infers()) {
      statuses.add(404);
    }
    if (bodied) {
      statuses.addAll(List.of(408, 413, 415, 422));
    }
    if (!operation.method().equals("get")) {
      statuses.addAll(List.of(409, 422));
    } else if (!operation.infers()) {
      statuses.add(422);
    }
    texts.path("problems").forEach(status -> statuses.add(status.intValue()));
    if (conditional) {
      statuses.add(412);
    }
    if (!operation.infers()) {
      statuses.retainAll(KNOWN);
    }
    return statuses;
  }
}
