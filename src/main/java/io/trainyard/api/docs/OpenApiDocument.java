package io.trainyard.api.docs;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
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
  private static final String PLACE = "#/components/schemas/";

  /** A discriminator that is a word of many languages. */
  private static final String RESERVED = "function";

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
    unite((ObjectNode) moved);
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

  /**
   * Makes one union, with a discriminator, of what is a name or an object. Generators have a class
   * for each form of a union, and without a discriminator they take an object for the first form
   * that has its required members, and lose all others.
   */
  private static void unite(ObjectNode definitions) {
    for (String kind : List.copyOf(definitions.propertyNames())) {
      if (definitions.get(kind) instanceof ObjectNode schema
          && schema.path("anyOf").path(1).get("discriminator") instanceof ObjectNode hint) {
        JsonNode forms = schema.remove("anyOf");
        ObjectNode names = (ObjectNode) forms.get(0);
        ArrayNode all = schema.putArray("oneOf");
        if (hint.get("propertyName").stringValue().equals(RESERVED)) {
          definitions.set(kind + "Object", merged(kind, forms.get(1).get("oneOf"), definitions));
          all.add(names).addObject().put("$ref", PLACE + kind + "Object");
        } else {
          names.put("description", kind + " by its name.");
          constants(names, kind);
          definitions.set(kind + "Name", names);
          all.addObject().put("$ref", PLACE + kind + "Name");
          forms.get(1).get("oneOf").forEach(all::add);
          schema.set("discriminator", hint);
        }
      }
    }
  }

  /** Names of the constants that no other kind has: in Go, all constants are of one package. */
  private static void constants(ObjectNode names, String kind) {
    String prefix = kind.replaceAll("([a-z])([A-Z])", "$1_$2");
    ArrayNode constants = names.putArray("x-enum-varnames");
    for (JsonNode name : names.get("enum")) {
      constants.add((prefix + "_" + name.stringValue()).toUpperCase(Locale.ROOT));
    }
  }

  /** One object with the members of all: a generator may misspell a reserved discriminator. */
  private static ObjectNode merged(String kind, JsonNode choices, ObjectNode definitions) {
    ObjectNode merged = JsonNodeFactory.instance.objectNode().put("type", "object");
    merged.put("description", kind + " with parameters; each has only some of them.");
    ObjectNode members = merged.putObject("properties");
    ArrayNode words = JsonNodeFactory.instance.arrayNode();
    for (JsonNode choice : choices) {
      String place = choice.get("$ref").stringValue();
      ObjectNode form = (ObjectNode) definitions.get(place.substring(PLACE.length())).deepCopy();
      ObjectNode own = (ObjectNode) form.get("properties");
      JsonNode name = own.get(RESERVED);
      (name.has("enum") ? name.get("enum").valueStream() : Stream.of(name.get("const")))
          .forEach(words::add);
      own.properties().forEach(member -> members.putIfAbsent(member.getKey(), member.getValue()));
    }
    ObjectNode name = members.putObject(RESERVED).put("type", "string");
    name.put("description", "Which of them it is.").set("enum", words);
    merged.putArray("required").add(RESERVED);
    return merged;
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
