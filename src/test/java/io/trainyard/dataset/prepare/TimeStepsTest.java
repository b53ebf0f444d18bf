package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.check.Warning;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeStepsTest {
  private static final RowWindow ALONE = new RowWindow(3, 1, null, "t");
  private static final RowWindow GROUPED = new RowWindow(3, 1, "shop", "t");
  private static final double SECOND = 1e6;

  private static Column column(ColumnType type, long distinct) {
    ColumnProfile profile =
        new ColumnProfile(0, distinct, null, null, null, null, null, List.of(), List.of(), null);
    return new Column("t", type, null, false, profile);
  }

  private static List<Warning> warnings(RowWindow window, RowSample sample) {
    return TimeSteps.warnings(sample, window, column(ColumnType.TIMESTAMP, 9), 9, "/at");
  }

  private static List<Warning> ofNumbers(double... numbers) {
    return TimeSteps.warnings(sample(numbers), ALONE, column(ColumnType.INTEGER, 9), 9, "/at");
  }

  private static RowSample sample(double... times) {
    return new RowSample(times.length, true, Map.of("t", times));
  }

  private static double[] seconds(String texts) {
    return Arrays.stream(texts.split(" "))
        .mapToDouble(Double::parseDouble)
        .map(s -> s * SECOND)
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "0 1 2 3 13 14 15, 1 second, 1 of 6, from 1 second to 10 seconds",
    "0 10 11, 1 second, 1 of 2, from 1 second to 10 seconds",
    "0 5400 10800 16200 21600 108000, 1.5 hours, 1 of 5, from 1.5 hours to 1 day",
    // In another order in the file.
    "1209600 0 86400 172800 259200, 1 day, 1 of 4, from 1 day to 11 days",
    "0 0.25 0.5 0.75 2.75, 0.25 seconds, 1 of 4, from 0.25 seconds to 2 seconds",
  })
  void aGapIsTold(String times, String usual, String count, String range) {
    List<Warning> warnings = warnings(ALONE, sample(seconds(times)));

    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst().code()).isEqualTo("uneven_times");
    assertThat(warnings.getFirst().detail())
        .contains("'t' are mostly %s, but %s".formatted(usual, count), range)
        .endsWith("add rows for the missing times");
  }

  @Test
  void monthsAreEven() {
    double[] firsts =
        IntStream.range(0, 60)
            .mapToDouble(
                month -> LocalDate.of(2020, 1, 1).plusMonths(month).toEpochDay() * 86_400 * SECOND)
            .toArray();

    assertThat(warnings(ALONE, sample(firsts))).isEmpty();
  }

  @Test
  void seriesAreEachForThemselves() {
    double[] times = seconds("0 0 1 1 2 2 3 3");
    RowSample sample =
        new RowSample(8, true, Map.of("t", times, "shop", new double[] {1, 2, 1, 2, 1, 2, 1, 2}));

    assertThat(warnings(GROUPED, sample)).isEmpty();
    assertThat(warnings(ALONE, sample))
        .singleElement()
        .satisfies(
            warning -> {
              assertThat(warning.code()).isEqualTo("repeated_times");
              assertThat(warning.detail()).startsWith("4 of 8 rows repeat").contains("\"group\"");
            });
  }

  @Test
  void rowsOfOneTimeInASeriesAreLeftOut() {
    RowSample sample =
        new RowSample(4, true, Map.of("t", seconds("0 1 1 2"), "shop", new double[] {1, 1, 1, 1}));

    assertThat(warnings(GROUPED, sample))
        .singleElement()
        .satisfies(warning -> assertThat(warning.detail()).endsWith("Leave repeated rows out"));
  }

  @Test
  void aStepThatIsTooShortMissesNoRows() {
    assertThat(warnings(ALONE, sample(seconds("0 60 120 180 200"))).getFirst().detail())
        .contains("mostly 1 minute, but 1 of 4")
        .endsWith("A window counts rows, not time");
  }

  @Test
  void irregularTimesHaveNoUsualStep() {
    assertThat(warnings(ALONE, sample(seconds("0 1 5 6 30 32 132 138"))).getFirst().detail())
        .contains("go from 1 second to 1.67 minutes, and half of them are up to 4 seconds");
  }

  @Test
  void aSeriesIsComparedWithItself() {
    double[] shops = {1, 1, 1, 1, 2, 2, 2, 2};
    double[] even = seconds("0 1 2 3 0 60 120 180");
    double[] uneven = seconds("0 1 2 3 0 60 120 300");

    assertThat(warnings(GROUPED, new RowSample(8, true, Map.of("t", even, "shop", shops))))
        .isEmpty();
    assertThat(
            warnings(GROUPED, new RowSample(8, true, Map.of("t", uneven, "shop", shops)))
                .getFirst()
                .detail())
        .startsWith("In 1 of 2 series the steps of 't' are not even: in the worst they are mostly")
        .contains("mostly 1 minute, but 1 of 3", "from 1 minute to 3 minutes");
  }

  /** They are no series, and other rows fill their gaps. */
  @Test
  void theFirstRowsOfAShuffledFileHaveNoGaps() {
    double[] times = seconds("0 9 1 2");

    assertThat(warnings(ALONE, new RowSample(4, false, Map.of("t", times)))).isEmpty();
    assertThat(warnings(ALONE, new RowSample(4, true, Map.of("t", times)))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0 1 2 9", "9 2 1 0"})
  void theFirstRowsOfASortedFileAreAPieceOfASeries(String times) {
    assertThat(warnings(ALONE, new RowSample(4, false, Map.of("t", seconds(times)))))
        .singleElement()
        .satisfies(warning -> assertThat(warning.detail()).contains("(of the first 4)"));
  }

  /** Series one after the other. */
  @Test
  void repetitionIsToldOfTheFirstRowsInAnyOrder() {
    RowSample sample = new RowSample(6, false, Map.of("t", seconds("0 1 2 0 1 2")));

    assertThat(warnings(ALONE, sample)).extracting(Warning::code).containsExactly("repeated_times");
  }

  /** The first series alone fills the sample. */
  @Test
  void repetitionBehindTheFirstRowsIsToldByTheProfile() {
    RowSample sample = new RowSample(3, false, Map.of("t", seconds("0 1 2")));
    Column times = column(ColumnType.TIMESTAMP, 3);

    assertThat(TimeSteps.warnings(sample, ALONE, times, 9, "/at"))
        .singleElement()
        .satisfies(
            warning ->
                assertThat(warning.detail()).startsWith("9 rows have about 3 values of 't'"));
    assertThat(TimeSteps.warnings(sample, ALONE, times, 3, "/at")).isEmpty();
  }

  @Test
  void missingTimesCountForNothing() {
    assertThat(warnings(ALONE, sample(0, SECOND, Double.NaN, 2 * SECOND, Double.NaN))).isEmpty();
    assertThat(warnings(ALONE, sample(Double.NaN))).isEmpty();
    assertThat(warnings(ALONE, sample())).isEmpty();
  }

  @Test
  void numbersOfRowsMayHaveGapsAndNoRepetition() {
    assertThat(ofNumbers(1, 2, 9)).isEmpty();
    assertThat(ofNumbers(1, 2, 2)).extracting(Warning::code).containsExactly("repeated_times");
  }

  /** Two whole numbers can be one number of 64 bits. */
  @Test
  void numbersThatASampleCannotTellApartSayNothing() {
    assertThat(ofNumbers(0x1p60, (double) ((1L << 60) + 1))).isEmpty();
  }
}
