package io.trainyard.api.docs;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Schemas of answers from the records that are written: names in snake_case, a member that may be
 * null says so, one that is always there is required. A record becomes a named schema.
 */
final class WireSchemas {
  private static final String PLACE = "#/components/schemas/";

  private final ObjectNode schemas;
  private final JsonNode names;
  private final Map<Class<?>, String> named = new LinkedHashMap<>();

  /**
   * @param schemas gets a schema for each record, beside those that are there
   * @param names of records that outside their controller would say too little
   */
  WireSchemas(ObjectNode schemas, JsonNode names) {
    this.schemas = schemas;
    this.names = names;
  }

  /** The schema of values of a type. */
  ObjectNode of(Type type) {
    return switch (type) {
      case Class<?> raw -> ofClass(raw);
      case ParameterizedType generic -> ofGeneric(generic, generic.getActualTypeArguments());
      case WildcardType wildcard -> of(wildcard.getUpperBounds()[0]);
      default -> JsonNodeFactory.instance.objectNode();
    };
  }

  private ObjectNode of(AnnotatedType annotated) {
    ObjectNode schema =
        switch (annotated) {
          case AnnotatedArrayType array -> list(of(array.getAnnotatedGenericComponentType()));
          case AnnotatedParameterizedType generic -> {
            AnnotatedType[] arguments = generic.getAnnotatedActualTypeArguments();
            Class<?> raw = (Class<?>) ((ParameterizedType) generic.getType()).getRawType();
            yield Collection.class.isAssignableFrom(raw)
                ? list(of(arguments[0]))
                : Map.class.isAssignableFrom(raw) ? map(of(arguments[1])) : of(generic.getType());
          }
          default -> of(annotated.getType());
        };
    return annotated.isAnnotationPresent(Nullable.class) ? nullable(schema) : schema;
  }

  private ObjectNode ofGeneric(ParameterizedType generic, Type[] arguments) {
    Class<?> raw = (Class<?>) generic.getRawType();
    if (Collection.class.isAssignableFrom(raw)) {
      return list(of(arguments[0]));
    }
    return Map.class.isAssignableFrom(raw) ? map(of(arguments[1])) : ofClass(raw);
  }

  private ObjectNode ofClass(Class<?> type) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    if (type == String.class) {
      return schema.put("type", "string");
    }
    if (type == boolean.class || type == Boolean.class) {
      return schema.put("type", "boolean");
    }
    if (type == int.class || type == Integer.class) {
      return schema.put("type", "integer").put("format", "int32");
    }
    if (type == long.class || type == Long.class) {
      return schema.put("type", "integer").put("format", "int64");
    }
    if (type == double.class || type == Double.class) {
      return schema.put("$ref", PLACE + "Real");
    }
    if (type == Instant.class) {
      return schema.put("type", "string").put("format", "date-time");
    }
    if (type.isArray()) {
      return list(of(type.getComponentType()));
    }
    if (type.isEnum()) {
      schema.put("type", "string");
      ArrayNode constants = schema.putArray("enum");
      Stream.of(type.getEnumConstants()).map(String::valueOf).forEach(constants::add);
      return schema;
    }
    if (type == ObjectNode.class) {
      return freeForm();
    }
    if (type == ArrayNode.class) {
      return list(schema);
    }
    if (type.isRecord()) {
      return schema.put("$ref", PLACE + name(type));
    }
    // A JSON tree, or a type that is only known when it is written.
    return schema;
  }

  private String name(Class<?> type) {
    String known = named.get(type);
    if (known != null) {
      return known;
    }
    String name = names.path(qualified(type)).asString(type.getSimpleName());
    if (schemas.has(name)) {
      throw new IllegalStateException("names in schemas.json lacks one for " + qualified(type));
    }
    named.put(type, name);
    schemas.set(name, record(type));
    return name;
  }

  /** With the class around it: {@code DatasetController.VersionList}. */
  private static String qualified(Class<?> type) {
    return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
  }

  private ObjectNode record(Class<?> type) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JsonNodeFactory.instance.arrayNode();
    for (RecordComponent component : type.getRecordComponents()) {
      String name = name(component);
      properties.set(name, of(component.getAnnotatedType()));
      if (isAlwaysWritten(component, type)) {
        required.add(name);
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema;
  }

  private static String name(RecordComponent component) {
    JsonProperty own = component.getAccessor().getAnnotation(JsonProperty.class);
    return own == null || own.value().isEmpty() ? snake(component.getName()) : own.value();
  }

  /** As the mapper names members. */
  private static String snake(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }

  private static boolean isAlwaysWritten(RecordComponent component, Class<?> type) {
    return Stream.of(
            component.getAccessor().getAnnotation(JsonInclude.class),
            type.getAnnotation(JsonInclude.class))
        .noneMatch(include -> include != null && include.value() != JsonInclude.Include.ALWAYS);
  }

  /** An object whose members depend on the model or the request: a map, in generated clients. */
  static ObjectNode freeForm() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "object")
        .put("additionalProperties", true);
  }

  private static ObjectNode list(ObjectNode items) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "array");
    schema.set("items", items);
    return schema;
  }

  private static ObjectNode map(ObjectNode values) {
    ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
    schema.set("additionalProperties", values);
    return schema;
  }

  private static ObjectNode nullable(ObjectNode schema) {
    // Generators forget that a map may be null, unless null is a form of its own.
    boolean isContainer = schema.has("additionalProperties") || schema.has("items");
    if (schema.path("type").isString() && !isContainer) {
      String type = schema.get("type").stringValue();
      schema.putArray("type").add(type).add("null");
      if (schema.has("enum")) {
        schema.withArray("enum").addNull();
      }
      return schema;
    }
    if (schema.isEmpty()) {
      return schema;
    }
    if (schema.path("$ref").asString("").equals(PLACE + "Real")) {
      // In generated clients null would not be a value of a class for numbers and texts.
      return schema.put("$ref", PLACE + "RealOrNull");
    }
    ObjectNode either = JsonNodeFactory.instance.objectNode();
    ArrayNode any = either.putArray("anyOf");
    any.add(schema);
    any.addObject().put("type", "null");
    return either;
  }
}
