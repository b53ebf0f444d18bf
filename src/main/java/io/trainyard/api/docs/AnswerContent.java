package io.trainyard.api.docs;

import io.trainyard.api.docs.OperationEntry.Handler;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The part of the OpenAPI document about the bodies that one operation answers with. */
final class AnswerContent {
  private AnswerContent() {}

  /** The bodies by media type; none for an operation without. */
  static ObjectNode of(OperationEntry operation, WireSchemas wire) {
    JsonNode texts = operation.texts();
    ObjectNode content = JsonNodeFactory.instance.objectNode();
    if (!texts.has("answers")) {
      operation.handlers().forEach(handler -> add(handler, wire, content));
      // Clients for Java have the class of the first.
      JsonNode json = content.remove(MediaType.APPLICATION_JSON_VALUE);
      if (json != null) {
        ObjectNode others = content.deepCopy();
        content.removeAll().set(MediaType.APPLICATION_JSON_VALUE, json);
        content.setAll(others);
      }
    }
    for (var answer : texts.path("answers").properties()) {
      String type = answer.getKey();
      String schema = answer.getValue().stringValue();
      content
          .putObject(type)
          .set(
              "schema",
              switch (schema) {
                case "" -> text(type);
                case "object" -> WireSchemas.freeForm();
                default -> WireSchemas.reference(schema);
              });
    }
    if (texts.has("events")) {
      ObjectNode stream = content.withObjectProperty(MediaType.TEXT_EVENT_STREAM_VALUE);
      ObjectNode events = stream.putObject("x-events");
      for (var event : texts.get("events").properties()) {
        events.set(event.getKey(), WireSchemas.reference(event.getValue().stringValue()));
      }
      stream.withObject("/schema/contentSchema").putArray("anyOf").addAll(events.values());
    }
    return content;
  }

  private static void add(Handler handler, WireSchemas wire, ObjectNode content) {
    AnnotatedType type = answered(handler);
    if (type.getType() == void.class || type.getType() == Void.class) {
      return;
    }
    List<String> types =
        handler.mapping().getProducesCondition().getProducibleMediaTypes().stream()
            .map(MediaType::toString)
            .toList();
    for (String media : types.isEmpty() ? List.of(MediaType.APPLICATION_JSON_VALUE) : types) {
      boolean isJson = media.equals(MediaType.APPLICATION_JSON_VALUE);
      content.putObject(media).set("schema", isJson ? wire.of(type) : text(media));
    }
  }

  private static AnnotatedType answered(Handler handler) {
    AnnotatedType type = handler.method().getMethod().getAnnotatedReturnType();
    return type instanceof AnnotatedParameterizedType generic
            && handler.method().getMethod().getReturnType() == ResponseEntity.class
        ? generic.getAnnotatedActualTypeArguments()[0]
        : type;
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
}
