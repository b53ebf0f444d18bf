package io.trainyard.json;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeType;

/**
 * Objects to copy for members that callers often give as something shorter. What was given is in
 * them where it fits.
 */
final class Examples {
  /** Longer values are not repeated. */
  private static final int MOST = 60;

  private static final Map<String, Example> BY_MEMBER =
      Map.ofEntries(
          Map.entry("dataset", text("{\"name\": %s}", "iris")),
          Map.entry("validation_dataset", text("{\"name\": %s}", "iris")),
          Map.entry("split", number("{\"validation\": %s, \"test\": 0.1}", "0.2")),
          Map.entry(
              "early_stopping", number("{\"monitor\": \"val_loss\", \"patience\": %s}", "10")),
          Map.entry("gradient_clipping", number("{\"norm\": %s}", "1")),
          Map.entry("ensemble", number("{\"folds\": %1$s} or {\"seeds\": %1$s}", "5")),
          Map.entry("intervals", number("{\"coverage\": %s}", "0.9")),
          Map.entry("ema", number("{\"decay\": %s}", "0.999")),
          Map.entry(
              "learning_rate_schedule", text("{\"type\": %s, \"warmup_epochs\": 2}", "cosine")),
          Map.entry("learning_rates", number("{\"dense_1\": %s}", "0.1")),
          Map.entry("regularizer", number("{\"l2\": %s}", "0.001")),
          Map.entry("constraint", number("{\"max_norm\": %s}", "3")),
          Map.entry("inputs", list("{\"x\": {\"columns\": %s}}")),
          Map.entry("targets", text("{\"y\": {\"column\": %s}}", "c")),
          Map.entry("network", list("{\"layers\": %s}", "[{\"type\": \"dense\", \"units\": 1}]")),
          Map.entry("initial_weights", same("{\"model\": \"iris\", \"version\": 1}")),
          Map.entry("on_success", text("{\"alias\": %s}", "production")),
          Map.entry("resources", text("{\"device\": %s}", "auto")),
          Map.entry("scale", number("\"standard\" or {\"divide\": %s}", "255")),
          Map.entry("impute", number("\"mean\" or {\"constant\": %s}", "0")),
          Map.entry("window", number("{\"length\": %s}", "10")));

  /** The same for the members of objects whose names the caller chooses. */
  private static final Map<String, Example> BY_OWNER =
      Map.of(
          "inputs", list("{\"columns\": %s}"),
          "targets", text("{\"column\": %s}", "c"),
          "layers", same("{\"type\": \"dense\", \"units\": 1}"),
          "when", number("{\"min\": %s}", "0.9"));

  private Examples() {}

  /**
   * An example with a place for a value.
   *
   * @param type the type of a value that fits, or null
   * @param value is there where none was given that fits
   */
  private record Example(String form, @Nullable JsonNodeType type, String value) {
    String with(@Nullable JsonNode given) {
      String own = given != null && given.getNodeType() == type ? given.toString() : value;
      return form.formatted(own.length() > MOST ? value : own);
    }
  }

  private static Example text(String form, String value) {
    return new Example(form, JsonNodeType.STRING, '"' + value + '"');
  }

  private static Example number(String form, String value) {
    return new Example(form, JsonNodeType.NUMBER, value);
  }

  private static Example list(String form, String value) {
    return new Example(form, JsonNodeType.ARRAY, value);
  }

  private static Example list(String form) {
    return list(form, "[\"a\", \"b\"]");
  }

  private static Example same(String form) {
    return new Example(form, null, "");
  }

  /**
   * Advice to append to "An object was expected"; "" when there is no example.
   *
   * @param given in place of the object
   */
  static String forObject(String pointer, @Nullable JsonNode given) {
    String[] tokens = pointer.split("/", -1);
    String member = tokens[tokens.length - 1];
    String owner = tokens.length < 2 ? "" : tokens[tokens.length - 2];
    Example example = BY_OWNER.getOrDefault(owner, BY_MEMBER.get(member));
    return example == null ? "" : "; write " + example.with(given);
  }
}
