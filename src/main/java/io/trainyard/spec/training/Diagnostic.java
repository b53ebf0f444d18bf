package io.trainyard.spec.training;

import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import io.trainyard.json.Word;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What an epoch can tell of each layer. */
public enum Diagnostic implements Word {
  /** ‖g‖₂ of the layer's gradient before clipping, the mean over the epoch's batches. */
  GRADIENT_NORMS("gradient_norm"),
  /** ‖w‖₂ of the layer's trained weights at the end of the epoch. */
  WEIGHT_NORMS("weight_norm"),
  /** ‖Δw‖₂/‖w‖₂ of a step, the mean over the epoch's steps; about 1e-3 is usual. */
  UPDATE_RATIOS("update_ratio"),
  /** The share of a relu layer's units whose output is 0 for all rows looked at. */
  DEAD_UNITS("dead_units"),
  /** The share of a bounded activation's outputs within 1.5 % of its range from a bound. */
  SATURATION("saturation");

  private final String value;

  Diagnostic(String value) {
    this.value = value;
  }

  /** The name of its number in an epoch's record. */
  public String value() {
    return value;
  }

  /** Whether it is measured on the layers' outputs. */
  public boolean isOfOutputs() {
    return this == DEAD_UNITS || this == SATURATION;
  }

  /** Reads the words of the diagnostics; {@link FramesSpec} reads what is no word. */
  static Set<Diagnostic> read(JsonObject training) {
    Set<Diagnostic> found = EnumSet.noneOf(Diagnostic.class);
    JsonNode list = training.get("diagnostics");
    if (list != null && !list.isArray()) {
      List<String> _ = training.texts("diagnostics"); // says what was expected
      return found;
    }
    for (int i = 0; list != null && i < list.size(); i++) {
      JsonNode entry = list.get(i);
      if (entry.isObject()) {
        continue;
      }
      if (!entry.isString()) {
        training.violate(
            "diagnostics",
            i,
            "A word such as \"weight_norms\", or {\"frames\": {…}}, was expected, got "
                + JsonObject.describe(entry));
        continue;
      }
      String word = entry.stringValue();
      Diagnostic diagnostic = Word.of(Diagnostic.class, word).orElse(null);
      if (diagnostic == null) {
        training.violate("diagnostics", i, () -> unknown(word));
      } else if (!found.add(diagnostic)) {
        training.violate("diagnostics", i, "'%s' is listed twice".formatted(word));
      }
    }
    return found;
  }

  private static String unknown(String word) {
    List<String> all = Arrays.stream(values()).map(Diagnostic::word).toList();
    return word.equals("frames")
        ? "Frames are of two columns: write {\"frames\": {\"x\": \"a\", \"y\": \"b\"}}"
        : "There is no diagnostic '%s'%s"
            .formatted(
                JsonObject.shorten(word),
                NameAdvice.before("there are " + String.join(", ", all), word, all));
  }
}
