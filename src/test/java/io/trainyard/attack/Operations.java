package io.trainyard.attack;

import io.trainyard.Http;
import io.trainyard.Multipart;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Every operation of the OpenAPI document, with its documented example. */
public final class Operations {
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * One operation.
   *
   * @param examples parameters of path and query by name
   * @param query the names of its query parameters
   * @param contentType "" without a body
   */
  record Operation(
      String method,
      String path,
      Map<String, String> examples,
      List<String> query,
      String contentType,
      JsonNode body) {}

  private Operations() {}

  /** Runs the documented examples, except deletions, and gives all operations. */
  static List<Operation> prepare(Http http) {
    List<Operation> operations = new ArrayList<>();
    JsonNode document = http.get("/v3/api-docs").expect(200).json();
    Map<String, String> ids = new TreeMap<>();
    for (JsonNode documented : documented()) {
      String[] name = documented.get("operation").stringValue().split(" ", 2);
      JsonNode described = document.at("/paths").path(name[1]).path(lower(name[0]));
      if (described.isMissingNode() && !documented.path("hidden").asBoolean(false)) {
        continue;
      }
      Operation operation = operation(name, documented, described, ids);
      operations.add(operation);
      if (!name[0].equals("DELETE")) {
        Http.Answer answer = call(http, operation);
        if (answer.status() == 202 && name[1].equals("/v1/batch-predictions")) {
          http.await(answer.location());
        }
        if (answer.status() == 202 && List.of("/v1/jobs", "/v1/sweeps").contains(name[1])) {
          String id = answer.location().substring(answer.location().lastIndexOf('/') + 1);
          ids.put(name[1].endsWith("jobs") ? "{job}" : "{sweep}", id);
          http.await(answer.location());
        }
      }
    }
    return operations;
  }

  private static Operation operation(
      String[] name, JsonNode documented, JsonNode described, Map<String, String> ids) {
    Map<String, String> examples = new TreeMap<>();
    for (var parameter : documented.path("parameters").properties()) {
      String example = parameter.getValue().asString();
      examples.put(parameter.getKey(), ids.getOrDefault(example, example));
    }
    List<String> query = new ArrayList<>();
    for (JsonNode parameter : described.path("parameters")) {
      if (parameter.path("in").asString("").equals("query")) {
        query.add(parameter.get("name").stringValue());
      }
    }
    JsonNode body = documented.path("body");
    String type = body.isMissingNode() ? "" : documented.path("type").asString("application/json");
    return new Operation(name[0], name[1], examples, query, type, body);
  }

  /**
   * Sends the documented example of an operation.
   *
   * @param ids of what earlier examples made, by the word that stands for them
   */
  public static Http.Answer call(Http http, JsonNode documented, Map<String, String> ids) {
    String[] name = documented.get("operation").stringValue().split(" ", 2);
    return call(http, operation(name, documented, MissingNode.getInstance(), ids));
  }

  private static Http.Answer call(Http http, Operation operation) {
    String target = target(operation);
    if (operation.contentType().startsWith("multipart/")) {
      return new Multipart()
          .part("spec", operation.body().get("spec").toString())
          .post(http, target);
    }
    byte[] body = bytes(operation.body());
    return body.length == 0
        ? http.send(operation.method(), target, body)
        : http.send(operation.method(), target, body, "Content-Type", operation.contentType());
  }

  /** The path and query of an operation's example. */
  static String target(Operation operation) {
    String target = operation.path();
    StringBuilder query = new StringBuilder();
    for (var example : operation.examples().entrySet()) {
      String place = "{" + example.getKey() + "}";
      if (target.contains(place)) {
        target = target.replace(place, example.getValue());
      } else {
        query.append(query.isEmpty() ? '?' : '&').append(example.getKey()).append('=');
        query.append(example.getValue());
      }
    }
    return target + query;
  }

  static byte[] bytes(JsonNode body) {
    return body.isMissingNode()
        ? new byte[0]
        : Http.utf8(body.isString() ? body.stringValue() : body.toString());
  }

  private static String lower(String method) {
    return method.toLowerCase(Locale.ROOT);
  }

  private static JsonNode documented() {
    String resource = "/documentation/operations.json";
    try (InputStream in = Operations.class.getResourceAsStream(resource)) {
      return JSON.readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
