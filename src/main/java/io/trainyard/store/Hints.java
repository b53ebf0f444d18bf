package io.trainyard.store;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Hint;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks for columns that hold one value only, and for columns that hold the same. */
final class Hints {
  private static final int MAX_COMPARISONS = 200;

  private Hints() {}

  static List<Hint> of(DuckDb duck, String source, List<Column> columns) throws SQLException {
    List<Hint> hints = new ArrayList<>();
    // Only columns with the same profile can be the same: few are left to compare.
    Map<List<Object>, Integer> profiles = new LinkedHashMap<>();
    int comparisons = 0;
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      var profile = column.profile();
      if (column.type() == ColumnType.TENSOR) {
        continue;
      }
      if (profile.distinct() == 0) {
        hints.add(
            new Hint(
                Hint.EMPTY,
                List.of(column.name()),
                "Column '" + column.name() + "' has no value in any row"));
        continue;
      }
      if (profile.distinct() == 1 && profile.nulls() == 0) {
        hints.add(
            new Hint(
                Hint.CONSTANT,
                List.of(column.name()),
                "Column '" + column.name() + "' holds " + profile.min() + " in every row"));
        continue;
      }
      Integer other =
          profiles.putIfAbsent(
              Arrays.asList(
                  column.type(), profile.nulls(), profile.min(), profile.max(), profile.mean()),
              i);
      if (other != null && comparisons++ < MAX_COMPARISONS && areEqual(duck, source, other, i)) {
        hints.add(
            new Hint(
                Hint.DUPLICATES,
                List.of(columns.get(other).name(), column.name()),
                "Columns '%s' and '%s' are equal in every row"
                    .formatted(columns.get(other).name(), column.name())));
      }
    }
    return hints;
  }

  private static boolean areEqual(DuckDb duck, String source, int a, int b) throws SQLException {
    String sql =
        "SELECT count(*) FROM "
            + source
            + " WHERE "
            + IngestedTable.stored(a)
            + " IS DISTINCT FROM "
            + IngestedTable.stored(b);
    return duck.query(sql, DuckDb::firstLong) == 0;
  }
}
