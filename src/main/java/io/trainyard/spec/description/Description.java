package io.trainyard.spec.description;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a caller needs to know about one type, such as the layer dense.
 *
 * @param kind layer, activation, initializer, optimizer, loss, metric, schedule, function,
 *     regularizer, or the member that chooses an encoding
 * @param family the title of the types that are described beside it
 * @param name as callers write it
 * @param members the schema of each member by its name, without the one that names the type
 * @param json the other texts: summary, formula, shape, names, source, aliases, example
 */
public record Description(
    String kind, String family, String name, ObjectNode members, ObjectNode json) {

  /** One sentence. */
  public String summary() {
    return text("summary");
  }

  /** What it computes; "" when it computes nothing. */
  public String formula() {
    return text("formula");
  }

  /** The shapes of its input and its output; "" when it has none. */
  public String shape() {
    return text("shape");
  }

  /** Where it comes from. */
  public String source() {
    return text("source");
  }

  private String text(String member) {
    return json.path(member).asString("");
  }

  /** What a library calls it; "" when it has nothing of this kind. */
  public String nameIn(String library) {
    return json.path("names").path(library).asString("");
  }

  /** A value that a caller may write. */
  public JsonNode example() {
    return json.path("example");
  }

  /** The members that a caller must give. */
  public List<String> required() {
    return texts("required");
  }

  /** Its name and its aliases. */
  public List<String> words() {
    return Stream.concat(Stream.of(name), texts("aliases").stream()).toList();
  }

  private List<String> texts(String member) {
    List<String> texts = new ArrayList<>();
    json.path(member).forEach(text -> texts.add(text.stringValue()));
    return texts;
  }

  /** Its name among the definitions of a schema: {@code Conv2dLayer}. */
  public String definition() {
    return pascal(name) + pascal(kind);
  }

  /** Words with underscores as one word with capitals. */
  static String pascal(String words) {
    return Stream.of(words.split("_"))
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining());
  }
}
