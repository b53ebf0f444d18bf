package io.trainyard.spec.description;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The JSON Schema of a member, with its keywords in the order in which they are given. */
public final class MemberSchema {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();

  private MemberSchema() {}

  /** A schema without a keyword. */
  public static MemberSchema schema() {
    return new MemberSchema();
  }

  private static MemberSchema typed(String type) {
    return schema().with("type", type);
  }

  public static MemberSchema number() {
    return typed("number");
  }

  public static MemberSchema integer() {
    return typed("integer");
  }

  /** A whole number between two bounds. */
  public static MemberSchema integer(int least, int most) {
    return integer().atLeast(least).atMost(most);
  }

  /** A truth value with its default. */
  public static MemberSchema bool(boolean fallback) {
    return typed("boolean").or(fallback);
  }

  public static MemberSchema text() {
    return typed("string");
  }

  /** One of these words. */
  public static MemberSchema choice(String... words) {
    return text().with("enum", List.of(words));
  }

  public static MemberSchema array() {
    return typed("array");
  }

  public static MemberSchema array(MemberSchema items) {
    return array().of(items);
  }

  public static MemberSchema object() {
    return typed("object");
  }

  /** A definition of a kind, such as {@code Initializer}. */
  public static MemberSchema ref(String definition) {
    return schema().with("$ref", "#/$defs/" + definition);
  }

  /** One of several forms. */
  public static MemberSchema anyOf(MemberSchema... forms) {
    return schema().with("anyOf", json(forms));
  }

  /** One number for all axes, or a list with one for each. */
  public static MemberSchema perAxis(int least, int most, int axes) {
    return anyOf(integer(least, most), array(integer(least, most)).sized(axes, axes));
  }

  public MemberSchema atLeast(Number bound) {
    return with("minimum", bound);
  }

  public MemberSchema above(Number bound) {
    return with("exclusiveMinimum", bound);
  }

  public MemberSchema atMost(Number bound) {
    return with("maximum", bound);
  }

  public MemberSchema below(Number bound) {
    return with("exclusiveMaximum", bound);
  }

  /** What the items of an array are. */
  public MemberSchema of(MemberSchema items) {
    return with("items", items.json);
  }

  /** How many items an array has. */
  public MemberSchema sized(int least, int most) {
    return with("minItems", least).with("maxItems", most);
  }

  /** The default. */
  public MemberSchema or(Object value) {
    return with("default", value);
  }

  /** What the member is for: a sentence. */
  public MemberSchema says(String description) {
    return with("description", description);
  }

  /** Any other keyword. */
  public MemberSchema with(String keyword, Object value) {
    json.set(keyword, value instanceof MemberSchema schema ? schema.json : node(value));
    return this;
  }

  private static List<JsonNode> json(MemberSchema... schemas) {
    return List.of(schemas).stream().<JsonNode>map(schema -> schema.json).toList();
  }

  private static JsonNode node(Object value) {
    return value instanceof JsonNode json ? json : MAPPER.valueToTree(value);
  }

  ObjectNode json() {
    return json.deepCopy();
  }
}
