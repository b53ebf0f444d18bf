package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.NameAdvice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the column that a split goes by: strata, groups, or the names of the parts. */
final class SplitLabels {
  /** The words of a column of parts, in the order of the subsets. */
  private static final List<String> WORDS = List.of("training", "validation", "test");

  private static final int MAX_SHOWN = 3;

  private final int[] labels;
  private final Map<String, Foreign> foreign = new LinkedHashMap<>();

  private SplitLabels(int rows) {
    labels = new int[rows];
  }

  /** A text that is no part: the first row that has it, from 1, and how many do. */
  private record Foreign(long row, long count) {}

  /** The column; null when the split reads none. */
  static @Nullable String column(SplitSpec split) {
    return split.stratify() == null ? split.column() : split.stratify();
  }

  /**
   * The label of every row, from 0. Rows without a value are one stratum or group.
   *
   * @return null when the split reads no column
   */
  static int @Nullable [] read(
      SelectedRows rows, int count, SplitSpec split, Violations violations) {
    String column = column(split);
    if (column == null) {
      return null;
    }
    SplitLabels read = new SplitLabels(count);
    if (split.by() == SplitSpec.By.COLUMN) {
      rows.scan(Set.of(column), chunk -> read.addParts(chunk, column));
      read.report(column, violations);
    } else {
      Strata numbers = new Strata();
      rows.scan(Set.of(column), chunk -> numbers.add(chunk, column, read.labels));
    }
    return read.labels;
  }

  private void addParts(Rows chunk, String column) {
    ColumnValues values = chunk.column(column);
    for (int row = 0; row < chunk.count(); row++) {
      String word = values.isMissing(row) ? "" : values.label(row);
      int part = WORDS.indexOf(word);
      long number = chunk.first() + row + 1;
      if (part >= 0) {
        labels[(int) number - 1] = part;
      } else if (foreign.containsKey(word) || foreign.size() <= MAX_SHOWN) {
        foreign.merge(
            word, new Foreign(number, 1), (known, one) -> new Foreign(known.row, known.count + 1));
      }
    }
  }

  private static Optional<String> meant(String word) {
    return WORDS.stream()
        .filter(part -> !word.isEmpty() && part.startsWith(word.toLowerCase(Locale.ROOT)))
        .findFirst()
        .or(() -> NameAdvice.similar(word, WORDS));
  }

  private void report(String column, Violations violations) {
    if (foreign.isEmpty()) {
      return;
    }
    List<String> found = new ArrayList<>();
    foreign.forEach(
        (word, where) -> {
          String what = word.isEmpty() ? "nothing" : "'" + JsonObject.shorten(word) + "'";
          String similar = meant(word).map(meant -> ", perhaps '" + meant + "'").orElse("");
          found.add(
              "row %d has %s%s (%d such rows)".formatted(where.row, what, similar, where.count));
        });
    boolean isMore = found.size() > MAX_SHOWN;
    violations.add(
        "/dataset/split/column",
        "Column '%s' must say training, validation or test in each row: %s%s. To leave such rows out: \"where\": \"%s IN ('training', 'validation', 'test')\""
            .formatted(
                column,
                String.join(", ", found.subList(0, Math.min(found.size(), MAX_SHOWN))),
                isMore ? " and other words" : "",
                column));
  }
}
