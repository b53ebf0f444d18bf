package io.trainyard.dataset.grid;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.Violations;
import io.trainyard.tensor.HostTensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rows that a network is asked about: two columns change, the others are fixed.
 *
 * @param fixed by column, a number or a text; of times, the seconds since 1970
 */
public record InputGrid(Encoding encoding, GridAxis x, GridAxis y, Map<String, Object> fixed) {
  public InputGrid {
    fixed = Map.copyOf(fixed);
  }

  /** Whether every input has one value of each row and column, which a grid can vary or fix. */
  public static boolean suits(Encoding encoding) {
    return encoding.inputs().values().stream().allMatch(InputGrid::isPlain);
  }

  private static boolean isPlain(InputEncoding input) {
    return input.window() == null
        && input.columns().stream().allMatch(column -> column.shape() == null);
  }

  /**
   * What a column has in most rows: the mean of numbers and of times, the most frequent category;
   * null where neither the training nor a dataset says it.
   */
  public static @Nullable Object usual(ColumnEncoding column, @Nullable DatasetVersion data) {
    if (column instanceof ColumnEncoding.Numeric number && number.isTime()) {
      double mean = number.learned() == null ? Double.NaN : number.learned().mean();
      return Double.isFinite(mean) ? mean : null;
    }
    ColumnProfile profile =
        data == null ? null : data.column(column.column()).map(Column::profile).orElse(null);
    if (profile == null) {
      return null;
    }
    if (column instanceof ColumnEncoding.Numeric && profile.mean() != null) {
      return profile.mean();
    }
    if (profile.top().isEmpty()) {
      return null;
    }
    Object top = profile.top().getFirst().item();
    return top instanceof Number ? top : String.valueOf(top);
  }

  public int size() {
    return x.values().length * y.values().length;
  }

  /**
   * The inputs of some cells, which count along x first.
   *
   * @param violations what cannot be encoded, at its place in the request
   */
  public Map<String, HostTensor> inputs(int from, int count, Violations violations) {
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    encoding
        .inputs()
        .forEach((name, input) -> inputs.put(name, tensor(input, from, count, violations)));
    return inputs;
  }

  private HostTensor tensor(InputEncoding input, int from, int count, Violations violations) {
    Map<String, ColumnValues> columns = new LinkedHashMap<>();
    for (ColumnEncoding column : input.columns()) {
      columns.put(column.column(), values(column, from, count));
    }
    Rows rows = new Rows(from, count, columns);
    InputEncoding.Faults faults =
        (row, column, detail) ->
            violations.add(place(column), "Column '" + column + "': " + detail);
    return input.encode(rows, faults);
  }

  private String place(String column) {
    return column.equals(x.column()) ? "/x" : column.equals(y.column()) ? "/y" : "/fixed/" + column;
  }

  private ColumnValues values(ColumnEncoding column, int from, int count) {
    String name = column.column();
    boolean[] none = new boolean[count];
    boolean alongX = name.equals(x.column());
    if (alongX || name.equals(y.column())) {
      double[] numbers = new double[count];
      int width = x.values().length;
      for (int i = 0; i < count; i++) {
        int cell = from + i;
        numbers[i] = alongX ? x.values()[cell % width] : y.values()[cell / width];
      }
      return new ColumnValues.Numbers(numbers, none, 1);
    }
    Object value = Objects.requireNonNull(fixed.get(name), name);
    if (value instanceof String text) {
      String[] texts = new String[count];
      Arrays.fill(texts, text);
      return new ColumnValues.Texts(texts);
    }
    double number = ((Number) value).doubleValue();
    if (column instanceof ColumnEncoding.Numeric time && time.isTime()) {
      long[] micros = new long[count];
      Arrays.fill(micros, Math.round(number * ColumnEncoding.Numeric.MICROS));
      return new ColumnValues.Integers(micros, none, 1);
    }
    if (column.type() == ColumnType.INTEGER && number == Math.rint(number)) {
      long[] whole = new long[count];
      Arrays.fill(whole, (long) number);
      return new ColumnValues.Integers(whole, none, 1);
    }
    double[] numbers = new double[count];
    Arrays.fill(numbers, number);
    return new ColumnValues.Numbers(numbers, none, 1);
  }
}
