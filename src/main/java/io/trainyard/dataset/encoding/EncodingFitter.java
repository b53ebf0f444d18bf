package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Rows;
import io.trainyard.spec.Imputation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the training rows teach an encoding: one pass that gathers statistics in double. */
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

  /** The columns whose rows {@link #read} wants to see; none when nothing is left to learn. */
  public Set<String> columns() {
    Set<String> names = new LinkedHashSet<>();
    statistics.keySet().forEach(number -> names.add(number.column()));
    return names;
  }

  /**
   * Takes the training rows of a chunk.
   *
   * @param parts the part of every row
   */
  public void read(Rows chunk, byte[] parts) {
    statistics.forEach(
        (number, learned) ->
            learned.add(chunk, chunk.column(number.column()), number.width(), parts));
  }

  /** The encoding with all that was learned. */
  public Encoding learned() {
    Map<String, InputEncoding> inputs = new LinkedHashMap<>();
    encoding.inputs().forEach((name, input) -> inputs.put(name, learned(input)));
    Map<String, TargetEncoding> targets = new LinkedHashMap<>();
    encoding
        .targets()
        .forEach(
            (name, target) ->
                targets.put(
                    name,
                    target instanceof TargetEncoding.NumberTarget(var output, var own)
                        ? new TargetEncoding.NumberTarget(output, learned(own))
                        : target));
    return new Encoding(inputs, targets);
  }

  private InputEncoding learned(InputEncoding input) {
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
