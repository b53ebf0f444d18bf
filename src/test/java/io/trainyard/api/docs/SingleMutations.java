package io.trainyard.api.docs;

import io.trainyard.error.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Every body that differs from another in one place. */
final class SingleMutations {
  private static final JsonMapper JSON = new JsonMapper();

  /** What is put in the place of each value, and added to each object. */
  private static final List<JsonNode> STRANGERS =
      List.of(
          JSON.readTree("null"),
          JSON.readTree("true"),
          JSON.readTree("\"\""),
          JSON.readTree("\"zzz\""),
          JSON.readTree("\"Zzz 1\""),
          JSON.readTree("-1"),
          JSON.readTree("0"),
          JSON.readTree("1"),
          JSON.readTree("0.5"),
          JSON.readTree("1.0"),
          JSON.readTree("1e12"),
          JSON.readTree("[]"),
          JSON.readTree("[1, -1, 0]"),
          JSON.readTree("[\"zzz\", 1]"),
          JSON.readTree("[[1], null]"),
          JSON.readTree("{}"),
          JSON.readTree("{\"zzz\": 1}"));

  /**
   * A changed body.
   *
   * @param place of what was changed; for a member that was added or taken away, its object
   * @param change in words
   */
  record Mutation(JsonNode body, String place, String change) {}

  private final JsonNode original;
  private final List<Mutation> found = new ArrayList<>();

  private SingleMutations(JsonNode original) {
    this.original = original;
  }

  static List<Mutation> of(JsonNode body) {
    SingleMutations mutations = new SingleMutations(body);
    mutations.below(body, "");
    return mutations.found;
  }

  private void below(JsonNode node, String pointer) {
    if (node.isObject()) {
      change(pointer, pointer, "with a member zzz", object -> ((ObjectNode) object).put("zzz", 1));
      for (var member : node.properties()) {
        String at = Violation.pointer(pointer, member.getKey());
        change(
            pointer,
            pointer,
            "without " + member.getKey(),
            o -> ((ObjectNode) o).remove(member.getKey()));
        replaceEach(
            at,
            value ->
                change(
                    pointer,
                    at,
                    at + " = " + value,
                    o -> ((ObjectNode) o).set(member.getKey(), value)));
        below(member.getValue(), at);
      }
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        int index = i;
        String at = Violation.pointer(pointer, i);
        change(pointer, pointer, "without " + at, list -> ((ArrayNode) list).remove(index));
        replaceEach(
            at,
            value ->
                change(
                    pointer, at, at + " = " + value, list -> ((ArrayNode) list).set(index, value)));
        below(node.get(i), at);
      }
    }
  }

  private void replaceEach(String at, Consumer<JsonNode> replace) {
    JsonNode now = original.at(at);
    STRANGERS.stream().filter(value -> !value.equals(now)).forEach(replace);
    if (now.isNumber()) {
      List.of("-1e-9", "1e300", "-1", "9007199254740993", "0.99999999")
          .forEach(text -> replace.accept(JSON.readTree(text)));
    }
  }

  private void change(String pointer, String at, String change, Consumer<JsonNode> edit) {
    JsonNode copy = original.deepCopy();
    JsonNode place = copy.at(pointer);
    if (!(place instanceof MissingNode)) {
      edit.accept(place);
      found.add(new Mutation(copy, at, change));
    }
  }
}
