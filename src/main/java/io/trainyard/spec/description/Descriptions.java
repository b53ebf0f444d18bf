package io.trainyard.spec.description;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The descriptions of all that callers write. Layers, activations, optimizers and metrics describe
 * themselves in Java: {@link Family}. Others are described by a file beside their class, which has
 * a {@code kind} and a {@code title}, and:
 *
 * <ul>
 *   <li>{@code types}: a {@link Description} for each name;
 *   <li>{@code objects}: members of objects that have no type, such as a split;
 *   <li>{@code groups}: members that several types or objects {@code include};
 *   <li>{@code encodings}: types by the member that chooses them, such as scale.
 * </ul>
 *
 * <p>Members are JSON Schemas. A member whose value is null counts as missing, so {@link
 * JsonSchemas} adds null to those that are not required.
 */
public final class Descriptions {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final List<Description> types = new ArrayList<>();
  private final Map<String, ObjectNode> objects = new LinkedHashMap<>();
  private final Map<String, ObjectNode> groups = new LinkedHashMap<>();

  private Descriptions() {}

  /** Descriptions of files and families, in this order. */
  public static Descriptions of(List<JsonNode> files) {
    Descriptions all = new Descriptions();
    for (JsonNode file : files) {
      file.path("groups")
          .properties()
          .forEach(group -> all.groups.put(group.getKey(), (ObjectNode) group.getValue()));
    }
    files.forEach(all::add);
    return all;
  }

  /** The file beside a class, which has its name. */
  public static JsonNode beside(Class<?> owner) {
    String name = owner.getSimpleName() + ".json";
    try (InputStream in = owner.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("there is no " + name + " beside " + owner);
      }
      return MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(JsonNode file) {
    String kind = file.get("kind").stringValue();
    addTypes(kind, file, file.path("types"));
    file.path("encodings")
        .properties()
        .forEach(member -> addTypes(member.getKey(), file, member.getValue()));
    file.path("objects")
        .properties()
        .forEach(object -> objects.put(object.getKey(), expanded((ObjectNode) object.getValue())));
  }

  private void addTypes(String kind, JsonNode file, JsonNode described) {
    String title = file.get("title").stringValue();
    described
        .properties()
        .forEach(
            type -> {
              ObjectNode json = expanded((ObjectNode) type.getValue());
              types.add(
                  new Description(kind, title, type.getKey(), json.withObject("members"), json));
            });
  }

  /** With the members of the groups that it includes. */
  private ObjectNode expanded(ObjectNode described) {
    ObjectNode json = described.deepCopy();
    ObjectNode members = JsonNodeFactory.instance.objectNode();
    json.path("members").properties().forEach(own -> members.set(own.getKey(), own.getValue()));
    for (JsonNode name : json.path("include")) {
      ObjectNode group = groups.get(name.stringValue());
      if (group == null) {
        throw new IllegalStateException("there is no group " + name);
      }
      group.properties().forEach(each -> members.set(each.getKey(), each.getValue()));
    }
    json.set("members", members);
    return json;
  }

  /** Every type of a kind, in the order of the files. */
  public List<Description> of(String kind) {
    return types.stream().filter(type -> type.kind().equals(kind)).toList();
  }

  /** Every type. */
  public List<Description> all() {
    return List.copyOf(types);
  }

  /** The objects without a type, by their names among the definitions of a schema. */
  public Map<String, ObjectNode> objects() {
    return Collections.unmodifiableMap(objects);
  }

  /** The members of a group. */
  public ObjectNode group(String name) {
    return groups.getOrDefault(name, JsonNodeFactory.instance.objectNode());
  }
}
