package io.trainyard.inspect.evaluation;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.encoding.Statistics;
import io.trainyard.json.StrictJson;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.StringNode;

/**
 * Rows grouped by their values in a column: a group for each value, or for each quarter of many
 * numbers. Rows without a value are the last group.
 *
 * @param by "value" or "quartile"
 */
record SliceGroups(String by, List<Group> groups) {
  /** More texts are pooled, the rarest. */
  static final int MAX_VALUES = 20;

  /** More numbers are divided into bins. */
  static final int MAX_NUMBERS = 10;

  private static final int BINS = 4;
  private static final String BY_VALUE = "value";
  private static final String BY_QUARTILE = "quartile";
  private static final MathContext SHOWN = new MathContext(6);

  SliceGroups {
    groups = List.copyOf(groups);
  }

  /**
   * Some rows.
   *
   * @param name null: of the rows without a value
   * @param from the least value of a bin, which belongs to the first bin alone; null: of no bin
   * @param to its largest value
   * @param pooled the count of values of which these are the rows; 0: of one
   * @param rows places among the evaluated ones
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Group(
      @Nullable String name,
      @Nullable JsonNode from,
      @Nullable JsonNode to,
      int pooled,
      int[] rows) {}

  /** The groups of a column. */
  static SliceGroups of(SliceColumn column) {
    return column.isText() ? ofTexts(column) : ofNumbers(column);
  }

  /** Why a column makes no groups; null when it makes some. */
  static @Nullable String fault(SliceColumn column) {
    int values = column.texts().size();
    if (column.hasTooManyTexts()) {
      return "Column '%s' has more than %d different values; groups need few"
          .formatted(column.name(), SliceColumn.MAX_TEXTS);
    }
    long present = Arrays.stream(column.coded()).filter(code -> code >= 0).count();
    return values > MAX_VALUES && values > present / 2
        ? "Column '%s' has %d different values in %d rows: most groups would be a single row"
            .formatted(column.name(), values, present)
        : null;
  }

  /** A group for each text, the most frequent first; of equally frequent ones by their order. */
  private static SliceGroups ofTexts(SliceColumn column) {
    int[] coded = column.coded();
    long[] counts = new long[column.texts().size()];
    for (int code : coded) {
      if (code >= 0) {
        counts[code]++;
      }
    }
    List<Integer> frequent = new ArrayList<>();
    IntStream.range(0, counts.length).forEach(frequent::add);
    frequent.sort(
        Comparator.comparingLong((Integer code) -> -counts[code])
            .thenComparing(column.texts()::get));
    int shown = frequent.size() > MAX_VALUES ? MAX_VALUES - 1 : frequent.size();
    List<Group> groups = new ArrayList<>();
    for (int code : frequent.subList(0, shown)) {
      groups.add(
          new Group(
              column.texts().get(code),
              null,
              null,
              0,
              rows(coded.length, row -> coded[row] == code)));
    }
    if (shown < frequent.size()) {
      boolean[] isPooled = new boolean[counts.length];
      frequent.subList(shown, frequent.size()).forEach(code -> isPooled[code] = true);
      groups.add(
          new Group(
              "other",
              null,
              null,
              frequent.size() - shown,
              rows(coded.length, row -> coded[row] >= 0 && isPooled[coded[row]])));
    }
    addWithout(groups, rows(coded.length, row -> coded[row] < 0));
    return new SliceGroups(BY_VALUE, groups);
  }

  private static SliceGroups ofNumbers(SliceColumn column) {
    double[] numbers = column.numbers();
    double[] sorted = Arrays.stream(numbers).filter(each -> !Double.isNaN(each)).sorted().toArray();
    double[] values = distinct(sorted);
    List<Group> groups = new ArrayList<>();
    boolean byValue = values.length <= MAX_NUMBERS;
    if (byValue) {
      for (double value : values) {
        groups.add(
            new Group(
                text(value, column.isTime()),
                null,
                null,
                0,
                rows(numbers.length, row -> numbers[row] == value)));
      }
    } else {
      double[] edges = edges(sorted);
      for (int bin = 0; bin + 1 < edges.length; bin++) {
        groups.add(bin(numbers, edges, bin, column.isTime()));
      }
    }
    addWithout(groups, rows(numbers.length, row -> Double.isNaN(numbers[row])));
    return new SliceGroups(byValue ? BY_VALUE : BY_QUARTILE, groups);
  }

  private static double[] distinct(double[] sorted) {
    double[] distinct = new double[sorted.length];
    int count = 0;
    for (double each : sorted) {
      if (count == 0 || distinct[count - 1] != each) {
        distinct[count++] = each;
      }
    }
    return Arrays.copyOf(distinct, count);
  }

  /** The quartiles and both ends, each once. Source: pandas.qcut, duplicates dropped. */
  private static double[] edges(double[] sorted) {
    return distinct(
        IntStream.rangeClosed(0, BINS)
            .mapToDouble(edge -> Statistics.quantile(sorted, (double) edge / BINS))
            .toArray());
  }

  private static Group bin(double[] numbers, double[] edges, int bin, boolean isTime) {
    double from = edges[bin];
    double to = edges[bin + 1];
    int[] rows =
        rows(
            numbers.length,
            row -> (bin == 0 ? numbers[row] >= from : numbers[row] > from) && numbers[row] <= to);
    String name =
        "%s%s, %s]".formatted(bin == 0 ? "[" : "(", shown(from, isTime), shown(to, isTime));
    return new Group(name, end(from, isTime), end(to, isTime), 0, rows);
  }

  private static void addWithout(List<Group> groups, int[] rows) {
    if (rows.length > 0) {
      groups.add(new Group(null, null, null, 0, rows));
    }
  }

  private static int[] rows(int all, IntPredicate isMember) {
    return IntStream.range(0, all).filter(isMember).toArray();
  }

  private static JsonNode end(double number, boolean isTime) {
    return isTime
        ? StringNode.valueOf(text(number, true))
        : number == Math.rint(number) && Math.abs(number) < 1e15
            ? JsonNodeFactory.instance.numberNode((long) number)
            : StrictJson.number(number);
  }

  private static String shown(double number, boolean isTime) {
    return isTime || !Double.isFinite(number) || number == Math.rint(number)
        ? text(number, isTime)
        : BigDecimal.valueOf(number).round(SHOWN).stripTrailingZeros().toPlainString();
  }

  private static String text(double number, boolean isTime) {
    return isTime
        ? Instant.EPOCH.plus((long) number, ChronoUnit.MICROS).toString()
        : ColumnValues.label(number);
  }
}
