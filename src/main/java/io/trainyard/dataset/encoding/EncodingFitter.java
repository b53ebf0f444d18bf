package io.trainyard.dataset.encoding;

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

  public EncodingFitter(Encoding encoding) {
    this.encoding = encoding;
    for (ColumnEncoding column : encoding.columns()) {
      if (column instanceof ColumnEncoding.Numeric number && number.learned() == null) {
        statistics.put(number, new Statistics(number.imputation() instanceof Imputation.Median));
      }
    }
  }

  /** The columns that {@link #read} needs; empty when there is nothing to learn. */
  public Set<String> columns() {
    Set<String> names = new LinkedHashSet<>();
    statistics.keySet().forEach(number -> names.add(number.column()));
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
    return new Encoding(inputs, targets);
  }

  private InputEncoding fitted(InputEncoding input) {
    List<ColumnEncoding> columns = new ArrayList<>();
    for (ColumnEncoding column : input.columns()) {
      Statistics own = column instanceof ColumnEncoding.Numeric n ? statistics.get(n) : null;
      columns.add(
          own != null && column instanceof ColumnEncoding.Numeric number
              ? number.learn(own)
              : column);
    }
    return new InputEncoding(input.type(), input.shape(), columns, input.window());
  }
}
