package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

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

class TimeStepsTest {
  private static final RowWindow ALONE = new RowWindow(3, 1, null, "t");
  private static final RowWindow GROUPED = new RowWindow(3, 1, "shop", "t");
  private static final double SECOND = 1e6;

  private static List<Warning> warnings(RowWindow window, RowSample sample) {
    return TimeSteps.warnings(sample, window, "t", ColumnType.TIMESTAMP, "/at");
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
    "0 60 120 180 200, 1 minute, 1 of 4, from 20 seconds to 1 minute",
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
        .contains("mostly %s apart in 't'".formatted(usual), "%s steps".formatted(count), range);
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

  /** They are no series, and their gaps are rows that were not read. */
  @Test
  void theFirstRowsOfAShuffledFileSayNothing() {
    double[] times = seconds("0 9 1 2");

    assertThat(warnings(ALONE, new RowSample(4, false, Map.of("t", times)))).isEmpty();
    assertThat(warnings(ALONE, new RowSample(4, true, Map.of("t", times)))).hasSize(1);
    Arrays.sort(times);
    assertThat(warnings(ALONE, new RowSample(4, false, Map.of("t", times))))
        .singleElement()
        .satisfies(warning -> assertThat(warning.detail()).contains("(of the first 4)"));
  }

  @Test
  void missingTimesCountForNothing() {
    assertThat(warnings(ALONE, sample(0, SECOND, Double.NaN, 2 * SECOND, Double.NaN))).isEmpty();
    assertThat(warnings(ALONE, sample(Double.NaN))).isEmpty();
    assertThat(warnings(ALONE, sample())).isEmpty();
  }

  @Test
  void numbersOfRowsMayHaveGapsAndNoRepetition() {
    assertThat(TimeSteps.warnings(sample(1, 2, 9), ALONE, "t", ColumnType.INTEGER, "/at"))
        .isEmpty();
    assertThat(TimeSteps.warnings(sample(1, 2, 2), ALONE, "t", ColumnType.INTEGER, "/at"))
        .extracting(Warning::code)
        .containsExactly("repeated_times");
  }
}
