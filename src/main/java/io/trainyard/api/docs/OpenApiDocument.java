package io.trainyard.api.docs;

import io.trainyard.api.access.OperationRules;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.Violation;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
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
      4. `POST /v1/models/{model}/predict` answers with the alias production, which a \
      model's first version gets; without the alias, with the newest version.

      Creating calls take an `Idempotency-Key`, so that a retry creates nothing new. Lists are \
      newest first; `next_page_token` is empty at the end. Resources that change carry an `ETag`; \
      send it as `If-Match`.
      """;

  /** How the document names its server. */
  static final String SERVER = "\"servers\":[{\"url\":\"/\"}]";

  private static final String PLACE = "#/components/schemas/";

  private final ObjectNode document = DocumentationTexts.document();
  private final ObjectNode schemas = document.withObject("/components/schemas");

  private OpenApiDocument() {}

  /** The document for these operations of this release of the service. */
  static ObjectNode of(List<OperationEntry> operations, String release) {
    OpenApiDocument made = new OpenApiDocument();
    made.document
        .withObjectProperty("info")
        .put("version", release)
        .put("description", QUICK_START);
    made.requestSchemas();
    made.add(operations);
    made.overlay(DocumentationTexts.VOCABULARY.get("members"));
    made.dropUnused();
    return made.document;
  }

  private void add(List<OperationEntry> operations) {
    ArrayNode codes = schemas.withObjectProperty("ErrorCode").putArray("enum");
    Stream.of(ErrorCode.values()).map(ErrorCode::code).forEach(codes::add);
    ProblemResponses.add(document.withObject("/components/responses"));
    OperationRules rules = new OperationRules();
    WireSchemas wire = new WireSchemas(schemas);
    wire.of(Violation.class);
    Set<String> tags = new LinkedHashSet<>(document.get("tags").findValuesAsString("name"));
    for (OperationEntry operation : operations) {
      ObjectNode described = new OperationObject(operation, wire).build();
      String tag = described.at("/tags/0").stringValue();
      if (tags.add(tag)) {
        document.withArray("tags").addObject().put("name", tag).put("description", tag + ".");
      }
      // Any one of the scopes is enough, so each is a requirement of its own.
      ArrayNode security = described.putArray("security");
      rules
          .scopes(operation.method().toUpperCase(Locale.ROOT), operation.path())
          .forEach(scope -> security.addObject().putArray("key").add(scope));
      document
          .withObjectProperty("paths")
          .withObjectProperty(operation.path())
          .set(operation.method(), described);
    }
  }

  /** Drops problems that no operation answers with, and schemas that nothing leads to. */
  private void dropUnused() {
    ObjectNode responses = document.withObject("/components/responses");
    Set<String> answered = Set.copyOf(document.get("paths").findValuesAsString("$ref"));
    responses.retain(
        responses.propertyNames().stream()
            .filter(name -> answered.contains("#/components/responses/" + name))
            .toList());
    Set<String> used = new HashSet<>();
    collect(document.get("paths"), used);
    collect(responses, used);
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
    job.withObject("properties").set("model", WireSchemas.reference("ModelOrName"));
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
