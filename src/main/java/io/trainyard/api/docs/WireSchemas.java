package io.trainyard.api.docs;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
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
  private static final JsonNode TYPES = DocumentationTexts.VOCABULARY.get("types");

  /** Of records that outside their controller would say too little. */
  private static final JsonNode NAMES = DocumentationTexts.VOCABULARY.get("names");

  private final ObjectNode schemas;
  private final Map<Class<?>, String> named = new HashMap<>();

  /**
   * @param schemas gets a schema for each record, beside those that are there
   */
  WireSchemas(ObjectNode schemas) {
    this.schemas = schemas;
  }

  /** A reference to the schema of that name. */
  static ObjectNode reference(String name) {
    return JsonNodeFactory.instance.objectNode().put("$ref", PLACE + name);
  }

  /** The schema of values of a type that are there: null is up to the place where they stand. */
  ObjectNode of(AnnotatedType type) {
    return switch (type) {
      case AnnotatedArrayType array -> list(orNull(array.getAnnotatedGenericComponentType()));
      case AnnotatedParameterizedType generic -> {
        Class<?> raw = (Class<?>) ((ParameterizedType) generic.getType()).getRawType();
        AnnotatedType[] arguments = generic.getAnnotatedActualTypeArguments();
        yield Collection.class.isAssignableFrom(raw)
            ? list(orNull(arguments[0]))
            : Map.class.isAssignableFrom(raw) ? map(orNull(arguments[1])) : of(raw);
      }
      case AnnotatedWildcardType wildcard -> of(wildcard.getAnnotatedUpperBounds()[0]);
      default -> of(type.getType() instanceof Class<?> raw ? raw : Object.class);
    };
  }

  private ObjectNode orNull(AnnotatedType type) {
    ObjectNode schema = of(type);
    return type.isAnnotationPresent(Nullable.class) ? nullable(schema) : schema;
  }

  /** The schema of a class; empty for a JSON tree, or what is only known when it is written. */
  ObjectNode of(Class<?> type) {
    if (TYPES.get(ClassUtils.resolvePrimitiveIfNecessary(type).getName())
        instanceof ObjectNode known) {
      return known.deepCopy();
    }
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    if (type.isEnum()) {
      ArrayNode constants = schema.put("type", "string").putArray("enum");
      Stream.of(type.getEnumConstants()).map(String::valueOf).forEach(constants::add);
    }
    return type.isRecord() ? reference(name(type)) : schema;
  }

  private String name(Class<?> type) {
    String known = named.get(type);
    if (known != null) {
      return known;
    }
    String name = NAMES.path(qualified(type)).asString(type.getSimpleName());
    if (schemas.has(name)) {
      throw new IllegalStateException("names in vocabulary.json lacks one for " + qualified(type));
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
      properties.set(name, orNull(component.getAnnotatedType()));
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
