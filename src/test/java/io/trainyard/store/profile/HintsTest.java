package io.trainyard.store.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Hint;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(FreshDatasets.class)
@Timeout(120)
class HintsTest {
  private final TestDatasets datasets;

  HintsTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  @Test
  void constantEmptyAndEqualColumnsGetHints() {
    DatasetVersion version = datasets.csv("t", "a,b,c,d,e\n1,1,k,,x\n2,2,k,,y\n4,4,k,,z\n");
    assertThat(version.hints().stream().map(hint -> hint.code() + hint.columns()))
        .containsExactly("constant_column[c]", "empty_column[d]", "duplicate_columns[a, b]");
    assertThat(datasets.store().find("t", 1).orElseThrow().hints()).isEqualTo(version.hints());
  }

  @Test
  void columnsThatMapOneToOneGetAHint() {
    String csv =
        IntStream.range(0, 60)
            .mapToObj(i -> List.of("a", "b", "c").get(i % 3) + "," + (7 - i % 3) + "," + i % 4)
            .collect(Collectors.joining("\n", "label,code,other\n", "\n"));
    assertThat(codes(datasets.csv("t", csv))).containsExactly("one_to_one_columns[label, code]");
  }

  @Test
  void uniqueValuesMapOneToOneOnlyByChance() {
    assertThat(codes(datasets.csv("t", "id,name\n1,x\n2,y\n3,z\n"))).isEmpty();
    // Each row is there three times: the values repeat with their rows alone.
    String csv =
        IntStream.range(0, 90)
            .mapToObj(i -> "k" + i % 30 + ",p" + (i % 30 * 7) % 30)
            .collect(Collectors.joining("\n", "name,label\n", "\n"));
    assertThat(codes(datasets.csv("t", csv))).isEmpty();
  }

  @Test
  void linearColumnsGetAHintWithEitherSign() {
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
  void hintForMostlyNumericTextQuotesTheExceptions() {
    DatasetVersion version =
        datasets.csv("t", "a,b,zip,word\n1,x,0123,k\nn/a,y,0456,1\n3,x,0789,m\n4,y,0123,n\n");
    Hint hint = version.hints().getFirst();
    assertThat(hint.code()).isEqualTo("numbers_as_text");
    assertThat(hint.columns()).containsExactly("a");
    assertThat(hint.detail()).contains("'n/a' is not a number").contains("null_values");
    assertThat(codes(version)).containsExactly("numbers_as_text[a]", "leading_zeros[zip]");
    assertThat(version.hints().getLast().detail())
        .contains("'0123' is read as 123", "\"types\": {\"zip\": \"string\"}");
  }

  @Test
  void hintForNumbersThatAreWrittenAsTextsSaysHowToWriteThem() {
    DatasetVersion version = datasets.csv("t", "a;b;c\n1,5;10 %;x\n2,5;20 %;1,5\n-3,25;30.5%;y\n");
    assertThat(codes(version)).containsExactly("numbers_as_text[a]", "numbers_as_text[b]");
    assertThat(version.hints().getFirst().detail()).contains("write a decimal point");
    assertThat(version.hints().getLast().detail()).contains("leave the percent sign out");
  }

  @Test
  void hintForAmountsOfMoney() {
    DatasetVersion version =
        datasets.csv(
            "t",
            """
            euro;dollar;swiss;code;phone;size
            1.250,50 €;$1,250.50;1'250;12 EUR;044 123 456;10 cm
            900 €;$900;12'250;1.300 EUR;044 123 457;12 cm
            12.000 €;$ 12;999'250.5;1 EUR;044 123 458;14 cm
            """);
    assertThat(codes(version))
        .containsExactly(
            "numbers_as_text[euro]",
            "numbers_as_text[dollar]",
            "numbers_as_text[swiss]",
            "numbers_as_text[code]");
    assertThat(version.hints().getFirst().detail()).contains("leave out the currency", "1250.5");
  }

  private static List<String> codes(DatasetVersion version) {
    return version.hints().stream().map(hint -> hint.code() + hint.columns()).toList();
  }
}
