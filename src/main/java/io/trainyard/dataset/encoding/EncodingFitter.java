package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Learns scaling, imputation and ranges from the training rows. One pass is enough, except for
 * columns whose values must all be known at once: a pass holds as many of them as fit in memory.
 */
public final class EncodingFitter {
  /** As many values are held at once, or those of one column. */
  private static final long MOST_VALUES = 8L << 20;

  private final Encoding encoding;
  private final Map<ColumnEncoding.Numeric, ColumnEncoding.Numeric> fitted = new LinkedHashMap<>();
  private final Map<ColumnEncoding.Numeric, Statistics> statistics = new LinkedHashMap<>();

  /**
   * By category column whose missing values become the most frequent one, its categories' counts.
   */
  private final Map<ColumnEncoding.Category, long[]> frequencies = new LinkedHashMap<>();

  public EncodingFitter(Encoding encoding) {
    this.encoding = encoding;
    for (ColumnEncoding column : encoding.columns()) {
      if (column instanceof ColumnEncoding.Numeric number
          && (number.learned() == null || number.isTime())) {
        statistics.put(number, new Statistics(number.needsValues()));
      } else if (column instanceof ColumnEncoding.Category category
          && category.imputation().learns()
          && category.fill() == null) {
        frequencies.put(category, new long[category.categories().size()]);
      }
    }
  }

  /** A pass over the rows, and the columns that it reads. */
  public final class Pass {
    private final List<ColumnEncoding.Numeric> numbers = new ArrayList<>();
    private final List<ColumnEncoding.Category> categories = new ArrayList<>();

    public Set<String> columns() {
      Set<String> names = new LinkedHashSet<>();
      numbers.forEach(number -> names.add(number.column()));
      categories.forEach(category -> names.add(category.column()));
      return names;
    }

    /**
     * Learns from the training rows of a chunk.
     *
     * @param isTraining by row, counted over all chunks
     */
    public void read(Rows chunk, IntPredicate isTraining) {
      for (ColumnEncoding.Numeric number : numbers) {
        of(number).add(chunk, number, isTraining);
      }
      for (ColumnEncoding.Category category : categories) {
        count(chunk, category, Objects.requireNonNull(frequencies.get(category)), isTraining);
      }
    }

    /** Fits what the pass has read, and forgets the values. */
    public void finish() {
      for (ColumnEncoding.Numeric number : numbers) {
        fitted.put(number, fitted(number, of(number)));
        statistics.remove(number);
      }
    }

    /** Times have a mean, also where nothing else is learned. */
    private static ColumnEncoding.Numeric fitted(
        ColumnEncoding.Numeric number, Statistics statistics) {
      ColumnEncoding.Numeric own = number.learned() == null ? number.learn(statistics) : number;
      return own.isTime() && statistics.count() > 0 ? own.withMean(statistics.mean()) : own;
    }

    private Statistics of(ColumnEncoding.Numeric number) {
      return Objects.requireNonNull(statistics.get(number));
    }
  }

  /**
   * The passes, to be made one after the other; none when there is nothing to learn.
   *
   * @param rows to train on at most
   */
  public List<Pass> passes(long rows) {
    List<Pass> passes = new ArrayList<>();
    Pass pass = new Pass();
    pass.categories.addAll(frequencies.keySet());
    long held = 0;
    for (ColumnEncoding.Numeric number : statistics.keySet()) {
      long values = number.needsValues() ? Math.multiplyExact(rows, (long) number.values()) : 0;
      if (held > 0 && held + values > MOST_VALUES) {
        passes.add(pass);
        pass = new Pass();
        held = 0;
      }
      pass.numbers.add(number);
      held += values;
    }
    if (!pass.columns().isEmpty()) {
      passes.add(pass);
    }
    return passes;
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
                    target instanceof TargetEncoding.NumberTarget(var output, var own, var interval)
                        ? new TargetEncoding.NumberTarget(output, fitted(own), interval)
                        : target));
    return encoding.with(inputs, targets);
  }

  private InputEncoding fitted(InputEncoding input) {
    List<ColumnEncoding> columns = new ArrayList<>();
    for (ColumnEncoding column : input.columns()) {
      columns.add(
          switch (column) {
            case ColumnEncoding.Numeric number -> fitted.getOrDefault(number, number);
            case ColumnEncoding.Category category -> {
              long[] counts = frequencies.get(category);
              yield counts == null ? category : category.learn(counts);
            }
          });
    }
    return new InputEncoding(input.type(), input.shape(), columns, input.window(), input.layout());
  }
}
