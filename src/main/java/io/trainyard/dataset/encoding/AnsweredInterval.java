package io.trainyard.dataset.encoding;

import io.trainyard.json.JsonBytes;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The interval of a target for all rows, as answers tell it.
 *
 * @param columns of the target; of one column, the interval is its own
 * @param low row-major, in the target's units; null where the rows to learn from were too few
 */
@SuppressWarnings("ArrayRecordComponent")
public record AnsweredInterval(
    List<String> columns, double @Nullable [] low, double @Nullable [] high) {
  static Map<String, AnsweredInterval> of(Encoding encoding, Map<String, HostTensor> outputs) {
    Map<String, AnsweredInterval> answered = new LinkedHashMap<>();
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (target instanceof TargetEncoding.NumberTarget numbers
                  && numbers.interval() != null) {
                switch (numbers.interval()) {
                  case Interval.Around(_, _, List<Double> halfWidths) ->
                      answered.put(name, around(numbers, halfWidths, outputs));
                  case Interval.Between between ->
                      answered.put(between.name(), between(encoding, numbers, between, outputs));
                  case Interval.Sets _ -> throw new IllegalStateException(name);
                }
              }
            });
    return answered;
  }

  private static AnsweredInterval around(
      TargetEncoding.NumberTarget target,
      @Nullable List<Double> halfWidths,
      Map<String, HostTensor> outputs) {
    List<String> columns = target.encoding().columnNames();
    if (halfWidths == null) {
      return new AnsweredInterval(columns, null, null);
    }
    double[] low = predicted(target, outputs);
    double[] high = low.clone();
    for (int i = 0; i < low.length; i++) {
      double half = halfWidths.get(i % halfWidths.size());
      low[i] -= half;
      high[i] += half;
    }
    return new AnsweredInterval(columns, low, high);
  }

  private static AnsweredInterval between(
      Encoding encoding,
      TargetEncoding.NumberTarget target,
      Interval.Between between,
      Map<String, HostTensor> outputs) {
    List<String> columns = target.encoding().columnNames();
    if (between.margin() == null) {
      return new AnsweredInterval(columns, null, null);
    }
    double[] low = predicted(target, outputs);
    double[] high =
        predicted(
            (TargetEncoding.NumberTarget)
                Objects.requireNonNull(encoding.targets().get(between.high())),
            outputs);
    for (int i = 0; i < low.length; i++) {
      double[] ends = Interval.Between.ends(low[i], high[i], between.margin());
      low[i] = ends[0];
      high[i] = ends[1];
    }
    return new AnsweredInterval(columns, low, high);
  }

  /** The numbers that are answered, row-major. */
  private static double[] predicted(
      TargetEncoding.NumberTarget target, Map<String, HostTensor> outputs) {
    HostTensor means = target.encoding().means(target.outputOf(outputs));
    double[] predicted = new double[Math.toIntExact(means.shape().elements())];
    List<ColumnEncoding> columns = target.encoding().columns();
    for (int i = 0; i < predicted.length; i++) {
      ColumnEncoding.Numeric column = (ColumnEncoding.Numeric) columns.get(i % columns.size());
      predicted[i] = column.known().answered(means.doubleAt(i));
    }
    return predicted;
  }

  /** FLOAT32 [rows, 2], or [rows, columns, 2] of several columns; null without an interval. */
  public @Nullable HostTensor tensor() {
    if (low == null || high == null) {
      return null;
    }
    HostTensor ends = HostTensor.allocate(ElementType.FLOAT32, row().batched(rows()));
    for (int i = 0; i < low.length; i++) {
      ends.setFloat(2L * i, (float) low[i]);
      ends.setFloat(2L * i + 1, (float) high[i]);
    }
    return ends;
  }

  private int rows() {
    return low == null ? 0 : low.length / columns.size();
  }

  private Shape row() {
    return shape(columns.size());
  }

  /** The shape of a row's ends. */
  public static Shape shape(int columns) {
    return columns == 1 ? Shape.of(2) : Shape.of(columns, 2);
  }

  /** Two numbers, or two by column; null without an interval. */
  void write(int row, JsonBytes out) {
    if (low == null || high == null) {
      out.raw(JsonBytes.plain("null"));
      return;
    }
    if (columns.size() == 1) {
      write(low[row], high[row], out);
      return;
    }
    for (int i = 0; i < columns.size(); i++) {
      out.raw(i == 0 ? '{' : ',');
      out.raw(JsonBytes.quoted(columns.get(i)));
      out.raw(':');
      write(low[row * columns.size() + i], high[row * columns.size() + i], out);
    }
    out.raw('}');
  }

  private static void write(double low, double high, JsonBytes out) {
    out.raw('[');
    out.number(low);
    out.raw(',');
    out.number(high);
    out.raw(']');
  }
}
