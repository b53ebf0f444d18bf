package io.trainyard.api.docs;

import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.api.docs.OperationEntry.Handler;
import java.lang.reflect.Type;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
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

  /** The schemas of parameters that take a few words. */
  private static final JsonNode VALUES = DocumentationTexts.schemas().get("values");

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
    // One sentence, before what a caller looks up.
    String sentence = json.get("summary").stringValue() + ".";
    json.put(
        "description",
        texts.has("description")
            ? sentence + "\n\n" + texts.get("description").asString()
            : sentence);
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
    if (operation.comparesState()) {
      header("If-None-Match", JsonNodeFactory.instance.objectNode().put("type", "string"), list);
    }
    if (!list.isEmpty()) {
      json.set("parameters", list);
    }
    body();
    ObjectNode content = new AnswerContent(operation, wire).build();
    json.set(
        "responses",
        new ResponsesObject(operation, content)
            .build(json.has("requestBody"), parameters.contains("If-Match")));
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
    described.set("schema", schema(name, type));
    JsonNode example = texts.path("parameters").path(name);
    if (!example.isMissingNode()) {
      described.set("example", example);
    }
  }

  private JsonNode schema(String name, Type type) {
    if (type == String.class && VALUES.has(name)) {
      return reference(VALUES.get(name).stringValue());
    }
    return type == Double.class
        ? JsonNodeFactory.instance.objectNode().put("type", "number").put("format", "double")
        : wire.of(type);
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
    Set<String> types = new LinkedHashSet<>();
    // The type of the example is first: generated clients take only one.
    if (texts.has("body")) {
      types.add(texts.path("type").asString(MediaType.APPLICATION_JSON_VALUE));
    }
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
    if (bodied && !texts.has("body")) {
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
          && texts.has("body")) {
        media.set(
            "example",
            type.startsWith("multipart/") ? parts(texts.get("body")) : texts.get("body"));
      }
    }
  }

  /** The parts of a form: a JSON part is a text. */
  private static ObjectNode parts(JsonNode body) {
    ObjectNode parts = JsonNodeFactory.instance.objectNode();
    body.properties().forEach(part -> parts.put(part.getKey(), part.getValue().toString()));
    return parts;
  }

  private ObjectNode bodySchema(String type) {
    if (type.equals(MediaType.MULTIPART_FORM_DATA_VALUE)) {
      return operation.path().equals("/v1/datasets") ? files() : reference("VersionForm");
    }
    if (!type.equals(MediaType.APPLICATION_JSON_VALUE)) {
      return AnswerContent.text(type);
    }
    String name = texts.path("schema").asString("");
    if (!name.isEmpty()) {
      return reference(name);
    }
    return operation.path().equals("/v1/datasets")
        ? JsonNodeFactory.instance
            .objectNode()
            .put("type", "array")
            .set("items", WireSchemas.freeForm())
        : WireSchemas.freeForm();
  }

  /** A map: a client has no class for a form that is not the first of several bodies. */
  private static ObjectNode files() {
    ObjectNode form = JsonNodeFactory.instance.objectNode().put("type", "object");
    form.put(
        "description",
        "`file` is the data, `options` are DatasetOptions; or a column from each NPY part.");
    form.set("additionalProperties", AnswerContent.text(MediaType.APPLICATION_OCTET_STREAM_VALUE));
    return form;
  }

  private static ObjectNode reference(String schema) {
    return JsonNodeFactory.instance.objectNode().put("$ref", SCHEMAS + schema);
  }
}
