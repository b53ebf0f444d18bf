package io.trainyard.dataset.prepare;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import java.util.HashMap;
import java.util.Map;

/** Numbers the labels of a column from 0, in order of appearance. */
final class Strata {
  private final Map<String, Integer> known = new HashMap<>();

  void add(Rows chunk, String column, int[] strata) {
    ColumnValues values = chunk.column(column);
    for (int row = 0; row < chunk.count(); row++) {
      // Rows without a label form one stratum.
      String label = values.isMissing(row) ? "\0" : values.label(row);
      strata[(int) chunk.first() + row] = known.computeIfAbsent(label, l -> known.size());
    }
  }

  /** The number of rows in each stratum. */
  static int[] sizes(int[] strata) {
    int kinds = 0;
    for (int stratum : strata) {
      kinds = Math.max(kinds, stratum + 1);
    }
    int[] sizes = new int[kinds];
    for (int stratum : strata) {
      sizes[stratum]++;
    }
    return sizes;
  }
}
