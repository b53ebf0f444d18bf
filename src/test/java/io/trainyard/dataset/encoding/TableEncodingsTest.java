package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.json;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static io.trainyard.dataset.prepare.TestPreparation.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Robust and quantile scaling, indicators, times, {@code auto} and {@code clip}. */
class TableEncodingsTest {
  private static final String TARGET = "{\"y\":{\"column\":\"y\"}}";

  private static JsonNode golden = json("null");

  private final TestPreparation preparation = new TestPreparation();

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in = TableEncodingsTest.class.getResourceAsStream("/golden/tables.json")) {
      golden = new JsonMapper().readTree(in);
    }
  }

  @Test
  void robustAndQuantileScalesEqualNumpysAndScikitLearns() {
    for (JsonNode expected : golden.get("cases")) {
      PreparedData data =
          prepareGolden(
              "{\"columns\":[\"gaps\",\"wide\",\"ties\",\"mostly\",\"same\"],\"scale\":%s,\"impute\":%s,\"missing_indicator\":true}"
                  .formatted(expected.get("scale"), expected.get("impute")));
      try (data) {
        assertRows(data, expected.get("encoded"));
        Encoding stored = Encoding.fromJson(data.encoding().toJson());
        assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
        assertNear(
            encode(stored, golden.get("unseen")), expected.get("unseen"), "unseen of " + expected);
      }
    }
  }

  @Test
  void oneThousandQuantilesAreKeptOfMoreRows() {
    String rows =
        golden
            .get("many")
            .valueStream()
            .map(x -> x.doubleValue() + ",1")
            .collect(Collectors.joining("\n"));
    preparation.datasets.csv("t", "a,y\n" + rows + "\n");
    String input = "{\"x\":{\"columns\":[\"a\"],\"scale\":{\"a\":\"quantile\"}}}";
    try (PreparedData data = preparation.prepare(model(input, TARGET), "{\"name\":\"t\"}")) {
      assertThat(data.encoding().toJson().at("/inputs/x/columns/0/quantiles")).hasSize(1000);
      String probes =
          golden
              .get("probes")
              .valueStream()
              .map(x -> "{\"a\":" + x + "}")
              .collect(Collectors.joining(","));
      assertNear(encode(data.encoding(), json("[" + probes + "]")), golden.get("ranked"), "ranked");
    }
  }

  @Test
  void aNumberRightBelowTheLargestIsItsQuantile() {
    String rows =
        IntStream.range(0, 200).mapToObj(i -> i / 1e3 + ",1").collect(Collectors.joining("\n"));
    preparation.datasets.csv("t", "a,y\n" + rows + "\n1,1\n");
    String input = "{\"x\":{\"columns\":[\"a\"],\"scale\":\"quantile\"}}";
    try (PreparedData data = preparation.prepare(model(input, TARGET), "{\"name\":\"t\"}")) {
      float[] scaled =
          encode(data.encoding(), json("[{\"a\":1},{\"a\":" + Math.nextDown(1.0) + "}]"));
      assertThat(scaled[1]).isEqualTo(scaled[0]);
    }
  }

  @Test
  void robustIsTheFormulaByHand() {
    preparation.datasets.csv("t", "a,y\n1,1\n2,1\n3,1\n5,1\n100,1\n");
    String input = "{\"x\":{\"columns\":[\"a\"],\"scale\":\"robust\"}}";
    try (PreparedData data = preparation.prepare(model(input, TARGET), "{\"name\":\"t\"}")) {
      // The median is 3, the quartiles are 2 and 5.
      double far = 97 / 3.0;
      assertThat((double) input(data.training(), "x")[4])
          .isCloseTo(far / Math.sqrt(1 + far * far / 9), within(1e-6));
      assertThat(encode(data.encoding(), json("[{\"a\":1e300},{\"a\":-1e300},{\"a\":3}]")))
          .containsExactly(3, -3, 0);
    }
  }

  @Test
  void featuresOfATimeEqualNumpys() {
    String entry = "{\"column\":\"at\",\"features\":[\"hour\",\"weekday\",\"month\",\"linear\"]}";
    try (PreparedData data =
        prepareGolden("{\"columns\":[%s],\"scale\":\"standard\"}".formatted(entry))) {
      assertRows(data, golden.get("features"));
    }
    preparation.datasets.csv(
        "t", "at,y\n2026-03-02T06:00:00Z,1\n2026-03-08 18:30,2\n,3\n1969-12-31T23:59:59Z,4\n");
    String own =
        "{\"x\":{\"columns\":[{\"column\":\"at\",\"features\":[\"linear\",\"hour\",\"weekday\"]}],\"impute\":{\"constant\":0},\"missing_indicator\":true}}";
    try (PreparedData data = preparation.prepare(model(own, TARGET), "{\"name\":\"t\"}")) {
      float[] rows = input(data.training(), "x");
      // A Monday at six, a Sunday at half past six in the evening, nothing, a Wednesday.
      assertThat(Arrays.copyOfRange(rows, 0, 6))
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(1772431200f, 1, 0, 0, 1, 0);
      double evening = 2 * Math.PI * 18.5 / 24;
      assertThat((double) rows[7]).isCloseTo(Math.sin(evening), within(1e-6));
      assertThat((double) rows[9]).isCloseTo(Math.sin(2 * Math.PI * 6 / 7), within(1e-6));
      assertThat(rows[12]).isZero();
      assertThat(rows[17]).isEqualTo(1);
      assertThat((double) rows[21]).isCloseTo(Math.sin(2 * Math.PI * 2 / 7), within(1e-6));
      Encoding stored = Encoding.fromJson(data.encoding().toJson());
      assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
      assertThat(
              encode(
                  stored,
                  json(
                      "[{\"at\":\"2026-03-02T07:00:00+01:00\"},{\"at\":\"2026-03-08"
                          + " 18:30:00\"},{},{\"at\":\"1969-12-31T23:59:59.5Z\"}]")))
          .isEqualTo(encodedWith(rows, 18, -0.5f));
      assertThatThrownBy(() -> encode(stored, json("[{\"at\":\"yesterday\"}]")))
          .hasMessageContaining("A time such as");
    }
  }

  private static float[] encodedWith(float[] rows, int at, float element) {
    float[] own = rows.clone();
    own[at] = element;
    return own;
  }

  @Test
  void autoEncodesByTheNumberOfCategories() {
    String rows =
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    "%s,%s,%s,%d,%s,%d"
                        .formatted(
                            i % 2 == 0 ? "no" : "yes",
                            i % 3 == 0 ? "" : i % 2 == 0 ? "a" : "b",
                            "n" + i % 9,
                            i % 8,
                            i == 3 ? "" : "m" + i % 9,
                            i))
            .collect(Collectors.joining("\n"));
    preparation.datasets.csv("t", "two,gap,nine,eight,ten,y\n" + rows + "\n");
    String few =
        "{\"x\":{\"columns\":[\"two\",\"gap\",\"nine\",\"eight\"],\"encode\":\"auto\"},\"i\":{\"columns\":[\"ten\"],\"encode\":\"auto\"}}";
    try (PreparedData data =
        preparation.prepare(
            model(few, "{\"y\":{\"column\":\"y\",\"output\":\"o1\"}}", "o1", "o2"),
            "{\"name\":\"t\"}")) {
      HostTensor x = Objects.requireNonNull(data.training().inputs().get("x"));
      // A sign, two categories and a missing one, nine categories, a number.
      assertThat(x.shape().row()).isEqualTo(Shape.of(1 + 3 + 9 + 1));
      float[] first = Arrays.copyOf(x.toFloats(), 14);
      assertThat(first).containsExactly(-1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      assertThat(Objects.requireNonNull(data.training().inputs().get("i")).toLongs())
          .startsWith(0, 1, 2, 10, 4);
      Encoding stored = Encoding.fromJson(data.encoding().toJson());
      assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
      JsonNode instance =
          json("[{\"two\":\"yes\",\"gap\":null,\"nine\":\"n8\",\"eight\":3,\"ten\":\"new\"}]");
      var encoded = stored.encode(instance, "/instances", 0);
      assertThat(Objects.requireNonNull(encoded.get("x")).toFloats())
          .containsExactly(1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3);
      assertThat(Objects.requireNonNull(encoded.get("i")).toLongs()).containsExactly(9);
      assertThat(stored.columns().getLast().width()).isEqualTo(1);
    }
  }

  @Test
  void anIndicatorStandsBesideWhatFillsIn() {
    preparation.datasets.csv("t", "a,s,y\n1,p,1\n,p,2\n3,,3\n5,q,4\n");
    String input =
        "{\"x\":{\"columns\":[\"a\",\"s\",\"y\"],\"impute\":{\"a\":\"mean\",\"s\":\"most_frequent\"},\"missing_indicator\":%s}}";
    try (PreparedData data =
        preparation.prepare(model(input.formatted("true"), TARGET), "{\"name\":\"t\"}")) {
      assertThat(input(data.training(), "x"))
          .containsExactly(1, 0, 1, 0, 0, 1, 3, 1, 1, 0, 0, 2, 3, 0, 1, 0, 1, 3, 5, 0, 0, 1, 0, 4);
      Encoding stored = Encoding.fromJson(data.encoding().toJson());
      assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
      assertThat(encode(stored, json("[{\"y\":7}]"))).containsExactly(3, 1, 1, 0, 1, 7);
    }
    try (PreparedData data =
        preparation.prepare(model(input.formatted("{\"s\":true}"), TARGET), "{\"name\":\"t\"}")) {
      assertThat(data.encoding().inputShapes().get("x")).isEqualTo(Shape.of(5));
    }
  }

  @Test
  void clippedPredictionsStayWithinTheTrainingRows() {
    preparation.datasets.csv("t", "a,y\n1,0.3\n2,2.1\n3,9\n4,99\n");
    for (String scale : new String[] {"none", "standard"}) {
      String clipped =
          "{\"y\":{\"column\":\"y\",\"clip\":\"seen\",\"scale\":\"%s\"}}".formatted(scale);
      try (PreparedData data =
          preparation.prepare(
              model("{\"x\":{\"columns\":[\"a\"]}}", clipped),
              "{\"name\":\"t\",\"split\":{\"validation\":0.25,\"by\":\"file_order\"}}")) {
        // The value of the validation row was not seen.
        assertThat(target(data.validation(), "y")).hasSize(1);
        Encoding stored = Encoding.fromJson(data.encoding().toJson());
        assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
        HostTensor out = HostTensor.allocate(ElementType.FLOAT32, Shape.of(3, 1));
        out.setFloat(0, -50);
        out.setFloat(1, 0);
        out.setFloat(2, 50);
        JsonNode answers = Predictions.of(stored, Map.of("out", out), 3);
        assertThat(answers.at("/0/y").doubleValue()).isEqualTo(0.3);
        assertThat(answers.at("/2/y").doubleValue()).isEqualTo(9);
        double middle = scale.equals("none") ? 0.3 : 3.8;
        assertThat(answers.at("/1/y").doubleValue()).isCloseTo(middle, within(1e-6));
        assertThat(stored.inTargetUnits("out", out).toFloats()[2]).isEqualTo(9);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'columns': ['at'] | /columns/0 | by their features",
        "'columns': [{'column': 'a', 'features': ['hour']}] | /columns/0/features | only a column"
            + " of timestamps",
        "'columns': [{'column': 'at', 'features': ['linear']}] | /columns/0 | 'impute' can fill",
        "'columns': ['s', 'a'], 'encode': 'auto' | /columns/0 | cannot share an input",
        "'columns': ['w'], 'encode': {'w': 'index'}, 'impute': 'most_frequent',"
            + " 'missing_indicator': true | /missing_indicator | becomes an index",
      })
  void whatTheRowsCannotGiveIsRefusedAtItsPlace(String input, String at, String detail) {
    String rows =
        IntStream.range(0, 12)
            .mapToObj(
                i -> "%d,s%d,%s,%s,1".formatted(i, i, i == 0 ? "" : i, i == 0 ? "" : "2026-01-01"))
            .collect(Collectors.joining("\n"));
    preparation.datasets.csv("t", "a,s,w,at,y\n" + rows + "\n");
    preparation.assertViolation(
        model("{\"x\":{" + input.replace('\'', '"') + "}}", TARGET),
        "/model/inputs/x" + at,
        detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'columns': ['a'], 'scale': 'robust'",
        "'columns': ['a'], 'scale': {'a': 'quantile'}",
        "'columns': ['a'], 'impute': 'mean', 'missing_indicator': true",
        "'columns': [{'column': 'at', 'features': ['hour']}]",
      })
  void anInputThatCannotBeUndoneIsNoTarget(String input) {
    String second = input.contains("impute") ? "" : "7";
    preparation.datasets.csv("t", "a,at\n1,2026-01-01\n" + second + ",2026-01-01\n");
    preparation.assertViolation(
        model("{\"x\":{" + input.replace('\'', '"') + "}}", "{\"r\":{\"input\":\"x\"}}"),
        "/model/targets/r/input",
        "no prediction can be turned back");
  }

  private PreparedData prepareGolden(String input) {
    preparation.datasets.csv("g", golden.get("csv").stringValue());
    return preparation.prepare(
        model("{\"x\":" + input + "}", TARGET),
        "{\"name\":\"g\",\"split\":{\"validation\":0.25,\"by\":\"file_order\"}}");
  }

  private static void assertRows(PreparedData data, JsonNode rows) {
    int training = golden.get("training").intValue();
    assertThat(data.training().rows()).isEqualTo(training);
    float[] all = new float[rows.size() * rows.get(0).size()];
    float[] first = input(data.training(), "x");
    System.arraycopy(first, 0, all, 0, first.length);
    float[] others = input(data.validation(), "x");
    System.arraycopy(others, 0, all, first.length, others.length);
    assertNear(all, rows, "rows");
  }

  private static void assertNear(float[] elements, JsonNode expected, String what) {
    int at = 0;
    for (JsonNode row : expected) {
      for (JsonNode element : row.isArray() ? row : json("[" + row + "]")) {
        assertThat((double) elements[at])
            .as("%s, element %d", what, at)
            .isCloseTo(
                element.doubleValue(), within(2e-6 * Math.max(1, Math.abs(element.doubleValue()))));
        at++;
      }
    }
    assertThat(elements).hasSize(at);
  }

  private static float[] encode(Encoding encoding, JsonNode instances) {
    return Objects.requireNonNull(encoding.encode(instances, "/instances", 0).get("x")).toFloats();
  }
}
