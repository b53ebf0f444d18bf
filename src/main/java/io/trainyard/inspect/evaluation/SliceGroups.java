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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  /** Of a number in a name, where these tell the ends of all bins apart. */
  private static final int DIGITS = 6;

  /** Of any number. */
  private static final int ALL_DIGITS = 17;

  /** Longer texts are cut in the names of their groups. */
  private static final int MAX_NAME = 200;

  SliceGroups {
    groups = List.copyOf(groups);
  }

  /**
   * Some rows.
   *
   * @param name that no other group has; null: of the rows without a value
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
    if (column.hasTooManyTexts()) {
      return "Column '%s' has more than %d different values, or more than %d characters in them; groups need few"
          .formatted(column.name(), SliceColumn.MAX_TEXTS, SliceColumn.MAX_CHARACTERS);
    }
    if (column.hasTooLargeNumbers()) {
      return "Column '%s' has whole numbers beyond 2^53, which are not told apart as numbers; make them a text"
          .formatted(column.name());
    }
    long[] counts = counts(column);
    long present = Arrays.stream(counts).sum();
    long single = Arrays.stream(counts).filter(count -> count == 1).count();
    return counts.length > MAX_VALUES && 2 * single > present
        ? "Column '%s' has %d different values in %d rows, and most rows have a value of their own"
            .formatted(column.name(), counts.length, present)
        : null;
  }

  /** How many rows have each text. */
  private static long[] counts(SliceColumn column) {
    long[] counts = new long[column.texts().size()];
    for (int code : column.coded()) {
      if (code >= 0) {
        counts[code]++;
      }
    }
    return counts;
  }

  /** A group for each text, the most frequent first; of equally frequent ones by their order. */
  private static SliceGroups ofTexts(SliceColumn column) {
    int[] coded = column.coded();
    long[] counts = counts(column);
    List<Integer> frequent = new ArrayList<>();
    IntStream.range(0, counts.length).forEach(frequent::add);
    frequent.sort(
        Comparator.comparingLong((Integer code) -> -counts[code])
            .thenComparing(column.texts()::get));
    int shown = frequent.size() > MAX_VALUES ? MAX_VALUES - 1 : frequent.size();
    List<Group> groups = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int code : frequent.subList(0, shown)) {
      groups.add(
          new Group(
              name(column.texts().get(code), names),
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
              name("other", names),
              null,
              null,
              frequent.size() - shown,
              rows(coded.length, row -> coded[row] >= 0 && isPooled[coded[row]])));
    }
    addWithout(groups, rows(coded.length, row -> coded[row] < 0));
    return new SliceGroups(BY_VALUE, groups);
  }

  /** A text, cut and with a number where that is needed to have a name of its own. */
  private static String name(String text, Set<String> taken) {
    String start = text.length() <= MAX_NAME ? text : text.substring(0, MAX_NAME) + "...";
    String name = start;
    for (int i = 2; !taken.add(name); i++) {
      name = "%s (%d)".formatted(start, i);
    }
    return name;
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
      List<String> shown = shown(edges, column.isTime());
      for (int bin = 0; bin + 1 < edges.length; bin++) {
        groups.add(bin(numbers, edges, shown, bin, column.isTime()));
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

  /**
   * The quartiles and both ends; a number that is two of them, as the 0 of a column that is mostly
   * 0, has a bin of its own. Source: pandas.qcut, duplicates dropped.
   */
  private static double[] edges(double[] sorted) {
    List<Double> edges = new ArrayList<>(List.of(sorted[0]));
    for (int edge = 1; edge <= BINS; edge++) {
      double before = edges.getLast();
      double next = Statistics.quantile(sorted, (double) edge / BINS);
      if (next > before) {
        edges.add(next);
      } else if (edges.size() == 1) {
        edges.add(next);
      } else {
        double smaller = smaller(sorted, next);
        if (smaller > edges.get(edges.size() - 2)) {
          edges.add(edges.size() - 1, smaller);
        }
      }
    }
    return edges.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The largest number below one that is there. */
  private static double smaller(double[] sorted, double number) {
    return Arrays.stream(sorted).filter(each -> each < number).max().orElse(number);
  }

  private static Group bin(
      double[] numbers, double[] edges, List<String> shown, int bin, boolean isTime) {
    double from = edges[bin];
    double to = edges[bin + 1];
    int[] rows =
        rows(
            numbers.length,
            row -> (bin == 0 ? numbers[row] >= from : numbers[row] > from) && numbers[row] <= to);
    String name = "%s%s, %s]".formatted(bin == 0 ? "[" : "(", shown.get(bin), shown.get(bin + 1));
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

  /** The edges in names: with few digits, but as many as tell them apart. */
  private static List<String> shown(double[] edges, boolean isTime) {
    for (int digits = DIGITS; !isTime && digits < ALL_DIGITS; digits++) {
      int few = digits;
      List<String> shown = Arrays.stream(edges).mapToObj(edge -> rounded(edge, few)).toList();
      if (shown.stream().distinct().count() == distinct(edges).length) {
        return shown;
      }
    }
    return Arrays.stream(edges).mapToObj(edge -> text(edge, isTime)).toList();
  }

  /** Only digits after the point are left out, from the second on. */
  private static String rounded(double number, int digits) {
    if (!Double.isFinite(number) || number == Math.rint(number)) {
      return text(number, false);
    }
    BigDecimal exact = BigDecimal.valueOf(number);
    int most = Math.max(digits, exact.precision() - exact.scale() + 1);
    BigDecimal rounded = exact.round(new MathContext(most)).stripTrailingZeros();
    // A tiny number would be a row of zeros.
    return rounded.scale() <= ALL_DIGITS ? rounded.toPlainString() : rounded.toString();
  }

  private static String text(double number, boolean isTime) {
    return isTime
        ? Instant.EPOCH.plus((long) number, ChronoUnit.MICROS).toString()
        : ColumnValues.label(number);
  }
}
