package io.trainyard.api.docs;

import io.trainyard.api.QueryArguments;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.api.docs.OperationEntry.Handler;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
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

  private static final JsonNode PARAMETERS = DocumentationTexts.VOCABULARY.get("parameters");

  /** The schemas of parameters that take a few words. */
  private static final JsonNode VALUES = DocumentationTexts.VOCABULARY.get("values");

  private final OperationEntry operation;
  private final WireSchemas wire;
  private final JsonNode texts;
  private final Set<String> names = new LinkedHashSet<>();
  private final ArrayNode parameters = JsonNodeFactory.instance.arrayNode();

  OperationObject(OperationEntry operation, WireSchemas wire) {
    this.operation = operation;
    this.wire = wire;
    this.texts = operation.texts();
  }

  ObjectNode build() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    String summary = texts.path("summary").asString(operation.name());
    json.putArray("tags").add(texts.path("tag").asString(NO_TAG));
    json.put("summary", summary);
    // One sentence, before what a caller looks up.
    json.put(
        "description",
        texts.has("description")
            ? summary + ".\n\n" + texts.get("description").asString()
            : summary + ".");
    json.put("operationId", id());
    for (Handler handler : operation.handlers()) {
      for (MethodParameter parameter : QueryArguments.parameters(handler.method())) {
        add(parameter);
      }
      if (handler.method().hasMethodAnnotation(TakesIdempotencyKey.class)) {
        add("Idempotency-Key", "header", false, wire.of(String.class).put("maxLength", 255));
      }
    }
    if (operation.comparesState()) {
      add("If-None-Match", "header", false, wire.of(String.class));
    }
    if (!parameters.isEmpty()) {
      json.set("parameters", parameters);
    }
    ObjectNode bodies = bodies();
    if (!bodies.isEmpty()) {
      json.putObject("requestBody").put("required", true).set("content", bodies);
    }
    json.set(
        "responses",
        new ResponsesObject(operation, AnswerContent.of(operation, wire))
            .build(!bodies.isEmpty(), names.contains("If-Match")));
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

  private void add(MethodParameter parameter) {
    PathVariable path = parameter.getParameterAnnotation(PathVariable.class);
    RequestParam query = parameter.getParameterAnnotation(RequestParam.class);
    RequestHeader header = parameter.getParameterAnnotation(RequestHeader.class);
    if (path != null) {
      String name = name(path.name(), parameter);
      // A handler of several paths has the variables of all.
      if (operation.path().contains("{" + name + "}")) {
        add(name, "path", true, schema(name, parameter));
      }
    } else if (query != null && !Map.class.isAssignableFrom(parameter.getParameterType())) {
      String name = name(query.name(), parameter);
      boolean required =
          query.required() && query.defaultValue().equals(ValueConstants.DEFAULT_NONE);
      add(name, "query", required, schema(name, parameter));
    } else if (header != null && !header.name().equalsIgnoreCase("Accept")) {
      add(header.name(), "header", false, wire.of(String.class));
    }
  }

  private static String name(String own, MethodParameter parameter) {
    return own.isEmpty() ? String.valueOf(parameter.getParameter().getName()) : own;
  }

  private ObjectNode schema(String name, MethodParameter parameter) {
    Class<?> type = parameter.getParameterType();
    JsonNode values = of(VALUES, name);
    if (type == String.class && values.isString()) {
      return WireSchemas.reference(values.stringValue());
    }
    return type == Double.class
        ? JsonNodeFactory.instance.objectNode().put("type", "number").put("format", "double")
        : wire.of(
            parameter.getExecutable().getAnnotatedParameterTypes()[parameter.getParameterIndex()]);
  }

  /** Adds a parameter, once: several handlers may have it. */
  private void add(String name, String in, boolean required, ObjectNode schema) {
    if (!names.add(name)) {
      return;
    }
    ObjectNode described = parameters.addObject().put("name", name).put("in", in);
    described.put("required", required);
    described.put("description", of(PARAMETERS, name).asString(name + "."));
    described.set("schema", schema);
    JsonNode example = texts.path("parameters").path(name);
    if (!example.isMissingNode()) {
      described.set("example", example);
    }
  }

  /**
   * What the vocabulary has for a parameter: two operations may mean different things by a name.
   */
  private JsonNode of(JsonNode vocabulary, String name) {
    String own = id() + "." + name;
    return vocabulary.path(vocabulary.has(own) ? own : name);
  }

  /** The bodies of requests by media type; none for an operation without. */
  private ObjectNode bodies() {
    Set<String> types = new LinkedHashSet<>();
    Set<String> inWords = new HashSet<>();
    texts.path("types_in_words").forEach(type -> inWords.add(type.stringValue()));
    String first = texts.path("type").asString(MediaType.APPLICATION_JSON_VALUE);
    // The type of the example is first. Clients send it, but for one with JSON in its name, which
    // those for Python and Go prefer: the description alone tells of that where the text is no
    // JSON.
    if (texts.has("body")) {
      types.add(first);
    }
    for (Handler handler : operation.handlers()) {
      handler
          .mapping()
          .getConsumesCondition()
          .getConsumableMediaTypes()
          .forEach(type -> types.add(type.toString()));
    }
    if (!texts.has("body") && operation.handlers().stream().anyMatch(OperationObject::reads)) {
      types.add(MediaType.APPLICATION_JSON_VALUE);
    }
    types.removeAll(inWords);
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    for (String type : types) {
      ObjectNode media = content.putObject(type);
      media.set("schema", bodySchema(type));
      if (type.equals(first) && texts.has("body")) {
        media.set(
            "example",
            type.startsWith("multipart/") ? parts(texts.get("body")) : texts.get("body"));
      }
    }
    return content;
  }

  private static boolean reads(Handler handler) {
    return Stream.of(handler.method().getMethodParameters())
        .anyMatch(parameter -> parameter.hasParameterAnnotation(RequestBody.class));
  }

  /** The parts of a form: a JSON part is a text. */
  private static ObjectNode parts(JsonNode body) {
    ObjectNode parts = JsonNodeFactory.instance.objectNode();
    body.properties().forEach(part -> parts.put(part.getKey(), part.getValue().toString()));
    return parts;
  }

  private JsonNode bodySchema(String type) {
    JsonNode own = texts.path("schemas").path(type);
    if (own.isObject()) {
      return own;
    }
    if (!type.equals(MediaType.APPLICATION_JSON_VALUE)) {
      return AnswerContent.text(type);
    }
    return texts.has("schema")
        ? WireSchemas.reference(texts.get("schema").stringValue())
        : WireSchemas.freeForm();
  }
}
