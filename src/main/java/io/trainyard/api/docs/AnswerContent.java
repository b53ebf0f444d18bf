package io.trainyard.api.docs;

import io.trainyard.api.docs.OperationEntry.Handler;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The part of the OpenAPI document about the bodies that one operation answers with. */
final class AnswerContent {
  private static final String SCHEMAS = "#/components/schemas/";

  private final OperationEntry operation;
  private final WireSchemas wire;

  AnswerContent(OperationEntry operation, WireSchemas wire) {
    this.operation = operation;
    this.wire = wire;
  }

  /** The bodies by media type; none for an operation without. */
  ObjectNode build() {
    JsonNode texts = operation.texts();
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    if (texts.has("answers")) {
      texts
          .get("answers")
          .properties()
          .forEach(
              answer ->
                  content.set(
                      answer.getKey(), media(answer.getKey(), answer.getValue().stringValue())));
      if (texts.has("events")) {
        ObjectNode stream = content.withObjectProperty(MediaType.TEXT_EVENT_STREAM_VALUE);
        ObjectNode events = events(texts.get("events"));
        stream.set("x-events", events);
        events.forEach(
            stream
                    .withObjectProperty("schema")
                    .withObjectProperty("contentSchema")
                    .putArray("anyOf")
                ::add);
      }
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
            "schema", media.equals(MediaType.APPLICATION_JSON_VALUE) ? wire.of(type) : text(media));
        content.set(media, described);
      }
    }
    return content;
  }

  private static ObjectNode media(String type, String schema) {
    ObjectNode media = JsonNodeFactory.instance.objectNode();
    media.set(
        "schema",
        switch (schema) {
          case "" -> text(type);
          case "object" -> WireSchemas.freeForm();
          default -> JsonNodeFactory.instance.objectNode().put("$ref", SCHEMAS + schema);
        });
    return media;
  }

  /** The schemas of the data of events, by their names. */
  private static ObjectNode events(JsonNode names) {
    ObjectNode schemas = JsonNodeFactory.instance.objectNode();
    names
        .properties()
        .forEach(
            event ->
                schemas
                    .putObject(event.getKey())
                    .put("$ref", SCHEMAS + event.getValue().stringValue()));
    return schemas;
  }

  /**
   * A body that is no JSON, or a JSON that is carried as a text: generators know files by format.
   */
  static ObjectNode text(String type) {
    ObjectNode schema =
        JsonNodeFactory.instance.objectNode().put("type", "string").put("contentMediaType", type);
    return isText(MediaType.parseMediaType(type)) ? schema : schema.put("format", "binary");
  }

  private static boolean isText(MediaType type) {
    return type.getType().equals("text")
        || type.getSubtype().endsWith("json")
        || type.getSubtype().endsWith("xml");
  }

  private static Type answered(Handler handler) {
    Type type = handler.method().getMethod().getGenericReturnType();
    return type instanceof ParameterizedType generic && generic.getRawType() == ResponseEntity.class
        ? generic.getActualTypeArguments()[0]
        : type;
  }
}
