package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.check.Warning;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowWarningsTest {
  private static final String HALVES = "{\"name\":\"t\",\"split\":{\"validation\":0.3}}";
  private static final String NUMBER = "{\"y\":{\"column\":\"y\"}}";
  private static final String LABEL = "{\"y\":{\"column\":\"y\",\"type\":\"class\"}}";

  private final TestPreparation preparation = new TestPreparation();
  private final Random random = new Random(11);

  private List<Warning> warnings(
      String header, int rows, IntFunction<String> row, String inputs, String targets, String job) {
    return warnings(header, rows, row, inputs, targets, job, false);
  }

  private List<Warning> warnings(
      String header,
      int rows,
      IntFunction<String> row,
      String inputs,
      String targets,
      String job,
      boolean linear) {
    String text =
        IntStream.range(0, rows).mapToObj(row).collect(Collectors.joining("\n", header + "\n", ""));
    preparation.datasets.csv("t", text);
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"" + inputs.replace(",", "\",\"") + "\"]}}", targets);
    return preparation.planner.rowWarnings(preparation.plan(model, job), 7, linear);
  }

  private String noise() {
    return String.valueOf(random.nextGaussian());
  }

  private static void assertOnly(
      List<Warning> found, String code, String pointer, String... parts) {
    assertThat(found).as(found.toString()).hasSize(1);
    assertThat(found.getFirst().code()).isEqualTo(code);
    assertThat(found.getFirst().pointer()).isEqualTo(pointer);
    assertThat(found.getFirst().detail()).contains(parts);
  }

  @ParameterizedTest
  @CsvSource({"1000, 1, rises from row to row", "1040, -1, falls from row to row", "1000, 7, each"})
  void aNumberOfTheRowIsAnId(int first, int step, String sentence) {
    assertOnly(
        warnings(
            "id,a,y",
            41,
            row ->
                (step < 0 ? first - row : first + row * step % 41) + "," + noise() + "," + noise(),
            "id,a",
            NUMBER,
            HALVES),
        "id_like_column",
        "/model/inputs/x",
        "Column 'id'",
        sentence,
        "leave it out");
  }

  @Test
  void textsOfNearlyEveryRowAreAnId() {
    assertOnly(
        warnings(
            "name,a,y",
            60,
            row -> "n" + Math.max(1, row) + "," + noise() + "," + noise(),
            "name,a",
            NUMBER,
            HALVES),
        "id_like_column",
        "/model/inputs/x",
        "59 different texts in 60 rows");
  }

  @Test
  void idsAreFoundAmongDecimalsAndUnderAnIndex() {
    assertOnly(
        warnings(
            "id,a,y",
            41,
            row -> 1000 + row + ".0," + noise() + "," + noise(),
            "id,a",
            NUMBER,
            HALVES),
        "id_like_column",
        "/model/inputs/x",
        "Column 'id'");
    String text =
        IntStream.range(0, 60)
            .mapToObj(row -> "n" + Math.max(1, row) + "," + noise())
            .collect(Collectors.joining("\n", "name,y\n", ""));
    preparation.datasets.csv("t", text);
    ModelSpec model = model("{\"x\":{\"columns\":[\"name\"],\"encode\":\"index\"}}", NUMBER);
    assertOnly(
        preparation.planner.rowWarnings(preparation.plan(model, HALVES), 7, false),
        "id_like_column",
        "/model/inputs/x",
        "59 different texts in 60 rows");
  }

  @Test
  void measuredNumbersAreNoIds() {
    assertThat(
            warnings(
                "population,year,y",
                60,
                row -> random.nextInt(1_000_000) + "," + (1990 + row % 30) + "," + noise(),
                "population,year",
                NUMBER,
                HALVES))
        .isEmpty();
    assertThat(warnings("x,y", 60, row -> row + "," + noise(), "x", NUMBER, HALVES)).isEmpty();
  }

  @Test
  void rowsThatAreThereTwiceLieAcrossParts() {
    String[] rows = new String[100];
    List<Warning> found =
        warnings(
            "a,b,y",
            200,
            row -> {
              int own = row % 100;
              rows[own] = rows[own] == null ? noise() + "," + noise() + "," + noise() : rows[own];
              return rows[own];
            },
            "a,b",
            NUMBER,
            "{\"name\":\"t\",\"split\":{\"validation\":0.2,\"test\":0.1}}");
    assertOnly(found, "rows_across_parts", "/dataset/split", "of 60 rows for validation and test");
  }

  @Test
  void rowsOfFewValuesAreEqualByChance() {
    assertThat(
            warnings(
                "a,b,c,y",
                400,
                row -> (row & 1) + "," + (row >> 1 & 1) + "," + row % 3 + "," + row % 2,
                "a,b,c",
                NUMBER,
                HALVES))
        .isEmpty();
  }

  @Test
  void mostRowsOfTheOtherDatasetAreTrainedOn() {
    String rows =
        IntStream.range(0, 50)
            .mapToObj(_ -> noise() + "," + noise())
            .collect(Collectors.joining("\n", "a,y\n", ""));
    preparation.datasets.csv("v", rows.lines().limit(31).collect(Collectors.joining("\n")));
    List<Warning> found =
        warnings(
            "a,y",
            50,
            row -> rows.lines().skip(row + 1).findFirst().orElseThrow(),
            "a",
            NUMBER,
            "{\"name\":\"t\",\"validation_dataset\":{\"name\":\"v\"}}");
    assertOnly(found, "validation_is_training", "/dataset/validation_dataset", "learned by heart");
  }

  /** Ids of any kind: numbered without gaps, large numbers, texts, and columns that none reads. */
  @ParameterizedTest
  @CsvSource({"1, true", "104729, true", "1, false", "17, false", "0, true"})
  void customersAcrossPartsAreGroups(int factor, boolean isRead) {
    double[] age = random.doubles(40).map(v -> Math.rint(v * 60)).toArray();
    assertOnly(
        warnings(
            "customer,age,amount,y",
            200,
            row -> {
              int customer = (row * 7 + row / 40) % 40;
              String id = factor == 0 ? "c" + customer : String.valueOf(customer * factor);
              return id + "," + age[customer] + "," + noise() + "," + noise();
            },
            isRead ? "customer,age,amount" : "age,amount",
            NUMBER,
            HALVES),
        "group_across_parts",
        "/dataset/split",
        "Column 'customer' looks like groups",
        "alike in 'age'",
        "\"group\": \"customer\"");
  }

  @Test
  void groupsThatStayTogetherDrawNoWarning() {
    assertThat(
            warnings(
                "customer,age,y",
                200,
                row -> row % 40 + "," + row * 13 % 40 * 31 % 17 + "," + noise(),
                "age",
                NUMBER,
                "{\"name\":\"t\",\"split\":{\"validation\":0.3,\"by\":\"group\",\"group\":\"customer\"}}"))
        .isEmpty();
  }

  /** Years and counts are ordered: what depends on them does so smoothly. */
  @Test
  void ordinaryNumbersAndCategoriesAreNoGroups() {
    assertThat(
            warnings(
                "age,band,weight,city,y",
                300,
                row -> {
                  int age = random.nextInt(60);
                  return age
                      + ","
                      + age / 10
                      + ","
                      + (age * 0.7 + 20)
                      + ",c"
                      + row * 7 % 9
                      + ","
                      + noise();
                },
                "age,band,weight,city",
                NUMBER,
                HALVES))
        .isEmpty();
  }

  @Test
  void aClassOfAFewRowsIsRare() {
    assertOnly(
        warnings(
            "a,y",
            80,
            row -> noise() + "," + (row < 3 ? "odd" : row % 2 == 0 ? "p" : "q"),
            "a",
            LABEL,
            "{\"name\":\"t\"}"),
        "rare_class",
        "/model/targets/y",
        "1 of 3 classes have fewer than 5 of the 80 rows ('odd' 3)");
  }

  @Test
  void equalInputsOfDifferentClassesCannotBeToldApart() {
    assertOnly(
        warnings(
            "a,b,y",
            60,
            row -> row / 2 + "," + row / 4 + "," + (row % 3 == 0 ? "p" : "q"),
            "a,b",
            LABEL,
            "{\"name\":\"t\"}"),
        "not_separable",
        "/model/targets/y",
        "40 of 60 rows have inputs that are equal and classes that differ",
        "66.7 %");
    assertThat(warnings("a,y", 60, row -> noise() + "," + row % 2, "a", LABEL, "{\"name\":\"t\"}"))
        .isEmpty();
  }

  @Test
  void thePerceptronNeedsALineBetweenTheClasses() {
    assertOnly(
        warnings(
            "a,b,y",
            4,
            row -> row % 2 + "," + row / 2 + "," + (row % 2 ^ row / 2),
            "a,b",
            NUMBER,
            "{\"name\":\"t\"}",
            true),
        "not_separable",
        "/training/optimizer",
        "No line or plane",
        "the 4 rows");
    assertThat(
            warnings(
                "a,b,y",
                4,
                row -> row % 2 + "," + row / 2 + "," + (row % 2 & row / 2),
                "a,b",
                NUMBER,
                "{\"name\":\"t\"}",
                true))
        .isEmpty();
  }

  /** Rows on both sides of a known plane are separable; with the labels of a few changed, not. */
  @Test
  void separabilityIsExact() {
    for (int draw = 0; draw < 200; draw++) {
      int width = 1 + random.nextInt(5);
      double[] plane = random.doubles(width + 1, -1, 1).toArray();
      double[][] rows = new double[60][];
      boolean[] side = new boolean[60];
      for (int row = 0; row < rows.length; row++) {
        double sum;
        do {
          rows[row] = random.doubles(width, -1, 1).toArray();
          sum = plane[width];
          for (int i = 0; i < width; i++) {
            sum += plane[i] * rows[row][i];
          }
        } while (Math.abs(sum) < 1e-3);
        side[row] = sum > 0;
      }
      assertThat(Separability.isImpossible(rows, side)).isFalse();
      // A row in the middle of two of the other side.
      boolean[] two = {true, true, false};
      double[] middle = new double[width];
      for (int i = 0; i < width; i++) {
        middle[i] = (rows[0][i] + rows[1][i]) / 2;
      }
      assertThat(Separability.isImpossible(new double[][] {rows[0], rows[1], middle}, two))
          .isTrue();
    }
  }

  /** A million rows cost no more than the first ones. */
  @Test
  void largeDatasetsAreJudgedByTheirFirstRows() {
    String[] rows = new String[50];
    List<Warning> found =
        warnings(
            "a,b,y",
            RowSample.MAX_ROWS + 10,
            row -> {
              int own = row % 50;
              rows[own] = rows[own] == null ? noise() + "," + noise() + "," + noise() : rows[own];
              return rows[own];
            },
            "a,b",
            NUMBER,
            HALVES);
    assertThat(found).allSatisfy(each -> assertThat(each.detail()).contains("of the first 100000"));
  }

  /** Of the selected rows alone: all shops together have no gap, but each time twice. */
  @ParameterizedTest
  @CsvSource({
    "'', repeated_times, 25 of 60 rows",
    "',\"where\":\"shop = 1\"', uneven_times, mostly 1 day",
    "',\"where\":\"shop = 2\"', ,",
  })
  void theTimesOfWindowsAreThoseOfTheSelectedRows(
      String where, @Nullable String code, @Nullable String part) {
    StringBuilder rows = new StringBuilder("day,shop,y\n");
    for (int i = 0; i < 60; i++) {
      int shop = i % 2 + 1;
      LocalDate day = LocalDate.of(2024, 1, 1).plusDays(i / 2 + (shop == 1 && i > 40 ? 5 : 0));
      rows.append("%s,%d,%d\n".formatted(day, shop, i % 7));
    }
    preparation.datasets.csv("t", rows.toString());
    for (int shop : new int[] {1, 2}) {
      preparation.datasets.condition("shop = " + shop, row -> row.get("shop").intValue() == shop);
    }
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"y\"],\"window\":{\"length\":3,\"order_by\":\"day\"}}}",
            "{\"y\":{\"column\":\"y\",\"offset\":1}}");

    List<Warning> found =
        preparation.planner.rowWarnings(
            preparation.plan(model, "{\"name\":\"t\"%s}".formatted(where)), 7, false);

    if (code == null || part == null) {
      assertThat(found).isEmpty();
    } else {
      assertOnly(found, code, "/model/inputs/x/window/order_by", part);
    }
  }

  @Test
  void theTimesOfAValidationDatasetAreJudgedOfThemselves() {
    StringBuilder even = new StringBuilder("day,y\n");
    StringBuilder twice = new StringBuilder("day,y\n");
    for (int i = 0; i < 40; i++) {
      even.append("%s,%d\n".formatted(LocalDate.of(2024, 1, 1).plusDays(i), i % 7));
      twice.append("%s,%d\n".formatted(LocalDate.of(2025, 1, 1).plusDays(i / 2), i % 7));
    }
    preparation.datasets.csv("even", even.toString());
    preparation.datasets.csv("twice", twice.toString());
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"y\"],\"window\":{\"length\":3,\"order_by\":\"day\"}}}",
            "{\"y\":{\"column\":\"y\",\"offset\":1}}");

    assertThat(validatedOn(model, "twice", "twice"))
        .extracting(Warning::code)
        .containsExactly("validation_is_training", "repeated_times");
    assertOnly(
        validatedOn(model, "even", "twice"),
        "repeated_times",
        "/dataset/validation_dataset",
        "20 of 40 rows");
    assertOnly(
        validatedOn(model, "twice", "even"),
        "repeated_times",
        "/model/inputs/x/window/order_by",
        "20 of 40 rows");
  }

  private List<Warning> validatedOn(ModelSpec model, String training, String validation) {
    return preparation.planner.rowWarnings(
        preparation.plan(
            model,
            "{\"name\":\"%s\",\"validation_dataset\":{\"name\":\"%s\"}}"
                .formatted(training, validation)),
        7,
        false);
  }
}
