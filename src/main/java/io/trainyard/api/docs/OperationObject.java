package io.trainyard.api.docs;

import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.api.docs.OperationEntry.Handler;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ValueConstants;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The part of the OpenAPI document about one operation. */
final class OperationObject {
  /** The tag of an operation without texts. */
  static final String NO_TAG = "Other";

  private static final String SCHEMAS = "#/components/schemas/";
  private static final JsonNode PARAMETERS = DocumentationTexts.schemas().get("parameters");

  private final OperationEntry operation;
  private final WireSchemas wire;
  private final JsonNode texts;
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final Set<String> parameters = new LinkedHashSet<>();

  OperationObject(OperationEntry operation, WireSchemas wire) {
    this.operation = operation;
    this.wire = wire;
    this.texts = operation.texts();
  }

  ObjectNode build() {
    json.putArray("tags").add(texts.path("tag").asString(NO_TAG));
    json.put("summary", texts.path("summary").asString(operation.name()));
    String summary = json.get("summary").stringValue();
    json.put("description", texts.path("description").asString(summary + "."));
    json.put("operationId", id());
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (Handler handler : operation.handlers()) {
      for (MethodParameter parameter : handler.method().getMethodParameters()) {
        add(parameter, list);
      }
      if (handler.method().hasMethodAnnotation(TakesIdempotencyKey.class)) {
        header(
            "Idempotency-Key",
            JsonNodeFactory.instance.objectNode().put("type", "string").put("maxLength", 255),
            list);
      }
    }
    if (!list.isEmpty()) {
      json.set("parameters", list);
    }
    body();
    responses();
    return json;
  }

  private String id() {
    if (texts.has("id")) {
      return texts.get("id").stringValue();
    }
    String words =
        Stream.of(operation.path().split("[^A-Za-z0-9]+"))
            .filter(word -> !word.isEmpty() && !word.matches("v[0-9]"))
            .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
            .collect(Collectors.joining());
    return operation.method() + words;
  }

  private void add(MethodParameter parameter, ArrayNode list) {
    PathVariable path = parameter.getParameterAnnotation(PathVariable.class);
    RequestParam query = parameter.getParameterAnnotation(RequestParam.class);
    RequestHeader header = parameter.getParameterAnnotation(RequestHeader.class);
    if (path != null) {
      parameter(name(path.name(), path.value(), parameter), "path", true, parameter, list);
    } else if (query != null) {
      boolean required =
          query.required() && query.defaultValue().equals(ValueConstants.DEFAULT_NONE);
      parameter(name(query.name(), query.value(), parameter), "query", required, parameter, list);
    } else if (header != null && !header.name().equalsIgnoreCase("Accept")) {
      header(header.name(), JsonNodeFactory.instance.objectNode().put("type", "string"), list);
    }
  }

  private static String name(String name, String value, MethodParameter parameter) {
    String own = name.isEmpty() ? value : name;
    return own.isEmpty() ? String.valueOf(parameter.getParameter().getName()) : own;
  }

  private void parameter(
      String name, String in, boolean required, MethodParameter parameter, ArrayNode list) {
    Type type = parameter.getGenericParameterType();
    if (!parameters.add(name)
        || java.util.Map.class.isAssignableFrom(parameter.getParameterType())) {
      return;
    }
    ObjectNode described = list.addObject().put("name", name).put("in", in);
    described.put("required", required);
    described.put("description", PARAMETERS.path(name).asString(name + "."));
    described.set(
        "schema",
        type == Double.class
            ? JsonNodeFactory.instance.objectNode().put("type", "number")
            : wire.of(type));
    JsonNode example = texts.path("parameters").path(name);
    if (!example.isMissingNode()) {
      described.set("example", example);
    }
  }

  private void header(String name, ObjectNode schema, ArrayNode list) {
    if (parameters.add(name)) {
      ObjectNode described = list.addObject().put("name", name).put("in", "header");
      described.put("required", false);
      described.put("description", PARAMETERS.path(name).asString(name + "."));
      described.set("schema", schema);
    }
  }

  private void body() {
    Set<String> types = new TreeSet<>();
    boolean bodied = false;
    for (Handler handler : operation.handlers()) {
      handler
          .mapping()
          .getConsumesCondition()
          .getConsumableMediaTypes()
          .forEach(type -> types.add(type.toString()));
      bodied |=
          Stream.of(handler.method().getMethodParameters())
              .anyMatch(parameter -> parameter.hasParameterAnnotation(RequestBody.class));
    }
    if (texts.has("body")) {
      types.add(texts.path("type").asString(MediaType.APPLICATION_JSON_VALUE));
    } else if (bodied) {
      types.add(MediaType.APPLICATION_JSON_VALUE);
    }
    if (types.isEmpty()) {
      return;
    }
    ObjectNode request = json.putObject("requestBody").put("required", true);
    ObjectNode content = request.putObject("content");
    for (String type : types) {
      ObjectNode media = content.putObject(type);
      media.set("schema", bodySchema(type));
      if (type.equals(texts.path("type").asString(MediaType.APPLICATION_JSON_VALUE))
          && texts.has("body")
          && !type.startsWith("multipart/")) {
        media.set("example", texts.get("body"));
      }
    }
  }

  private ObjectNode bodySchema(String type) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    if (type.equals(MediaType.MULTIPART_FORM_DATA_VALUE)) {
      schema.put("type", "object");
      ObjectNode parts = schema.putObject("properties");
      if (operation.path().equals("/v1/datasets")) {
        parts
            .putObject("file")
            .put("type", "string")
            .put("contentMediaType", "application/octet-stream");
        parts.putObject("options").put("$ref", SCHEMAS + "DatasetOptions");
        return schema;
      }
      parts.putObject("spec").put("$ref", SCHEMAS + "Model");
      for (String file : List.of("weights", "onnx")) {
        parts
            .putObject(file)
            .put("type", "string")
            .put("contentMediaType", "application/octet-stream");
      }
      parts.putObject("rename").put("type", "object");
      parts.putObject("encoding").put("type", "object");
      return schema;
    }
    if (!type.equals(MediaType.APPLICATION_JSON_VALUE)) {
      return schema.put("type", "string").put("contentMediaType", type);
    }
    String name = texts.path("schema").asString("");
    if (!name.isEmpty()) {
      return schema.put("$ref", SCHEMAS + name);
    }
    return operation.path().equals("/v1/datasets")
        ? schema
            .put("type", "array")
            .set("items", JsonNodeFactory.instance.objectNode().put("type", "object"))
        : schema.put("type", "object");
  }

  private void responses() {
    ObjectNode responses = json.putObject("responses");
    List<Integer> statuses = new ArrayList<>();
    texts.path("statuses").forEach(status -> statuses.add(status.intValue()));
    ObjectNode content = content();
    if (statuses.isEmpty()) {
      statuses.add(content.isEmpty() ? 204 : 200);
    }
    for (int status : statuses) {
      ObjectNode response = responses.putObject(String.valueOf(status));
      response.put("description", description(status));
      ObjectNode headers = JsonNodeFactory.instance.objectNode();
      boolean makes = status != 200 || texts.path("statuses").toString().contains("201");
      if (status == 201 || (creates() && makes)) {
        OpenApiDocument.header(headers, "Location", "The path of what was made.", "string");
      }
      if (texts.path("etag").asBoolean(false)) {
        // An answer that is replayed under an Idempotency-Key is without it.
        OpenApiDocument.header(headers, "ETag", "The state, for If-Match.", "string", !creates());
      }
      if (!headers.isEmpty()) {
        response.set("headers", headers);
      }
      if (!content.isEmpty() && status != 304) {
        response.set("content", content.deepCopy());
      }
    }
    for (int status : problems()) {
      responses
          .putObject(String.valueOf(status))
          .put(
              "$ref",
              "#/components/responses/"
                  + (operation.infers() ? "InferenceError" : "Problem" + status));
    }
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

  private ObjectNode content() {
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    if (texts.has("answers")) {
      texts
          .get("answers")
          .properties()
          .forEach(
              answer ->
                  content.set(
                      answer.getKey(), media(answer.getKey(), answer.getValue().stringValue())));
      return content;
    }
    for (Handler handler : operation.handlers()) {
      Type type = answered(handler);
      if (type == void.class || type == Void.class) {
        continue;
      }
      List<String> types =
          handler.mapping().getProducesCondition().getProducibleMediaTypes().stream()
              .map(MediaType::toString)
              .toList();
      for (String media : types.isEmpty() ? List.of(MediaType.APPLICATION_JSON_VALUE) : types) {
        ObjectNode described = JsonNodeFactory.instance.objectNode();
        described.set(
            "schema",
            media.equals(MediaType.APPLICATION_JSON_VALUE) ? wire.of(type) : binary(media));
        content.set(media, described);
      }
    }
    return content;
  }

  private static ObjectNode media(String type, String schema) {
    ObjectNode media = JsonNodeFactory.instance.objectNode();
    media.set(
        "schema",
        schema.isEmpty()
            ? binary(type)
            : JsonNodeFactory.instance.objectNode().put("$ref", SCHEMAS + schema));
    return media;
  }

  private static ObjectNode binary(String type) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "string")
        .put("contentMediaType", type);
  }

  private static Type answered(Handler handler) {
    Type type = handler.method().getMethod().getGenericReturnType();
    return type instanceof ParameterizedType generic && generic.getRawType() == ResponseEntity.class
        ? generic.getActualTypeArguments()[0]
        : type;
  }

  /** The statuses of the problems that it may answer with. */
  private Set<Integer> problems() {
    Set<Integer> statuses = new TreeSet<>(List.of(400, 401, 403, 406, 421, 429, 500, 503));
    boolean bodied = json.has("requestBody");
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
    if (parameters.contains("If-Match")) {
      statuses.add(412);
    }
    if (!operation.infers()) {
      statuses.retainAll(KNOWN);
    }
    return statuses;
  }

  /** The statuses that some error code has. */
  private static final Set<Integer> KNOWN =
      Stream.of(io.trainyard.error.ErrorCode.values())
          .map(io.trainyard.api.Problem::status)
          .collect(Collectors.toSet());
}
