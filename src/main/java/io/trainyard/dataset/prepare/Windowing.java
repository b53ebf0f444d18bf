package io.trainyard.dataset.prepare;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.RowWindow;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a model cuts series into windows.
 *
 * @param longest as the input with the longest windows has them
 * @param offsets by target: rows behind a window's last one
 */
record Windowing(RowWindow longest, Map<String, Integer> offsets) {
  Windowing {
    offsets = new LinkedHashMap<>(offsets);
  }

  /** Null when every row stands for itself. */
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
    return new Windowing(longest, offsets);
  }

  /** Columns that keep apart and order the series. */
  Set<String> columns() {
    Set<String> columns = new LinkedHashSet<>();
    if (longest.group() != null) {
      columns.add(longest.group());
    }
    if (longest.orderBy() != null) {
      columns.add(longest.orderBy());
    }
    return columns;
  }

  int offset(String target) {
    return offsets.getOrDefault(target, 0);
  }

  int farthestOffset() {
    return offsets.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** Windows in so many rows of one series and one part. */
  int count(int rows) {
    int spare = rows - longest.length() - farthestOffset();
    return spare < 0 ? 0 : spare / longest.stride() + 1;
  }
}
