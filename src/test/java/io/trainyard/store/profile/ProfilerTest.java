package io.trainyard.store.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(FreshDatasets.class)
@Timeout(120)
@Tag("service")
class ProfilerTest {
  private final TestDatasets datasets;

  ProfilerTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @Test
  void statisticsOfASmallFileAreExact() {
    DatasetVersion version = datasets.csv("t", "x,s\n1,a\n2,b\n,b\n4,b\n");
    Column x = version.columns().getFirst();
    assertThat(x.profile().nulls()).isEqualTo(1);
    assertThat(x.profile().distinct()).isEqualTo(3);
    assertThat(x.profile().min()).isEqualTo(1L);
    assertThat(x.profile().max()).isEqualTo(4L);
    assertThat(x.profile().mean()).isEqualTo(7 / 3.0);
    // sqrt(((1-7/3)^2 + (2-7/3)^2 + (4-7/3)^2) / 3) = sqrt(14/9)
    assertThat(x.profile().std()).isCloseTo(1.247219128924647, within(1e-12));
    Column s = version.columns().get(1);
    assertThat(s.profile().top().getFirst().item()).isEqualTo("b");
    assertThat(s.profile().top().getFirst().count()).isEqualTo(3);
    assertThat(s.profile().labels()).containsExactlyInAnyOrder("a", "b");
    assertThat(s.profile().mean()).isNull();
  }

  @Test
  void quantilesInterpolateLikeNumPyAndAreStored() {
    DatasetVersion version = datasets.csv("t", "x,n,s,b\n1,1.5,a,true\n2,,b,false\n10,3,c,true\n");
    // np.quantile([1, 2, 10], q) and np.quantile([1.5, 3], q)
    assertThat(quantiles(version, 0))
        .isEqualTo(Map.of("0.05", 1.1, "0.25", 1.5, "0.5", 2.0, "0.75", 6.0, "0.95", 9.2));
    assertThat(quantiles(version, 1)).containsEntry("0.5", 2.25).containsEntry("0.25", 1.875);
    assertThat(version.columns().get(2).profile().quantiles()).isNull();
    assertThat(version.columns().get(3).profile().quantiles()).isNull();
    assertThat(version.columns()).allSatisfy(c -> assertThat(c.profile().estimated()).isEmpty());
    assertThat(datasets.store().find("t", 1).orElseThrow()).isEqualTo(version);
  }

  /** 500 columns ended the process when one query had the aggregates of all of them. */
  @Test
  void aWideTableIsProfiledLikeANarrowOne() {
    int width = 2_000;
    StringBuilder csv = new StringBuilder();
    for (int row = -1; row < 3; row++) {
      for (int column = 0; column < width; column++) {
        csv.append(column == 0 ? "" : ",");
        csv.append(row < 0 ? "c" + column : String.valueOf(row * column));
      }
      csv.append('\n');
    }
    DatasetVersion wide = datasets.csv("wide", csv.toString());
    assertThat(wide.columns()).hasSize(width);
    for (int column : new int[] {1, 49, 50, 51, width - 1}) {
      ColumnProfile profile = wide.columns().get(column).profile();
      assertThat(profile.max()).isEqualTo(2L * column);
      assertThat(profile.mean()).isEqualTo(column);
      assertThat(profile.distinct()).isEqualTo(3);
      assertThat(profile.labels()).hasSize(3);
      assertThat(quantiles(wide, column)).containsEntry("0.5", (double) column);
    }
  }

  /** Many columns are profiled in Java, few by DuckDB: both must say the same. */
  @Test
  void wideTableHasTheProfileOfEachOfItsColumnsAlone() {
    Random random = new Random(7);
    List<List<String>> columns = new ArrayList<>();
    for (int i = 0; i < 72; i++) {
      int kind = i;
      columns.add(IntStream.range(0, 300).mapToObj(row -> cell(kind, random)).toList());
    }
    DatasetVersion wide = datasets.csv("wide", csv(columns, 0));
    for (int from = 0; from < columns.size(); from += 8) {
      DatasetVersion narrow = datasets.csv("narrow", csv(columns.subList(from, from + 8), from));
      for (int i = 0; i < 8; i++) {
        assertSame(wide.columns().get(from + i), narrow.columns().get(i));
      }
    }
    DatasetVersion stored = datasets.store().find("wide", 1).orElseThrow();
    assertThat(stored).isEqualTo(wide);
  }

  private static String cell(int kind, Random random) {
    if (random.nextInt(10) == 0) {
      return "";
    }
    return switch (kind % 9) {
      case 0 -> String.valueOf(random.nextInt(5));
      case 1 -> String.valueOf(random.nextLong());
      case 2 -> String.valueOf(1e6 + random.nextGaussian());
      case 3 -> random.nextBoolean() ? "-0.0" : "0.0";
      case 4 -> String.valueOf(random.nextBoolean());
      case 5 -> List.of("a", "\u00e9", "\uffee", "\ud83d\ude00", "z").get(random.nextInt(5));
      case 6 -> "2026-01-0" + (1 + random.nextInt(9)) + "T10:00:00.25+01:00";
      case 7 -> "t" + random.nextInt(1000);
      default -> String.valueOf(random.nextInt(100) / 8.0);
    };
  }

  private static String csv(List<List<String>> columns, int first) {
    StringBuilder csv = new StringBuilder();
    for (int row = -1; row < columns.getFirst().size(); row++) {
      for (int i = 0; i < columns.size(); i++) {
        csv.append(i == 0 ? "" : ",");
        csv.append(row < 0 ? "c" + (first + i) : columns.get(i).get(row));
      }
      csv.append('\n');
    }
    return csv.toString();
  }

  private static void assertSame(Column wide, Column narrow) {
    assertThat(wide.type()).isEqualTo(narrow.type());
    assertThat(wide.profile())
        .usingRecursiveComparison()
        .ignoringFields("labels", "mean", "std", "quantiles")
        .isEqualTo(narrow.profile());
    assertThat(wide.profile().labels()).isEqualTo(narrow.profile().labels());
    assertClose(wide.profile().mean(), narrow.profile().mean());
    assertClose(wide.profile().std(), narrow.profile().std());
    Map<String, Double> quantiles = wide.profile().quantiles();
    Map<String, Double> expected = narrow.profile().quantiles();
    assertThat(quantiles == null).isEqualTo(expected == null);
    if (quantiles != null && expected != null) {
      assertThat(quantiles.keySet()).isEqualTo(expected.keySet());
      quantiles.forEach((level, x) -> assertClose(x, expected.get(level)));
    }
  }

  /** Two ways to add up 300 numbers differ by some units in the last place. */
  private static void assertClose(@Nullable Double actual, @Nullable Double expected) {
    if (actual == null || expected == null) {
      assertThat(actual).isEqualTo(expected);
    } else {
      assertThat(actual).isCloseTo(expected, within(Math.abs(expected) * 1e-9 + 1e-12));
    }
  }

  private static Map<String, Double> quantiles(DatasetVersion version, int column) {
    return Objects.requireNonNull(version.columns().get(column).profile().quantiles());
  }

  @Test
  void largeFileSaysWhichNumbersAreEstimates() {
    int rows = 300_000;
    Random random = new Random(3);
    StringBuilder csv = new StringBuilder("id,x,few,text\n");
    for (int i = 0; i < rows; i++) {
      csv.append(i).append(',').append(random.nextInt(100_000) / 100.0).append(',');
      csv.append(i % 7).append(",t").append(i).append('\n');
    }
    DatasetVersion version = datasets.csv("t", csv.toString());
    List<Column> columns = version.columns();
    assertThat(columns.get(0).profile().estimated()).containsExactly("distinct", "quantiles");
    assertThat(columns.get(0).profile().distinct()).isBetween(250_000L, 350_000L);
    assertThat(columns.get(2).profile().estimated()).containsExactly("quantiles");
    assertThat(columns.get(2).profile().distinct()).isEqualTo(7);
    assertThat(columns.get(3).profile().estimated()).containsExactly("distinct");
    quantiles(version, 1)
        .forEach(
            (level, x) ->
                // From 10,000 rows: a rank error of 2 % is four standard errors at the median.
                assertThat(x / 1000).isCloseTo(Double.parseDouble(level), within(0.02)));
  }

  @Test
  void numbersNearTheLimitHaveQuantilesOrNone() {
    DatasetVersion version = datasets.csv("t", "x\n1.7e308\n-1.7e308\n1.6e308\n");
    ColumnProfile profile = version.columns().getFirst().profile();
    assertThat(profile.max()).isEqualTo(1.7e308);
    assertThat(quantiles(version, 0).values()).allMatch(Double::isFinite);
  }
}
