package io.trainyard.inspect.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.Rows;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Each evaluated row is in one group, and a group says which rows it has. */
class SliceGroupsTest {
  private static SliceColumn column(ColumnType type, ColumnValues values, int rows) {
    ColumnProfile nothing =
        new ColumnProfile(0, 0, null, null, null, null, null, List.of(), List.of(), null);
    SliceColumn column = new SliceColumn(new Column("c", type, null, false, nothing), rows);
    int[] places = IntStream.range(0, rows).toArray();
    column.read(new Rows(0, rows, Map.of("c", values)), places);
    return column;
  }

  private static SliceColumn texts(@Nullable String... texts) {
    return column(ColumnType.STRING, new ColumnValues.Texts(texts), texts.length);
  }

  private static SliceColumn numbers(double... numbers) {
    boolean[] missing = new boolean[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      missing[i] = Double.isNaN(numbers[i]);
    }
    return column(ColumnType.NUMBER, new ColumnValues.Numbers(numbers, missing, 1), numbers.length);
  }

  private static SliceColumn wholes(long... numbers) {
    return column(
        ColumnType.INTEGER,
        new ColumnValues.Integers(numbers, new boolean[numbers.length], 1),
        numbers.length);
  }

  private static List<String> shown(SliceGroups groups) {
    return groups.groups().stream()
        .map(group -> group.name() + " " + Arrays.toString(group.rows()))
        .toList();
  }

  @Test
  void textsAreGroupedByFrequencyAndMissingOnesComeLast() {
    SliceGroups groups = SliceGroups.of(texts("b", null, "a", "b", "c", "a", null, "b"));
    assertThat(groups.by()).isEqualTo("value");
    assertThat(shown(groups)).containsExactly("b [0, 3, 7]", "a [2, 5]", "c [4]", "null [1, 6]");
  }

  @Test
  void aTextOfItsOwnIsNotTakenForAMissingOne() {
    assertThat(shown(SliceGroups.of(texts("null", null, "null"))))
        .containsExactly("null [0, 2]", "null [1]");
    assertThat(SliceGroups.of(texts("null", null)).groups().get(0).name()).isEqualTo("null");
    assertThat(SliceGroups.of(texts("null", null)).groups().get(1).name()).isNull();
  }

  @Test
  void rareTextsArePooled() {
    String[] texts = new String[60];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = "t%02d".formatted(i % 25);
    }
    SliceGroups groups = SliceGroups.of(texts(texts));
    assertThat(groups.groups()).hasSize(SliceGroups.MAX_VALUES);
    SliceGroups.Group other = groups.groups().getLast();
    assertThat(other.name()).isEqualTo("other");
    assertThat(other.pooled()).isEqualTo(6);
    assertThat(other.rows()).containsExactly(19, 20, 21, 22, 23, 24, 44, 45, 46, 47, 48, 49);
    assertThat(groups.groups().stream().mapToInt(group -> group.rows().length).sum()).isEqualTo(60);
  }

  @Test
  void aTextOfEachRowMakesNoGroups() {
    String[] texts = IntStream.range(0, 40).mapToObj(i -> "id" + i).toArray(String[]::new);
    assertThat(SliceGroups.fault(texts(texts)))
        .contains("Column 'c' has 40 different values in 40 rows");
    String[] twice = IntStream.range(0, 84).mapToObj(i -> "id" + i / 2).toArray(String[]::new);
    assertThat(SliceGroups.fault(texts(twice))).isNull();
    assertThat(SliceGroups.fault(texts("x", "y", "z"))).as("few rows").isNull();
    assertThat(SliceGroups.fault(numbers(IntStream.range(0, 40).asDoubleStream().toArray())))
        .as("numbers have bins")
        .isNull();
  }

  /** Quartiles that are the same number would leave one group of all rows. */
  @Test
  void aFrequentNumberIsAGroupOfItsOwn() {
    double[] rain = new double[60];
    for (int i = 0; i < 12; i++) {
      rain[5 * i] = i + 1;
    }
    assertThat(sizes(SliceGroups.of(numbers(rain)))).containsExactly("[0, 0] 48", "(0, 12] 12");
    double[] half = IntStream.range(0, 60).mapToDouble(i -> Math.max(0, i - 35)).toArray();
    assertThat(sizes(SliceGroups.of(numbers(half))))
        .containsExactly("[0, 0] 36", "(0, 9.25] 9", "(9.25, 24] 15");
    double[] both = Arrays.stream(rain).map(x -> x > 9 ? -x : x).toArray();
    assertThat(sizes(SliceGroups.of(numbers(both))))
        .containsExactly("[-12, -10] 3", "(-10, 0] 48", "(0, 9] 9");
    double[] most = Arrays.stream(rain).map(x -> -x).toArray();
    assertThat(sizes(SliceGroups.of(numbers(most)))).containsExactly("[-12, -1] 12", "(-1, 0] 48");
  }

  private static List<String> sizes(SliceGroups groups) {
    return groups.groups().stream().map(each -> each.name() + " " + each.rows().length).toList();
  }

  /** Each of 21 texts has a pair of rows, but one. */
  @Test
  void textsThatComeTwiceMakeGroups() {
    String[] pairs = IntStream.range(0, 41).mapToObj(i -> "id" + i / 2).toArray(String[]::new);
    assertThat(SliceGroups.fault(texts(pairs))).isNull();
    String[] own =
        IntStream.range(0, 41).mapToObj(i -> "id" + Math.max(0, i - 20)).toArray(String[]::new);
    assertThat(SliceGroups.fault(texts(own))).as("20 rows of 41").isNull();
    own[0] = "id";
    assertThat(SliceGroups.fault(texts(own)))
        .contains("22 different values in 41 rows, and most rows have a value of their own");
  }

  @Test
  void namesOfGroupsAreDifferent() {
    String[] texts = new String[60];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = i < 10 ? "other" : "t%02d".formatted(i % 25);
    }
    SliceGroups groups = SliceGroups.of(texts(texts));
    assertThat(groups.groups().getFirst().name()).isEqualTo("other");
    assertThat(groups.groups().getFirst().pooled()).isZero();
    assertThat(groups.groups().getLast().name()).isEqualTo("other (2)");
    assertThat(groups.groups().getLast().pooled()).isPositive();
    String longText = "x".repeat(300);
    assertThat(
            SliceGroups.of(texts(longText + "a", longText + "b")).groups().stream()
                .map(SliceGroups.Group::name))
        .containsExactly("x".repeat(200) + "...", "x".repeat(200) + "... (2)");
  }

  @Test
  void textsOfManyCharactersAreNotKept() {
    SliceColumn column = texts("short", "x".repeat(600_000), "y".repeat(600_000), "short");
    assertThat(column.texts()).isEmpty();
    assertThat(SliceGroups.fault(column)).contains("more than 1000000 characters");
    assertThat(SliceGroups.fault(texts("x".repeat(600_000), "x".repeat(600_000)))).isNull();
  }

  @Test
  void wholeNumbersThatAreNotToldApartMakeNoGroups() {
    long exact = 1L << 53;
    assertThat(SliceGroups.fault(wholes(exact, -exact))).isNull();
    assertThat(SliceGroups.fault(wholes(exact, exact + 1))).contains("beyond 2^53");
    assertThat(SliceGroups.fault(wholes(Long.MIN_VALUE))).contains("beyond 2^53");
  }

  @Test
  void binsHaveAsManyDigitsAsTellThemApart() {
    double[] large = IntStream.range(0, 40).mapToDouble(i -> 1_234_567.5 + i / 8.0).toArray();
    assertThat(SliceGroups.of(numbers(large)).groups().stream().map(SliceGroups.Group::name))
        .containsExactly(
            "[1234567.5, 1234568.7]",
            "(1234568.7, 1234569.9]",
            "(1234569.9, 1234571.2]",
            "(1234571.2, 1234572.4]");
    double[] whole = IntStream.range(0, 40).mapToDouble(i -> 1_234_560.3 + 100 * i).toArray();
    assertThat(SliceGroups.of(numbers(whole)).groups().getFirst().name())
        .isEqualTo("[1234560.3, 1235535.3]");
    double[] tiny = IntStream.range(0, 40).mapToDouble(i -> 1e-40 * (i + 1)).toArray();
    assertThat(SliceGroups.of(numbers(tiny)).groups().getFirst().name())
        .isEqualTo("[1E-40, 1.075E-39]");
  }

  @Test
  void fewNumbersAreGroupedByValueInTheirOrder() {
    SliceGroups groups = SliceGroups.of(numbers(3, 0.5, Double.NaN, 3, -1));
    assertThat(groups.by()).isEqualTo("value");
    assertThat(shown(groups)).containsExactly("-1 [4]", "0.5 [1]", "3 [0, 3]", "null [2]");
  }

  @Test
  void manyNumbersAreGroupedByQuartiles() {
    double[] numbers = IntStream.rangeClosed(1, 12).asDoubleStream().toArray();
    SliceGroups groups = SliceGroups.of(numbers(numbers));
    assertThat(groups.by()).isEqualTo("quartile");
    assertThat(shown(groups))
        .containsExactly(
            "[1, 3.75] [0, 1, 2]",
            "(3.75, 6.5] [3, 4, 5]",
            "(6.5, 9.25] [6, 7, 8]",
            "(9.25, 12] [9, 10, 11]");
    assertThat(groups.groups().get(1).from()).hasToString("3.75");
    assertThat(groups.groups().get(3).to()).hasToString("12");
  }

  @Test
  void timesHaveBinsWithTheirEndsAsTimes() {
    long start = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse("2025-01-01T00:00:00Z"));
    long[] micros =
        IntStream.range(0, 13).mapToLong(day -> start + day * 86_400_000_000L).toArray();
    SliceGroups groups =
        SliceGroups.of(
            column(
                ColumnType.TIMESTAMP,
                new ColumnValues.Integers(micros, new boolean[13], 1),
                micros.length));
    assertThat(groups.by()).isEqualTo("quartile");
    assertThat(groups.groups().getFirst().name())
        .isEqualTo("[2025-01-01T00:00:00Z, 2025-01-04T00:00:00Z]");
    assertThat(String.valueOf(groups.groups().getLast().to()))
        .isEqualTo("\"2025-01-13T00:00:00Z\"");
  }

  @Test
  void aColumnWithoutAnyValueIsOneGroup() {
    assertThat(shown(SliceGroups.of(numbers(Double.NaN, Double.NaN))))
        .containsExactly("null [0, 1]");
    assertThat(shown(SliceGroups.of(texts(null, null)))).containsExactly("null [0, 1]");
  }

  @Test
  void onlyEvaluatedRowsAreRead() {
    SliceColumn column = column(ColumnType.STRING, new ColumnValues.Texts(new String[3]), 3);
    // Of six rows read in two chunks, the second, the fifth and the sixth are evaluated.
    int[] places = {-1, 2, -1, -1, 0, 1};
    column.read(
        new Rows(0, 3, Map.of("c", new ColumnValues.Texts(new String[] {"a", "b", "c"}))), places);
    column.read(
        new Rows(3, 4, Map.of("c", new ColumnValues.Texts(new String[] {"d", "e", "f", "g"}))),
        places);
    assertThat(shown(SliceGroups.of(column))).containsExactly("b [2]", "e [0]", "f [1]");
  }
}
