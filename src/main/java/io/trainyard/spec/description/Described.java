package io.trainyard.spec.description;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a type says of itself, in the file that reads it. It becomes a {@link Description}. */
public final class Described {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final String name;
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final Map<String, Object> example = new LinkedHashMap<>();

  private Described(String name) {
    this.name = name;
  }

  /**
   * A type that callers name.
   *
   * @param summary one sentence
   */
  public static Described as(String name, String summary) {
    return new Described(name).text("summary", summary);
  }

  private Described text(String member, String text) {
    json.put(member, text);
    return this;
  }

  /** What it computes. */
  public Described formula(String formula) {
    return text("formula", formula);
  }

  /** The shapes of its input and its output. */
  public Described shape(String shape) {
    return text("shape", shape);
  }

  /** Its other names here. */
  public Described aliases(String... aliases) {
    return list("aliases", List.of(aliases));
  }

  /** What PyTorch, Keras and MATLAB call it; null where they have nothing of this kind. */
  public Described names(
      @Nullable String pytorch, @Nullable String keras, @Nullable String matlab) {
    json.putObject("names").put("pytorch", pytorch).put("keras", keras).put("matlab", matlab);
    return this;
  }

  /** Where it comes from. */
  public Described source(String source) {
    return text("source", source);
  }

  /** The members of a group, behind its own. */
  public Described include(String group) {
    return list("include", List.of(group));
  }

  /** One of its members. */
  public Described member(String member, MemberSchema schema) {
    json.withObject("members").set(member, schema.json());
    return this;
  }

  /**
   * One of its members.
   *
   * @param description a sentence
   */
  public Described member(String member, MemberSchema schema, String description) {
    return member(member, schema.says(description));
  }

  /** Members that several types have. */
  public Described members(UnaryOperator<Described> shared) {
    return shared.apply(this);
  }

  /** The members that a caller must give. */
  public Described required(String... members) {
    return list("required", List.of(members));
  }

  /** Members of its kind that it has not. */
  public Described without(String... members) {
    return list("without", List.of(members));
  }

  /** The shape of an input, for its example. */
  public Described input(Integer... shape) {
    json.withArray("input").add(MAPPER.valueToTree(shape));
    return this;
  }

  /** A member of its example, beside its name. */
  public Described example(String member, Object value) {
    example.put(member, value);
    return this;
  }

  private Described list(String member, List<String> values) {
    if (!values.isEmpty()) {
      values.forEach(json.putArray(member)::add);
    }
    return this;
  }

  String name() {
    return name;
  }

  /**
   * The description.
   *
   * @param by the member by which an object names the type
   * @param plain whether an example without other members is the name alone
   */
  ObjectNode json(String by, boolean plain) {
    ObjectNode described = json.deepCopy();
    if (plain && example.isEmpty()) {
      return described.put("example", name);
    }
    ObjectNode value = described.putObject("example").put(by, name);
    example.forEach((member, given) -> value.set(member, MAPPER.valueToTree(given)));
    return described;
  }
}
