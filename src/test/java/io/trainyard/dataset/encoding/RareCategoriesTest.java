package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Unknown and rare categories, and scalings by column, as scikit-learn encodes them. */
class RareCategoriesTest {
  private final TestPreparation preparation = new TestPreparation();

  private static JsonNode golden() throws IOException {
    try (InputStream in =
        RareCategoriesTest.class.getResourceAsStream("/golden/rare_categories.json")) {
      return new JsonMapper().readTree(in);
    }
  }

  private static ModelSpec rare(String encode, String unknown) {
    return model(
        """
        {"x": {"columns": ["zip", "town"], "encode": {"zip": "%1$s", "town": "%1$s"},
          "unknown": "%2$s", "min_count": 3}}
        """
            .formatted(encode, unknown),
        "{\"zip\": {\"column\": \"zip\", \"type\": \"number\"}}");
  }

  private static List<Double> elements(JsonNode rows) {
    List<Double> all = new ArrayList<>();
    rows.forEach(row -> row.forEach(element -> all.add(element.doubleValue())));
    return all;
  }

  private static List<Double> elements(HostTensor tensor) {
    List<Double> all = new ArrayList<>();
    for (long i = 0; i < tensor.shape().elements(); i++) {
      all.add(tensor.doubleAt(i));
    }
    return all;
  }

  @Test
  void rareAndUnknownCategoriesShareTheLastPlaceAsInScikitLearn() throws IOException {
    JsonNode golden = golden();
    preparation.datasets.csv("t", golden.get("csv").stringValue());
    try (PreparedData data = preparation.prepare(rare("one_hot", "index"), "{\"name\": \"t\"}")) {
      assertThat(elements(Objects.requireNonNull(data.training().inputs().get("x"))))
          .isEqualTo(elements(golden.get("one_hot")));
      Encoding stored = Encoding.fromJson(data.encoding().toJson());
      assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
      HostTensor unseen = stored.encode(golden.get("new"), "", 0).get("x");
      assertThat(elements(Objects.requireNonNull(unseen)))
          .isEqualTo(elements(golden.get("one_hot_new")));
    }
    try (PreparedData data = preparation.prepare(rare("index", "index"), "{\"name\": \"t\"}")) {
      HostTensor x = Objects.requireNonNull(data.training().inputs().get("x"));
      assertThat(x.type()).isEqualTo(ElementType.INT64);
      assertThat(elements(x)).isEqualTo(elements(golden.get("index")));
    }
  }

  @Test
  void underZerosRareCategoriesHaveNoElement() throws IOException {
    preparation.datasets.csv("t", golden().get("csv").stringValue());
    try (PreparedData data = preparation.prepare(rare("one_hot", "zeros"), "{\"name\": \"t\"}")) {
      HostTensor x =
          data.encoding()
              .encode(TestPreparation.json("[{\"zip\": 329, \"town\": \"rom\"}]"), "", 0)
              .get("x");
      assertThat(Objects.requireNonNull(x).toFloats()).containsExactly(0, 0, 0, 0, 0, 1);
    }
  }

  @Test
  void scalesAndImputationsByColumnAreScikitLearns() throws IOException {
    JsonNode golden = golden().get("by_column");
    preparation.datasets.csv("t", golden.get("csv").stringValue());
    ModelSpec model =
        model(
            """
            {"x": {"columns": ["gaps", "far", "wide", "whole"], "impute": {"gaps": "median"},
              "scale": {"gaps": "standard", "far": "unit", "whole": "minmax", "wide": null}}}
            """,
            "{\"y\": {\"columns\": [\"far\", \"whole\"], \"scale\": {\"whole\": {\"divide\": 4}}}}");
    try (PreparedData data =
        preparation.prepare(
            model,
            "{\"name\": \"t\", \"split\": {\"validation\": 0.25, \"by\": \"file_order\"}}")) {
      List<Double> expected = elements(golden.get("encoded"));
      List<Double> encoded =
          new ArrayList<>(elements(Objects.requireNonNull(data.training().inputs().get("x"))));
      encoded.addAll(elements(Objects.requireNonNull(data.validation().inputs().get("x"))));
      assertThat(encoded).hasSameSizeAs(expected);
      for (int i = 0; i < encoded.size(); i++) {
        double wanted = expected.get(i);
        assertThat(encoded.get(i))
            .as("element %d", i)
            .isCloseTo(wanted, within(1e-6 * Math.max(1, Math.abs(wanted))));
      }
      JsonNode columns = data.encoding().toJson().at("/targets/y/values/columns");
      assertThat(columns.at("/0/scale").stringValue()).isEqualTo("none");
      assertThat(columns.at("/1/scale").toString()).isEqualTo("{\"divide\":4.0}");
      JsonNode answer =
          Predictions.of(
              data.encoding(), Map.of("out", HostTensor.ofFloats(Shape.of(1, 2), 1000000f, 2f)), 1);
      assertThat(answer.at("/0/y").toString()).isEqualTo("{\"far\":1000000.0,\"whole\":8.0}");
    }
  }

  @Test
  void anObjectWithDivideOrConstantAloneIsForAllColumns() {
    preparation.datasets.csv("t", "divide,constant,y\n1,2,1\n3,,2\n");
    assertThat(scale("{'divide': 255}")).isEqualTo("[{\"divide\":255.0},{\"divide\":255.0}]");
    assertThat(scale("{'divide': 'unit'}")).isEqualTo("[\"unit\",\"none\"]");
    assertThat(scale("{'divide': {'divide': 2}}")).isEqualTo("[{\"divide\":2.0},\"none\"]");
    assertThat(scale("{'constant': 'unit'}")).isEqualTo("[\"none\",\"unit\"]");
    assertThat(scale("{}")).isEqualTo("[\"none\",\"none\"]");
  }

  private String scale(String scale) {
    ModelSpec model =
        model(
            "{\"x\": {\"columns\": [\"divide\", \"constant\"], \"scale\": %s, \"impute\": {\"constant\": {\"constant\": 7}}}}"
                .formatted(scale.replace('\'', '"')),
            "{\"y\": {\"column\": \"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\": \"t\"}")) {
      JsonNode columns = data.encoding().toJson().at("/inputs/x/columns");
      assertThat(columns.at("/0/impute").stringValue()).isEqualTo("error");
      assertThat(columns.at("/1/impute/constant").doubleValue()).isEqualTo(7);
      return List.of(columns.at("/0/scale"), columns.at("/1/scale")).toString().replace(" ", "");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'columns': ['n'], 'scale': {'m': 'unit'} | /scale/m | not a column",
        "'columns': '*', 'scale': {'gap': 'unit'} | /scale/gap | did you mean 'gaps'",
        "'columns': ['n', 'word'], 'scale': {'word': 'unit'} | /scale/word | which are not scaled",
        "'columns': ['n', 'word'], 'impute': {'word': 'mean'} | /impute/word | becomes categories",
        "'columns': ['n', 'word'], 'impute': {'n': {'constant': 'a'}, 'word': {'constant': 'b'}} | /impute/n | holds numbers",
        "'columns': ['n'], 'scale': {'n': 'standart'} | /scale/n | did you mean 'standard'",
        "'columns': ['n'], 'scale': {'n': 255} | /scale/n | {\"divide\": 255}",
        "'columns': ['n'], 'scale': {'divide': 0} | /scale/divide | other than 0",
        "'columns': ['n'], 'scale': {'divide': '2'} | /scale/divide | write it without quotes",
        "'columns': ['word'], 'min_count': 2 | /min_count | would be refused",
        "'columns': ['word'], 'unknown': 'index', 'min_count': 5 | /columns/0 | lower 'min_count'",
        "'columns': ['n'], 'encode': 'index', 'unknown': 'index' | /unknown | {\"n\": \"index\"}",
        "'columns': ['gaps'], 'unknown': 'index' | /columns/0 | has no value in 1 rows",
      })
  void aFaultNamesItsColumn(String input, String pointer, String detail) {
    preparation.datasets.csv("t", "n,word,gaps,y\n1,a,a,1\n2,b,,2\n3,b,b,3\n");
    Violations violations = new Violations();
    SpecReader.ReadModel read =
        SpecReader.readable(
            TestPreparation.json(
                """
                {"name": "m", "inputs": {"x": {%s}}, "targets": {"y": {"column": "y"}},
                 "network": {"layers": [{"type": "dense", "units": 1}]}}
                """
                    .formatted(input.replace('\'', '"'))),
            "/model",
            violations);
    if (read.isComplete()) {
      var _ =
          preparation.planner.plan(
              new Preparation(read.spec(), TestPreparation.selection("{\"name\": \"t\"}"), null),
              violations);
    }
    assertThat(violations.list())
        .anySatisfy(
            fault -> {
              assertThat(fault.pointer()).isEqualTo("/model/inputs/x" + pointer);
              assertThat(fault.detail()).contains(detail);
            });
  }
}
