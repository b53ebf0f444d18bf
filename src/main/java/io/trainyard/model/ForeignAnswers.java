package io.trainyard.model;

import io.trainyard.spec.check.Warning;
import io.trainyard.spec.layer.LayerSpec.Foreign;
import io.trainyard.spec.layer.LayerSpec.Foreign.Together;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the network of an imported file says of its answers. */
public final class ForeignAnswers {
  private static final String FILE = "/onnx";
  private static final String ALONE = "one_row_at_a_time";
  private static final String DEPENDENT = "rows_depend_on_each_other";
  private static final String ELEMENT = "element";
  private static final String FLOAT32 = "float32";

  /** Types of which a float32 does not hold each number. */
  private static final Set<String> WIDE = Set.of("float64", "int64", "int32");

  private ForeignAnswers() {}

  /** What of the file of a version is lost or may surprise. */
  public static List<Warning> warnings(ModelVersion version) {
    return warnings(version.spec());
  }

  private static List<Warning> warnings(JsonNode spec) {
    List<Warning> warnings = new ArrayList<>();
    for (JsonNode note : spec.path("network").path("layers").path(0).path(Foreign.NOTES)) {
      warnings.add(
          new Warning(FILE, note.path("code").asString(""), note.path("detail").asString("")));
    }
    return warnings;
  }

  /**
   * What a stored network says is lost of its file; which rows are computed at once is left out.
   */
  static List<Warning> lost(JsonNode spec) {
    return warnings(spec).stream()
        .filter(warning -> !warning.code().equals(ALONE) && !warning.code().equals(DEPENDENT))
        .toList();
  }

  /** Stores warnings with a network, so that each answer about it has them. */
  static void note(ObjectNode network, List<Warning> warnings) {
    if (network.path("layers").path(0) instanceof ObjectNode first) {
      first.remove(Foreign.NOTES);
      for (Warning warning : warnings) {
        first
            .withArrayProperty(Foreign.NOTES)
            .addObject()
            .put("code", warning.code())
            .put("detail", warning.detail());
      }
    }
  }

  /** Makes these outputs float32, which targets are decoded from; says what is lost. */
  static List<Warning> narrow(ObjectNode network, Set<String> outputs) {
    List<Warning> warnings = new ArrayList<>();
    for (JsonNode layer : network.path("layers")) {
      if (!outputs.contains(layer.path("name").asString(""))) {
        continue;
      }
      String element = layer.path(ELEMENT).asString(FLOAT32);
      if (WIDE.contains(element)) {
        warnings.add(
            new Warning(
                FILE,
                "output_narrowed",
                "The output '%s' is %s in the file, but targets are predicted from float32: whole numbers are exact up to 16777216%s. Import the file without 'targets' to keep its type"
                    .formatted(
                        layer.path("name").asString(""),
                        element,
                        element.equals("float64") ? ", and about 7 digits are kept" : "")));
      }
      ((ObjectNode) layer).put(ELEMENT, FLOAT32);
    }
    return warnings;
  }

  /**
   * Stores which rows are computed at once.
   *
   * @param mixing where rows may depend on each other, as the file's operators say
   * @param agrees whether rows that were computed alone and among others had the same answers
   * @return what callers should know of it
   */
  static Optional<Warning> settle(ObjectNode network, @Nullable String mixing, boolean agrees) {
    Together together = !agrees ? Together.REQUEST : mixing == null ? Together.ANY : Together.ONE;
    for (JsonNode layer : network.path("layers")) {
      ((ObjectNode) layer).put(Foreign.TOGETHER, together.word());
    }
    String where = mixing == null ? "the file" : mixing;
    return switch (together) {
      case ANY -> Optional.empty();
      case ONE ->
          Optional.of(
              new Warning(
                  FILE,
                  ALONE,
                  "It is not sure that the answer for a row is the same whatever other rows stand beside it (%s), so each row is computed alone. Answers are right, but take longer"
                      .formatted(where)));
      case REQUEST ->
          Optional.of(
              new Warning(
                  FILE,
                  DEPENDENT,
                  "The answer for a row depends on the other rows of its request (%s). Rows of different requests are never computed at once; a request has all its rows computed at once; batch predictions and evaluations refuse this version. Export the file for inference, without operators over the batch axis"
                      .formatted(where)));
    };
  }
}
