package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Http.Event;
import io.trainyard.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares each answer that a test gets with the service's OpenAPI document: status, headers, media
 * type and body.
 */
public final class AnswerCheck implements Http.Observer {
  private static final JsonMapper JSON = new JsonMapper();
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** Larger bodies hold more of the same. */
  private static final int MOST_BYTES = 256 * 1024;

  /** What the container answers before the operation is known; the document says it in general. */
  private static final Set<Integer> PROTOCOL = Set.of(405, 411, 414, 421, 431);

  /** Headers that say nothing about the operation. */
  private static final Set<String> GENERAL =
      Set.of(
          "accept",
          "allow",
          "cache-control",
          "connection",
          "content-encoding",
          "content-length",
          "content-security-policy",
          "content-type",
          "date",
          "keep-alive",
          "referrer-policy",
          "strict-transport-security",
          "traceparent",
          "transfer-encoding",
          "vary",
          "x-accel-buffering",
          "x-content-type-options",
          "x-frame-options",
          "x-request-id");

  private static volatile @Nullable AnswerCheck shared;

  /** An operation of the document, with the paths that lead to it. */
  private record Operation(String method, Pattern path, String template, JsonNode json) {
    int variables() {
      return template.split("\\{", -1).length;
    }
  }

  private final JsonNode document;
  private final JsonNode definitions;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();

  AnswerCheck(JsonNode document) {
    this.document = document;
    this.definitions = AnswerSchemas.definitions(document);
    for (var path : document.path("paths").properties()) {
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

  /** The check of a service. The first document is for all services of the process. */
  public static Http.Observer reading(Http service) {
    return new Http.Observer() {
      @Override
      public void see(String method, String path, Answer answer) {
        check(service).see(method, path, answer);
      }

      @Override
      public void see(String path, Event event) {
        check(service).see(path, event);
      }
    };
  }

  private static AnswerCheck check(Http service) {
    AnswerCheck check = shared;
    if (check == null) {
      Answer answer = service.get("/v3/api-docs");
      check = new AnswerCheck(answer.json());
      // A pure worker has none.
      if (answer.status() == 200) {
        shared = check;
      }
    }
    return check;
  }

  @Override
  public void see(String method, String target, Answer answer) {
    String path = target.split("\\?", 2)[0].replaceFirst(":predict$", "/predict");
    String as = method + " " + target + " gave " + answer.status();
    Operation operation = operation(method, path);
    if (operation == null
        || answer.status() == 302
        || answer.text().contains("route_not_found")
        || answer.text().startsWith("{\"outputs\"")) {
      // Pages and the way there, meters, what is not there, and the columns that only the hidden
      // twins answer.
      return;
    }
    JsonNode response = operation.json().at("/responses/" + answer.status());
    if (response.isMissingNode() && PROTOCOL.contains(answer.status())) {
      response = document.at("/components/responses/Problem400");
    } else {
      assertThat(response.isMissingNode())
          .as("%s, which is not documented: %s", as, JsonObject.shorten(answer.text()))
          .isFalse();
    }
    if (response.has("$ref")) {
      response = document.at(response.get("$ref").stringValue().substring(1));
    }
    headers(response.path("headers"), answer, as);
    // What comes packed is compared where it comes as it is.
    if (answer.bytes().length > 0 && answer.header("Content-Encoding").isEmpty()) {
      body(response.path("content"), answer, as);
    }
  }

  private @Nullable Operation operation(String method, String path) {
    return operations.stream()
        .filter(each -> each.method().equals(method) && each.path().matcher(path).matches())
        // /v2/models/stats is not the model stats.
        .min((a, b) -> Integer.compare(a.variables(), b.variables()))
        .orElse(null);
  }

  private static void headers(JsonNode described, Answer answer, String as) {
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.addAll(described.propertyNames());
    for (String name : answer.response().headers().map().keySet()) {
      if (!GENERAL.contains(name) && !name.startsWith("access-control-")) {
        assertThat(names).as(as + " with a header").contains(name);
      }
    }
    for (var header : described.properties()) {
      String value = answer.header(header.getKey());
      if (header.getValue().get("required").booleanValue()) {
        assertThat(value).as(as + " without " + header.getKey()).isNotEmpty();
      }
      if (header.getValue().at("/schema/type").stringValue().equals("integer")) {
        assertThat(value).as(as + ": " + header.getKey()).matches("[0-9]*");
      }
    }
  }

  private void body(JsonNode content, Answer answer, String as) {
    String type = answer.contentType().split(";", 2)[0];
    JsonNode media = content.path(type);
    assertThat(media.isMissingNode())
        .as("%s with %s; there are %s", as, type, content.propertyNames())
        .isFalse();
    if (answer.bytes().length > MOST_BYTES) {
      return;
    }
    if (type.endsWith("json")) {
      validate(media.get("schema"), JSON.readTree(answer.bytes()), as);
    }
  }

  @Override
  public void see(String path, Event event) {
    Operation operation = operation("GET", path);
    assertThat(operation).as(path).isNotNull();
    JsonNode schema =
        Objects.requireNonNull(operation)
            .json()
            .at("/responses/200/content/text~1event-stream/x-events/" + event.kind());
    String as = "GET " + path + " sent the event " + event.kind();
    assertThat(schema.isMissingNode()).as(as + ", which is not documented").isFalse();
    validate(schema, event.data(), as);
  }

  private void validate(JsonNode schema, JsonNode json, String as) {
    Schema compiled =
        schemas.computeIfAbsent(
            schema, each -> REGISTRY.getSchema(AnswerSchemas.whole(definitions, each)));
    assertThat(compiled.validate(json))
        .as(as + " " + JsonObject.shorten(json.toString()))
        .isEmpty();
  }
}
