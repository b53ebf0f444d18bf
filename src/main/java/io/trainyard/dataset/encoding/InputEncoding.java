package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.encoding.FittedScale.Affine;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import io.trainyard.tensor.Transpose;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How columns are encoded into one input tensor, or into a target's tensor.
 *
 * @param type FLOAT32, or INT64 for indices and whole numbers
 * @param shape of one row, or of one window
 * @param window null when each row is a sample by itself
 * @param layout where the only column, a tensor, has its channels, when {@code shape} has them at
 *     the other end; null when no axis is moved
 */
public record InputEncoding(
    ElementType type,
    Shape shape,
    List<ColumnEncoding> columns,
    @Nullable RowWindow window,
    @Nullable DataFormat layout) {
  public InputEncoding {
    columns = List.copyOf(columns);
  }

  public InputEncoding(ElementType type, Shape shape, List<ColumnEncoding> columns) {
    this(type, shape, columns, null, null);
  }

  /** How the column's axes are moved to the shape's; null when they are the same. */
  public @Nullable Transpose channelMove() {
    return layout == null ? null : RowShape.move(layout, shape);
  }

  /** Receives the values that cannot be encoded. */
  @FunctionalInterface
  public interface Faults {
    void add(int row, String column, String detail);
  }

  /** The elements of one row, or of one window. */
  public int width() {
    return Math.toIntExact(shape.elements());
  }

  /** The rows of one window; 1 without windows. */
  public int rows() {
    return window == null ? 1 : window.length();
  }

  /** The elements of one dataset row. */
  public int rowWidth() {
    return width() / rows();
  }

  /** This encoding for single rows of a window. */
  InputEncoding ofRows() {
    return window == null ? this : new InputEncoding(type, Shape.of(rowWidth()), columns);
  }

  public List<String> columnNames() {
    return columns.stream().map(ColumnEncoding::column).toList();
  }

  /** The column that an element of a row, or of a window, comes from. */
  ColumnEncoding columnOf(int element) {
    int at = element % rowWidth();
    for (ColumnEncoding column : columns) {
      at -= column.width();
      if (at < 0) {
        return column;
      }
    }
    throw new IllegalArgumentException("a row has no element " + element);
  }

  List<ColumnEncoding.Numeric> numbers() {
    return columns.stream()
        .filter(ColumnEncoding.Numeric.class::isInstance)
        .map(ColumnEncoding.Numeric.class::cast)
        .toList();
  }

  /**
   * Whether an output is twice as wide as these numbers: gaussian_nll trains means and, behind them
   * on the last axis, log variances.
   */
  boolean hasVariances(Shape row) {
    return row.elements() == 2L * width();
  }

  private boolean hasVariances(HostTensor output) {
    return hasVariances(output.shape().row());
  }

  /** The standard deviations of an output with variances, in the numbers' own units. */
  HostTensor deviations(HostTensor output) {
    HostTensor variances = half(output, 1);
    double[] units = units();
    for (long i = 0; i < variances.shape().elements(); i++) {
      double unit = Math.abs(units[(int) (i % units.length)]);
      variances.setFloat(i, (float) (Math.exp(variances.doubleAt(i) / 2) * unit));
    }
    return variances;
  }

  /** These columns with the means of those that are times, in seconds. */
  InputEncoding with(Map<String, Double> meanTimes) {
    if (columns.stream().noneMatch(column -> meanTimes.containsKey(column.column()))) {
      return this;
    }
    List<ColumnEncoding> knowing =
        columns.stream()
            .map(
                column ->
                    column instanceof ColumnEncoding.Numeric number
                            && number.isTime()
                            && meanTimes.containsKey(number.column())
                        ? number.withMean(meanTimes.get(number.column()))
                        : column)
            .toList();
    return new InputEncoding(type, shape, knowing, window, layout);
  }

  /** How deviations are told: as these numbers, in their units. A category has one per element. */
  InputEncoding ofDeviations() {
    List<ColumnEncoding> plain =
        columns.stream()
            .map(
                column ->
                    (ColumnEncoding)
                        new ColumnEncoding.Numeric(
                            column.column(),
                            ColumnType.NUMBER,
                            column instanceof ColumnEncoding.Category
                                ? Shape.of(column.width())
                                : column.shape(),
                            ColumnEncoding.Traits.PLAIN,
                            new Scaling.None(),
                            new Imputation.Refuse(),
                            new ColumnEncoding.Learned(Affine.IDENTITY, Double.NaN, null)))
            .toList();
    return new InputEncoding(ElementType.FLOAT32, shape, plain, window, layout);
  }

  /** The part of an output that predicts these numbers. */
  HostTensor means(HostTensor output) {
    return hasVariances(output) ? half(output, 0) : output;
  }

  /** The first or the second half of the last axis. */
  private static HostTensor half(HostTensor output, int which) {
    int half = output.shape().last() / 2;
    HostTensor own = HostTensor.allocate(ElementType.FLOAT32, output.shape().withLast(half));
    for (long i = 0; i < own.shape().elements(); i++) {
      long place = i / half * 2 * half + (long) which * half + i % half;
      own.setFloat(i, (float) output.doubleAt(place));
    }
    return own;
  }

  /**
   * A copy with the numbers unscaled, and log variances in the square of their unit; elements of
   * categories stay as they are.
   */
  HostTensor unscaled(HostTensor tensor) {
    if (!hasVariances(tensor)) {
      return unscaledNumbers(tensor);
    }
    HostTensor means = unscaledNumbers(half(tensor, 0));
    HostTensor variances = half(tensor, 1);
    double[] units = units();
    int half = tensor.shape().last() / 2;
    HostTensor own = HostTensor.allocate(ElementType.FLOAT32, tensor.shape());
    for (long i = 0; i < means.shape().elements(); i++) {
      long place = i / half * 2 * half + i % half;
      double unit = Math.abs(units[(int) (i % units.length)]);
      own.setFloat(place, means.floatAt(i));
      own.setFloat(place + half, (float) (variances.doubleAt(i) + 2 * Math.log(unit)));
    }
    return own;
  }

  private HostTensor unscaledNumbers(HostTensor tensor) {
    HostTensor own = HostTensor.allocate(ElementType.FLOAT32, tensor.shape());
    long at = 0;
    long elements = tensor.shape().elements();
    while (at < elements) {
      for (ColumnEncoding column : columns) {
        ColumnEncoding.Learned known =
            column instanceof ColumnEncoding.Numeric number ? number.known() : null;
        for (int i = 0; i < column.width() && at < elements; i++, at++) {
          double y = tensor.doubleAt(at);
          own.setFloat(at, (float) (known == null ? y : known.predicted(y)));
        }
      }
    }
    return own;
  }

  /** The span of every element of a row; 1 where it is not scaled, 0 for a constant column. */
  public double[] units() {
    return perElement(known -> known.scale().line().span(), 1);
  }

  /** The offset of every element of a row; 0 where it is not scaled. */
  public double[] offsets() {
    return perElement(known -> known.scale().line().offset(), 0);
  }

  /** What predictions of every element of a row are held within, in its own unit. */
  public List<ColumnEncoding.Range> ranges() {
    List<ColumnEncoding.Range> ranges = new ArrayList<>(rowWidth());
    for (ColumnEncoding column : columns) {
      ColumnEncoding.Range seen =
          column instanceof ColumnEncoding.Numeric number ? number.known().seen() : null;
      ranges.addAll(
          Collections.nCopies(column.width(), seen == null ? ColumnEncoding.Range.ALL : seen));
    }
    return ranges;
  }

  /** The first column whose encoding no output can be turned back from; null when there is none. */
  @Nullable ColumnEncoding firstNotUndone() {
    return columns.stream()
        .filter(column -> column instanceof ColumnEncoding.Numeric number && !number.isUndone())
        .findFirst()
        .orElse(null);
  }

  private double[] perElement(ToDoubleFunction<ColumnEncoding.Learned> of, double others) {
    double[] elements = new double[rowWidth()];
    int at = 0;
    for (ColumnEncoding column : columns) {
      double own =
          column instanceof ColumnEncoding.Numeric number
              ? of.applyAsDouble(number.known())
              : others;
      Arrays.fill(elements, at, at + column.width(), own);
      at += column.width();
    }
    return elements;
  }

  /** The tensor of rows, or of windows whose rows follow each other. */
  public HostTensor encode(Rows rows, Faults faults) {
    HostTensor tensor = HostTensor.allocate(type, shape.batched(rows.count() / rows()));
    tensor.data().copyFrom(encoded(rows, faults));
    return tensor;
  }

  /** The encoded rows, row-major: floats, or longs for indices and whole numbers. */
  public MemorySegment encoded(Rows rows, Faults faults) {
    int width = rowWidth();
    int elements = Math.multiplyExact(rows.count(), width);
    boolean whole = type == ElementType.INT64;
    float[] floats = new float[whole ? 0 : elements];
    long[] longs = new long[whole ? elements : 0];
    int at = 0;
    for (ColumnEncoding column : columns) {
      switch (column) {
        case ColumnEncoding.Numeric number when whole ->
            encode(number, rows, longs, at, width, faults);
        case ColumnEncoding.Numeric number -> encode(number, rows, floats, at, width, faults);
        case ColumnEncoding.Category category when whole ->
            encode(category, rows, longs, at, width, faults);
        case ColumnEncoding.Category category -> encode(category, rows, floats, at, width, faults);
      }
      at += column.width();
    }
    Transpose move = channelMove();
    if (move != null && whole) {
      move.apply(longs, rows.count());
    } else if (move != null) {
      move.apply(floats, rows.count());
    }
    return whole ? MemorySegment.ofArray(longs) : MemorySegment.ofArray(floats);
  }

  private static void encode(
      ColumnEncoding.Numeric number, Rows rows, float[] out, int at, int width, Faults faults) {
    ColumnValues values = rows.column(number.column());
    double fill = number.known().fill();
    int own = number.values();
    int indicator = number.traits().indicator() ? at + number.width() - 1 : -1;
    for (int row = 0; row < rows.count(); row++) {
      boolean missing = values.isMissing(row);
      if (missing && number.refusesMissing()) {
        faults.add(row, number.column(), missing(number.column()));
        continue;
      }
      int target = row * width + at;
      for (int i = 0; i < own; i++) {
        double x = missing ? fill : number.element(values, row * own + i);
        if (!number.encode(x, out, target + i)) {
          faults.add(
              row, number.column(), "The number " + x + " is beyond what a 32-bit float can hold");
          break;
        }
      }
      if (missing && indicator >= 0) {
        out[row * width + indicator] = 1;
      }
    }
  }

  /** A value as a number: of a boolean, 1 or 0. */
  public static double element(ColumnValues values, int index) {
    return switch (values) {
      case ColumnValues.Numbers numbers -> numbers.elements()[index];
      case ColumnValues.Integers integers -> integers.elements()[index];
      case ColumnValues.Texts texts ->
          switch (texts.text(index)) {
            case "true" -> 1;
            case "false" -> 0;
            case String text -> throw new IllegalArgumentException("not a number: " + text);
          };
    };
  }

  private static void encode(
      ColumnEncoding.Category category, Rows rows, float[] out, int at, int width, Faults faults) {
    ColumnValues values = rows.column(category.column());
    int indicator = category.missingElement();
    for (int row = 0; row < rows.count(); row++) {
      int position = position(category, values, row, faults);
      if (position >= 0) {
        out[row * width + at + category.elementOf(position)] = category.numberOf(position);
      }
      if (indicator >= 0 && values.isMissing(row)) {
        out[row * width + at + indicator] = 1;
      }
    }
  }

  private static int position(
      ColumnEncoding.Category category, ColumnValues values, int row, Faults faults) {
    if (values.isMissing(row)) {
      if (category.refusesMissing()) {
        faults.add(row, category.column(), missing(category.column()));
      }
      return category.missingPosition();
    }
    String text = values.label(row);
    int position = category.position(text);
    if (position < 0 && category.unknown() == Unknown.ERROR) {
      faults.add(row, category.column(), unknown(category, text));
    }
    return position;
  }

  private static String missing(String column) {
    return "'" + column + "' has no value, and nothing is imputed";
  }

  private static String unknown(ColumnEncoding.Category category, String text) {
    return "'%s' is not among the known categories of '%s': %s"
        .formatted(
            JsonObject.shorten(text), category.column(), JsonObject.shorten(category.categories()));
  }

  private static void encode(
      ColumnEncoding.Category category, Rows rows, long[] out, int at, int width, Faults faults) {
    ColumnValues values = rows.column(category.column());
    for (int row = 0; row < rows.count(); row++) {
      out[row * width + at] = Math.max(0, position(category, values, row, faults));
    }
  }

  private static void encode(
      ColumnEncoding.Numeric number, Rows rows, long[] out, int at, int width, Faults faults) {
    ColumnValues values = rows.column(number.column());
    int own = number.values();
    for (int row = 0; row < rows.count(); row++) {
      if (values.isMissing(row)) {
        if (number.refusesMissing()) {
          faults.add(row, number.column(), missing(number.column()));
        } else {
          Arrays.fill(out, row * width + at, row * width + at + own, (long) number.known().fill());
        }
        continue;
      }
      for (int i = 0; i < own; i++) {
        if (values instanceof ColumnValues.Integers integers) {
          out[row * width + at + i] = integers.elements()[row * own + i];
        } else {
          faults.add(
              row,
              number.column(),
              "A whole number was expected, got " + element(values, row * own + i));
          break;
        }
      }
    }
  }
}
