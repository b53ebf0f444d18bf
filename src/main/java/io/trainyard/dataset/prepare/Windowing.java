package io.trainyard.dataset.prepare;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.RowWindow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a model cuts series into windows.
 *
 * @param longest the window of the input with the longest windows
 * @param offsets by target: how many rows after a window's last row it is
 */
record Windowing(RowWindow longest, Map<String, Integer> offsets) {
  Windowing {
    offsets = new LinkedHashMap<>(offsets);
  }

  /** Null when the model reads single rows. */
  static @Nullable Windowing of(ModelSpec model, Encoding encoding) {
    RowWindow longest = null;
    for (InputEncoding input : encoding.inputs().values()) {
      RowWindow window = input.window();
      if (window != null && (longest == null || window.length() > longest.length())) {
        longest = window;
      }
    }
    if (longest == null) {
      return null;
    }
    Map<String, Integer> offsets = new LinkedHashMap<>();
    model.targets().forEach((name, target) -> offsets.put(name, target.offset()));
    offsets.values().stream()
        .findFirst()
        .ifPresent(offset -> offsets.put(SampleWeights.NAME, offset));
    return new Windowing(longest, offsets);
  }

  /** All inputs must cut a series at the same rows. */
  void checkAgreement(Encoding encoding, String modelPointer, Violations violations) {
    encoding
        .inputs()
        .forEach(
            (name, input) -> {
              if (input.window() != null && !input.window().endsWith(longest)) {
                violations.add(
                    Violation.pointer(modelPointer + "/inputs", name),
                    "The windows of all inputs must agree in stride, group and order_by");
              }
            });
  }

  /** The columns that group and order the rows into series. */
  List<String> columns() {
    return longest.columns();
  }

  int offset(String target) {
    return offsets.getOrDefault(target, 0);
  }

  int farthestOffset() {
    return offsets.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** The number of windows in the rows that one series has in one subset. */
  int count(int rows) {
    int spare = rows - longest.length() - farthestOffset();
    return spare < 0 ? 0 : spare / longest.stride() + 1;
  }
}
