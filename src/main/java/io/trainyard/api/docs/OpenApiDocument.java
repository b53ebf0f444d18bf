package io.trainyard.api.docs;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
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

  /** How the document names its server. */
  static final String SERVER = "\"servers\":[{\"url\":\"/\"}]";

  private static final String SCHEME = "key";
  private static final String PLACE = "#/components/schemas/";

  private final ObjectNode schemas = JsonNodeFactory.instance.objectNode();
  private final ObjectNode document = JsonNodeFactory.instance.objectNode();

  private OpenApiDocument() {}

  /**
   * The document for these operations, with the scopes that each needs.
   *
   * @param release of this service
   */
  static ObjectNode of(List<OperationEntry> operations, OperationScopes scopes, String release) {
    return new OpenApiDocument().build(operations, scopes, release);
  }

  private ObjectNode build(
      List<OperationEntry> operations, OperationScopes scopes, String release) {
    JsonNode texts = DocumentationTexts.schemas();
    document.put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "Trainyard")
        .put("version", release)
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
    WireSchemas wire = new WireSchemas(schemas, texts.get("names"));
    ProblemResponses.addSchemas(schemas, wire);
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
    dropUnused(paths);
    ObjectNode components = document.putObject("components");
    components.set("schemas", schemas);
    ObjectNode responses = ProblemResponses.all();
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

  /** Drops schemas that no operation leads to. */
  private void dropUnused(ObjectNode paths) {
    Set<String> used = new TreeSet<>(List.of("Problem", "InferenceError"));
    collect(paths, used);
    for (String name : List.copyOf(used)) {
      collect(schemas.path(name), used);
    }
    schemas.retain(used);
  }

  private void collect(JsonNode node, Set<String> used) {
    for (String place : node.findValuesAsString("$ref")) {
      if (place.startsWith(PLACE) && used.add(place.substring(PLACE.length()))) {
        collect(schemas.path(place.substring(PLACE.length())), used);
      }
    }
  }

  /** Those of JSON Schema, with references as OpenAPI has them. */
  private void requestSchemas() {
    ObjectNode definitions = Reference.schemasOfBodies().definitions();
    JsonNode moved =
        DocumentationTexts.parse(definitions.toString().replace("\"#/$defs/", '"' + PLACE));
    ObjectNode model = (ObjectNode) moved.at("/Job/properties/model");
    NamedForms.merge((ObjectNode) moved);
    RequestForms.apply((ObjectNode) moved);
    schemas.setAll((ObjectNode) moved);
    // A name of its own, because a job to validate has it too.
    schemas.set("ModelOrName", model);
    ObjectNode job = (ObjectNode) schemas.get("Job");
    job.withObject("properties").putObject("model").put("$ref", PLACE + "ModelOrName");
    ObjectNode toValidate = job.deepCopy().put("description", "A job; only its model is needed.");
    toValidate.putArray("required").add("model");
    schemas.set("JobToValidate", toValidate);
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
}
