package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import io.trainyard.spec.Imputation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** Learns scaling and imputation from the training rows in one pass. */
public final class EncodingFitter {
  private final Encoding encoding;
  private final Map<ColumnEncoding.Numeric, Statistics> statistics = new LinkedHashMap<>();

  /**
   * By category column whose missing values become the most frequent one, its categories' counts.
   */
  private final Map<ColumnEncoding.Category, long[]> frequencies = new LinkedHashMap<>();

  public EncodingFitter(Encoding encoding) {
    this.encoding = encoding;
    for (ColumnEncoding column : encoding.columns()) {
      if (column instanceof ColumnEncoding.Numeric number && number.learned() == null) {
        statistics.put(number, new Statistics(needsValues(number.imputation())));
      } else if (column instanceof ColumnEncoding.Category category
          && category.imputation().learns()
          && category.fill() == null) {
        frequencies.put(category, new long[category.categories().size()]);
      }
    }
  }

  private static boolean needsValues(Imputation imputation) {
    return imputation instanceof Imputation.Median || imputation instanceof Imputation.MostFrequent;
  }

  /** The columns that {@link #read} needs; empty when there is nothing to learn. */
  public Set<String> columns() {
    Set<String> names = new LinkedHashSet<>();
    statistics.keySet().forEach(number -> names.add(number.column()));
    frequencies.keySet().forEach(category -> names.add(category.column()));
    return names;
  }

  /**
   * Learns from the training rows of a chunk.
   *
   * @param isTraining by row, counted over all chunks
   */
  public void read(Rows chunk, IntPredicate isTraining) {
    statistics.forEach(
        (number, learned) ->
            learned.add(chunk, chunk.column(number.column()), number.width(), isTraining));
    frequencies.forEach((category, counts) -> count(chunk, category, counts, isTraining));
  }

  private static void count(
      Rows chunk, ColumnEncoding.Category category, long[] counts, IntPredicate isTraining) {
    ColumnValues values = chunk.column(category.column());
    for (int row = 0; row < chunk.count(); row++) {
      if (isTraining.test((int) chunk.first() + row) && !values.isMissing(row)) {
        int position = category.position(values.label(row));
        // Only what is an index of its own can fill in.
        if (position >= 0 && position < counts.length) {
          counts[position]++;
        }
      }
    }
  }

  /** The encoding with everything learned. */
  public Encoding fitted() {
    Map<String, InputEncoding> inputs = new LinkedHashMap<>();
    encoding.inputs().forEach((name, input) -> inputs.put(name, fitted(input)));
    Map<String, TargetEncoding> targets = new LinkedHashMap<>();
    encoding
        .targets()
        .forEach(
            (name, target) ->
                targets.put(
                    name,
                    target instanceof TargetEncoding.NumberTarget(var output, var own)
                        ? new TargetEncoding.NumberTarget(output, fitted(own))
                        : target));
    return encoding.with(inputs, targets);
  }

  private InputEncoding fitted(InputEncoding input) {
    List<ColumnEncoding> columns = new ArrayList<>();
    for (ColumnEncoding column : input.columns()) {
      columns.add(
          switch (column) {
            case ColumnEncoding.Numeric number -> {
              Statistics own = statistics.get(number);
              yield own == null ? number : number.learn(own);
            }
            case ColumnEncoding.Category category -> {
              long[] counts = frequencies.get(category);
              yield counts == null ? category : category.learn(counts);
            }
          });
    }
    return new InputEncoding(input.type(), input.shape(), columns, input.window(), input.layout());
  }
}
