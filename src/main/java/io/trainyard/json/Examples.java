package io.trainyard.json;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Objects to copy for members that callers often give as something shorter. What was given takes
 * the place of what is in angle brackets, where it fits.
 */
final class Examples {
  private static final Pattern PLACE = Pattern.compile("<(.+?)>");

  /** Longer values are not repeated. */
  private static final int MOST = 60;

  private static final Map<String, String> BY_MEMBER =
      Map.ofEntries(
          Map.entry("dataset", "{\"name\": <\"iris\">}"),
          Map.entry("validation_dataset", "{\"name\": <\"iris\">}"),
          Map.entry("split", "{\"validation\": <0.2>, \"test\": 0.1}"),
          Map.entry("early_stopping", "{\"monitor\": \"val_loss\", \"patience\": <10>}"),
          Map.entry("gradient_clipping", "{\"norm\": <1>}"),
          Map.entry("ensemble", "{\"folds\": <5>} or {\"seeds\": <5>}"),
          Map.entry("intervals", "{\"coverage\": <0.9>}"),
          Map.entry("ema", "{\"decay\": <0.999>}"),
          Map.entry("learning_rate_schedule", "{\"type\": <\"cosine\">, \"warmup_epochs\": 2}"),
          Map.entry("learning_rates", "{\"dense_1\": <0.1>}"),
          Map.entry("regularizer", "{\"l2\": <0.001>}"),
          Map.entry("constraint", "{\"max_norm\": <3>}"),
          Map.entry("inputs", "{\"x\": {\"columns\": <[\"a\", \"b\"]>}}"),
          Map.entry("targets", "{\"y\": {\"column\": <\"c\">}}"),
          Map.entry("network", "{\"layers\": <[{\"type\": \"dense\", \"units\": 1}]>}"),
          Map.entry("initial_weights", "{\"model\": \"iris\", \"version\": 1}"),
          Map.entry("on_success", "{\"alias\": <\"production\">}"),
          Map.entry("resources", "{\"device\": <\"auto\">}"),
          Map.entry("scale", "\"standard\" or {\"divide\": <255>}"),
          Map.entry("impute", "\"mean\" or {\"constant\": <0>}"),
          Map.entry("window", "{\"length\": <10>}"));

  /** The same for the members of objects whose names the caller chooses. */
  private static final Map<String, String> BY_OWNER =
      Map.of(
          "inputs", "{\"columns\": <[\"a\", \"b\"]>}",
          "targets", "{\"column\": <\"c\">}",
          "layers", "{\"type\": \"dense\", \"units\": 1}",
          "when", "{\"min\": <0.9>}");

  private Examples() {}

  /**
   * Advice to append to "An object was expected"; "" when there is no example.
   *
   * @param given in place of the object
   */
  static String forObject(String pointer, @Nullable JsonNode given) {
    String[] tokens = pointer.split("/", -1);
    String member = tokens[tokens.length - 1];
    String owner = tokens.length < 2 ? "" : tokens[tokens.length - 2];
    String example = BY_OWNER.getOrDefault(owner, BY_MEMBER.get(member));
    return example == null
        ? ""
        : "; write "
            + PLACE
                .matcher(example)
                .replaceAll(place -> Matcher.quoteReplacement(fitting(given, place.group(1))));
  }

  private static String fitting(@Nullable JsonNode given, String sample) {
    if (given == null || given.toString().length() > MOST) {
      return sample;
    }
    boolean fits =
        switch (sample.charAt(0)) {
          case '"' -> given.isString();
          case '[' -> given.isArray();
          default -> given.isNumber();
        };
    return fits ? given.toString() : sample;
  }
}
