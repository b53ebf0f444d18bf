package io.trainyard.store.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Hint;
import io.trainyard.store.dataset.TestDatasets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a version says of its columns. */
@Timeout(120)
class ProfileTest {
  @TempDir Path folder;
  TestDatasets datasets;

  @BeforeEach
  void open() {
    datasets = new TestDatasets(folder);
  }

  @AfterEach
  void close() {
    datasets.close();
  }

  @Test
  void quantilesLieBetweenTheValuesAsNumPySaysAndAreKept() {
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

  private static Map<String, Double> quantiles(DatasetVersion version, int column) {
    return Objects.requireNonNull(version.columns().get(column).profile().quantiles());
  }

  @Test
  void aLargeFileSaysWhichNumbersAreEstimates() {
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
                // 10,000 of the rows: 2 % of rank is four standard errors at the median
                assertThat(x / 1000).isCloseTo(Double.parseDouble(level), within(0.02)));
  }

  @Test
  void numbersNearTheLimitHaveQuantilesOrNone() {
    DatasetVersion version = datasets.csv("t", "x\n1.7e308\n-1.7e308\n1.6e308\n");
    ColumnProfile profile = version.columns().getFirst().profile();
    assertThat(profile.max()).isEqualTo(1.7e308);
    assertThat(quantiles(version, 0).values()).allMatch(Double::isFinite);
  }

  @Test
  void aColumnThatNamesAnotherByOtherNamesIsHintedAt() {
    String csv =
        IntStream.range(0, 60)
            .mapToObj(i -> List.of("a", "b", "c").get(i % 3) + "," + (7 - i % 3) + "," + i % 4)
            .collect(Collectors.joining("\n", "label,code,other\n", "\n"));
    assertThat(codes(datasets.csv("t", csv))).containsExactly("one_to_one_columns[label, code]");
  }

  @Test
  void valuesThatNeverComeTwiceNameEachOtherByChanceOnly() {
    assertThat(codes(datasets.csv("t", "id,name\n1,x\n2,y\n3,z\n"))).isEmpty();
  }

  @Test
  void columnsOnAStraightLineAreHintedAtInEitherDirection() {
    Random random = new Random(5);
    StringBuilder csv = new StringBuilder("celsius,fahrenheit,depth,height,other\n");
    for (int i = 0; i < 20_000; i++) {
      double c = random.nextGaussian() * 10 + 15;
      double h = random.nextGaussian();
      csv.append(c).append(',').append(c * 1.8 + 32).append(',').append(-h * 1000);
      csv.append(',').append(h).append(',').append(random.nextGaussian()).append('\n');
    }
    assertThat(codes(datasets.csv("t", csv.toString())))
        .containsExactly("linear_columns[celsius, fahrenheit]", "linear_columns[depth, height]");
  }

  @Test
  void numbersThatAreReadAsTextsAreHintedAtWithTheTextThatIsNone() {
    DatasetVersion version =
        datasets.csv("t", "a,b,zip,word\n1,x,0123,k\nn/a,y,0456,1\n3,x,0789,m\n4,y,0123,n\n");
    Hint hint = version.hints().getFirst();
    assertThat(hint.code()).isEqualTo("numbers_as_text");
    assertThat(hint.columns()).containsExactly("a");
    assertThat(hint.detail()).contains("'n/a' is none").contains("null_values");
    assertThat(version.hints()).hasSize(1);
  }

  private static List<String> codes(DatasetVersion version) {
    return version.hints().stream().map(hint -> hint.code() + hint.columns()).toList();
  }
}
