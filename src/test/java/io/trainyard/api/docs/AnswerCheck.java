package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares the answers that tests get with the OpenAPI document: status, headers, media type, and
 * the schema of JSON. An answer of an operation and status is compared a few times, which finds
 * what is wrong and costs little.
 */
public final class AnswerCheck implements Http.Observer {
  private static final JsonMapper JSON = new JsonMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** Larger bodies hold more of the same. */
  private static final int MOST_BYTES = 64 * 1024;

  private static final int MOST_TIMES = 25;

  /**
   * Faults of the protocol, which the container or a filter finds before the operation is known.
   */
  private static final List<Integer> PROTOCOL = List.of(405, 408, 411, 413, 414, 421, 431);

  private static volatile @Nullable AnswerCheck shared;

  /** An operation of the document, with the paths that lead to it. */
  private record Operation(String method, Pattern path, String template, JsonNode json) {}

  private final JsonNode document;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<String, AtomicInteger> compared = new ConcurrentHashMap<>();
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

  private AnswerCheck(JsonNode document) {
    this.document = document;
    for (var path : document.get("paths").properties()) {
      String pattern = Pattern.quote(path.getKey()).replaceAll("\\{[^}]*\\}", "\\\\E[^/]+\\\\Q");
      for (var method : path.getValue().properties()) {
        operations.add(
            new Operation(
                method.getKey().toUpperCase(Locale.ROOT),
                Pattern.compile(pattern),
                path.getKey(),
                method.getValue()));
      }
    }
  }

  /** The check of the service that tests share; the document is read at its first use. */
  public static Http.Observer reading(Http service) {
    return (method, path, answer) -> {
      AnswerCheck check = shared;
      if (check == null) {
        check = new AnswerCheck(service.get("/v3/api-docs").expect(200).json());
        shared = check;
      }
      check.see(method, path, answer);
    };
  }

  @Override
  public void see(String method, String target, Answer answer) {
    String path = target.split("\\?", 2)[0];
    Operation operation =
        operations.stream()
            .filter(each -> each.method().equals(method) && each.path().matcher(path).matches())
            // /v2/models/stats is not the model stats.
            .min((a, b) -> Integer.compare(variables(a), variables(b)))
            .orElse(null);
    if (operation == null
        || path.endsWith(":predict")
        || PROTOCOL.contains(answer.status())
        // A pure worker has no API.
        || answer.text().contains("route_not_found")) {
      return;
    }
    String key = method + " " + operation.template() + " " + answer.status();
    if (compared.computeIfAbsent(key, _ -> new AtomicInteger()).incrementAndGet() <= MOST_TIMES) {
      compare(operation, key, answer);
    }
  }

  private static int variables(Operation operation) {
    return operation.template().split("\\{", -1).length;
  }

  private void compare(Operation operation, String key, Answer answer) {
    JsonNode responses = operation.json().get("responses");
    JsonNode response = responses.path(String.valueOf(answer.status()));
    assertThat(response.isMissingNode())
        .as(
            "%s is not documented; there are %s: %s",
            key, responses.propertyNames(), JsonObject.shorten(answer.text()))
        .isFalse();
    if (response.has("$ref")) {
      response = document.at(response.get("$ref").stringValue().substring(1));
    }
    for (var header : response.path("headers").properties()) {
      if (header.getValue().get("required").booleanValue()) {
        assertThat(answer.header(header.getKey())).as(key + " " + header.getKey()).isNotEmpty();
      }
    }
    for (String header : List.of("Location", "ETag")) {
      if (!answer.header(header).isEmpty()) {
        assertThat(response.path("headers").propertyNames()).as(key).contains(header);
      }
    }
    if (answer.bytes().length == 0) {
      return;
    }
    String type = answer.contentType().split(";", 2)[0];
    JsonNode content = response.path("content");
    assertThat(content.propertyNames().stream().map(name -> name.split(";", 2)[0]).toList())
        .as(key)
        .contains(type);
    if (type.endsWith("json") && answer.bytes().length <= MOST_BYTES) {
      JsonNode schema = content.path(type).path("schema");
      Schema compiled =
          schemas.computeIfAbsent(
              key + type, _ -> REGISTRY.getSchema(AnswerSchemas.whole(document, schema)));
      assertThat(compiled.validate(JSON.readTree(answer.bytes())))
          .as(key + " " + JsonObject.shorten(answer.text()))
          .isEmpty();
    }
  }
}
