package io.trainyard.api.docs;

import io.trainyard.api.Problem;
import io.trainyard.error.ErrorCode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The OpenAPI 3.1 document: paths and parameters from the controllers, bodies from the schemas of
 * requests, answers from the records that are written, texts and examples from {@code
 * documentation/}.
 */
final class OpenApiDocument {
  private static final String QUICK_START =
      """
      Trains neural networks from JSON and serves them. Errors are RFC 9457 problems: decide by \
      `code`, read `detail`; `errors` has the place of each fault, `help` a page about the code.

      Quick start:

      1. `POST /v1/samples/iris` makes a sample dataset.
      2. `POST /v1/models:validate` checks a job: shapes, counts and warnings, without storing it.
      3. `POST /v1/jobs` trains; `Location` leads to the job, `GET /v1/jobs/{job}?wait=30` waits.
      4. `POST /v1/models/{model}/predict` answers with the newest version, or the alias production.

      Creating calls take an `Idempotency-Key`, so that a retry creates nothing new. Lists are \
      newest first; `next_page_token` is empty at the end. Resources that change carry an `ETag`; \
      send it as `If-Match`.
      """;

  private static final String SCHEME = "key";

  private final ObjectNode schemas = JsonNodeFactory.instance.objectNode();
  private final ObjectNode document = JsonNodeFactory.instance.objectNode();

  private OpenApiDocument() {}

  /** The document for these operations, with the scopes that each needs. */
  static ObjectNode of(List<OperationEntry> operations, OperationScopes scopes) {
    return new OpenApiDocument().build(operations, scopes);
  }

  private ObjectNode build(List<OperationEntry> operations, OperationScopes scopes) {
    JsonNode texts = DocumentationTexts.schemas();
    document.put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "Trainyard")
        .put("version", "v1")
        .put("summary", "Trains neural networks and serves them")
        .put("description", QUICK_START);
    document.putArray("servers").addObject().put("url", "/");
    ArrayNode tags = document.putArray("tags");
    for (JsonNode tag : texts.get("tags")) {
      tags.addObject()
          .put("name", tag.get(0).stringValue())
          .put("description", tag.get(1).stringValue());
    }
    requestSchemas();
    texts.get("schemas").properties().forEach(own -> schemas.set(own.getKey(), own.getValue()));
    problemSchemas();
    WireSchemas wire = new WireSchemas(schemas);
    ObjectNode paths = document.putObject("paths");
    for (OperationEntry operation : operations) {
      ObjectNode described = new OperationObject(operation, wire).build();
      // Any one of the scopes is enough, so each is a requirement of its own.
      ArrayNode security = described.putArray("security");
      scopes
          .of(operation.method().toUpperCase(Locale.ROOT), operation.path())
          .forEach(scope -> security.addObject().putArray(SCHEME).add(scope));
      paths.withObjectProperty(operation.path()).set(operation.method(), described);
    }
    operations.stream()
        .map(operation -> operation.texts().path("tag").asString(OperationObject.NO_TAG))
        .distinct()
        .filter(tag -> !tags.findValuesAsString("name").contains(tag))
        .forEach(tag -> tags.addObject().put("name", tag).put("description", tag + "."));
    overlay(texts.get("members"));
    ObjectNode components = document.putObject("components");
    components.set("schemas", schemas);
    ObjectNode responses = problemResponses();
    Set<String> used = Set.copyOf(paths.findValuesAsString("$ref"));
    responses.retain(
        responses.propertyNames().stream()
            .filter(name -> used.contains("#/components/responses/" + name))
            .toList());
    components.set("responses", responses);
    components
        .putObject("securitySchemes")
        .putObject(SCHEME)
        .put("type", "http")
        .put("scheme", "bearer")
        .put(
            "description",
            "A key made by POST /v1/keys, or a token of the service's OpenID provider; needed where"
                + " the service asks for keys.");
    return document;
  }

  /** Those of JSON Schema, with references as OpenAPI has them. */
  private void requestSchemas() {
    ObjectNode definitions = Reference.schemasOfBodies().definitions();
    JsonNode moved =
        DocumentationTexts.parse(
            definitions.toString().replace("\"#/$defs/", "\"#/components/schemas/"));
    moved.properties().forEach(each -> schemas.set(each.getKey(), each.getValue()));
  }

  private void problemSchemas() {
    ObjectNode codes = schemas.putObject("ErrorCode").put("type", "string");
    ArrayNode constants = codes.putArray("enum");
    Stream.of(ErrorCode.values()).map(ErrorCode::code).forEach(constants::add);
    ObjectNode violation = schemas.putObject("Violation").put("type", "object");
    violation.putArray("required").add("pointer").add("detail");
    ObjectNode places = violation.putObject("properties");
    places.putObject("pointer").put("type", "string").put("description", "A JSON pointer.");
    places.putObject("detail").put("type", "string");
    ObjectNode problem = schemas.putObject("Problem").put("type", "object");
    problem.put("description", "An error, as RFC 9457 says.");
    ArrayNode required = problem.putArray("required");
    ObjectNode members = problem.putObject("properties");
    for (String text : List.of("type", "title", "detail", "instance", "help")) {
      members.putObject(text).put("type", "string");
      required.add(text);
    }
    members.putObject("status").put("type", "integer").put("format", "int32");
    members.putObject("code").put("$ref", "#/components/schemas/ErrorCode");
    required.add("status").add("code");
    members.putObject("request_id").put("type", "string");
    ObjectNode errors = members.putObject("errors").put("type", "array");
    errors.putObject("items").put("$ref", "#/components/schemas/Violation");
  }

  /** Replaces members whose records do not say what they hold. */
  private void overlay(JsonNode members) {
    for (var member : members.properties()) {
      String[] place = member.getKey().split("\\.", 2);
      if (schemas.path(place[0]).path("properties") instanceof ObjectNode properties) {
        properties.set(place[1], member.getValue());
      }
    }
  }

  private static ObjectNode problemResponses() {
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
            header(headers, "Retry-After", "Seconds until a retry makes sense.", "integer");
          }
          header(headers, "Link", "Leads to the page of the code, as rel=\"help\".", "string");
          response
              .putObject("content")
              .putObject(Problem.MEDIA_TYPE)
              .putObject("schema")
              .put("$ref", "#/components/schemas/Problem");
        });
    ObjectNode inference = responses.putObject("InferenceError");
    inference.put("description", "An error of the inference protocol");
    inference
        .putObject("content")
        .putObject("application/json")
        .putObject("schema")
        .put("$ref", "#/components/schemas/InferenceError");
    return responses;
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
