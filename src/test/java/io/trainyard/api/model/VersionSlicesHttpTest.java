package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.engine.Golden;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Groups of rows have scikit-learn's metrics, and intervals by the same draws. */
@ServiceTest
@Timeout(120)
class VersionSlicesHttpTest {
  private static final JsonNode GOLDEN = Golden.read("slices.json");

  /** The outputs of a network are 32-bit numbers. */
  private static final double TOLERANCE = 2e-6;

  @Autowired private Http http;

  /** The golden rows, and a version with known weights of what a golden member names. */
  private void importGolden(String model, String target, String activation, JsonNode known) {
    String header =
        GOLDEN
            .get("header")
            .valueStream()
            .map(JsonNode::stringValue)
            .collect(Collectors.joining(","));
    String rows =
        GOLDEN
            .get("rows")
            .valueStream()
            .map(
                row ->
                    row.valueStream().map(JsonNode::stringValue).collect(Collectors.joining(",")))
            .collect(Collectors.joining("\n"));
    http.upload(model, header + "\n" + rows + "\n");
    http.importVersion(
        model,
        """
        {"name": "%s", "inputs": {"x": {"columns": ["a", "b"]}}, "targets": {%s},
         "network": {"layers": [{"type": "dense", "name": "d", "units": 1, "activation": "%s"}]}}
        """
            .formatted(model, target, activation),
        new Weights()
            .with(
                "d.weight",
                Shape.of(1, 2),
                known.at("/weights/0").floatValue(),
                known.at("/weights/1").floatValue())
            .with("d.bias", Shape.of(1), known.get("bias").floatValue()));
  }

  private void importNumbers(String model) {
    importGolden(model, "\"y\": {\"column\": \"y\"}", "linear", GOLDEN.get("number"));
  }

  private Http.Answer evaluate(String model, String members) {
    return http.post(
        "/v1/models/" + model + "/versions/1/evaluation",
        "{\"dataset\": {\"name\": \"%s\"}%s}".formatted(model, members));
  }

  private static void assertMeasured(String what, JsonNode own, JsonNode golden) {
    golden
        .get("metrics")
        .properties()
        .forEach(
            each -> {
              String metric = each.getKey();
              String as = what + " " + metric;
              JsonNode value = own.at("/metrics/" + metric);
              JsonNode interval = own.at("/metric_intervals/" + metric);
              JsonNode wanted = golden.at("/metric_intervals/" + metric);
              if (each.getValue().isNull()) {
                assertThat(value.isNull()).as(as).isTrue();
                assertThat(own.at("/metric_notes/" + metric).isString()).as(as).isTrue();
              } else {
                assertClose(as, value, each.getValue());
              }
              if (wanted.isNull()) {
                assertThat(interval.isNull()).as(as).isTrue();
                assertThat(own.at("/interval_notes/" + metric).isString()).as(as).isTrue();
              } else {
                assertClose(as + " low", interval.get(0), wanted.get(0));
                assertClose(as + " high", interval.get(1), wanted.get(1));
              }
            });
  }

  private static void assertClose(String as, JsonNode given, JsonNode wanted) {
    double number = wanted.doubleValue();
    assertThat(given.isNumber()).as("%s: %s", as, given).isTrue();
    assertThat(given.doubleValue())
        .as(as)
        .isCloseTo(number, within(TOLERANCE * (1 + Math.abs(number))));
  }

  private static void assertGolden(JsonNode slices, JsonNode golden) {
    assertMeasured("all", slices.get("all"), golden.get("all"));
    assertThat(slices.get("columns").propertyNames())
        .isEqualTo(golden.get("columns").propertyNames());
    golden
        .get("columns")
        .properties()
        .forEach(
            column -> {
              List<JsonNode> groups =
                  slices.at("/columns/" + column.getKey() + "/groups").valueStream().toList();
              assertThat(groups).as(column.getKey()).hasSize(column.getValue().size());
              for (int i = 0; i < groups.size(); i++) {
                JsonNode own = groups.get(i);
                JsonNode wanted = column.getValue().get(i);
                String what = column.getKey() + " " + own.get("group");
                assertThat(own.get("rows").intValue())
                    .as(what)
                    .isEqualTo(wanted.get("rows").intValue());
                assertThat(own.path("small").asBoolean(false))
                    .as(what)
                    .isEqualTo(wanted.get("rows").intValue() < 30);
                if (own.has("from")) {
                  assertThat(own.get("to").isValueNode()).as(what).isTrue();
                } else {
                  assertThat(own.get("group")).as(what).isEqualTo(wanted.get("group"));
                }
                assertMeasured(what, own, wanted);
              }
            });
  }

  @Test
  void numbersHaveTheMetricsAndIntervalsOfScikitLearn() {
    importNumbers("slices-numbers");
    JsonNode json =
        evaluate(
                "slices-numbers",
                """
                , "metrics": ["mse", "mae", "r2"],
                "slices": ["sex", "member", "visits", "age", "score", "at"]
                """)
            .expect(200)
            .json();
    JsonNode slices = json.get("slices");
    assertThat(slices.get("level").doubleValue()).isEqualTo(0.95);
    assertThat(slices.at("/all/resamples").intValue()).isEqualTo(1000);
    assertThat(slices.get("seed").intValue()).isZero();
    assertGolden(slices, GOLDEN.get("numbers"));
    assertThat(slices.at("/columns/age/by").stringValue()).isEqualTo("quartile");
    assertThat(slices.at("/columns/visits/by").stringValue()).isEqualTo("value");
    // The errors of men are three times as large, and no other column says anything.
    JsonNode gap = slices.at("/columns/sex/largest_gaps/mae");
    assertThat(gap.get("lowest").stringValue()).isEqualTo("f");
    assertThat(gap.get("highest").stringValue()).isEqualTo("m");
    assertThat(gap.get("intervals_overlap").booleanValue()).isFalse();
    assertThat(gap.get("difference").doubleValue()).isGreaterThan(0.3);
  }

  @Test
  void classesHaveTheMetricsAndIntervalsOfScikitLearn() {
    importGolden(
        "slices-classes",
        "\"k\": {\"column\": \"k\", \"classes\": [\"no\", \"yes\"]}",
        "sigmoid",
        GOLDEN.get("class"));
    JsonNode slices =
        evaluate(
                "slices-classes",
                ", \"metrics\": [\"accuracy\", \"auc\", \"log_loss\"], \"slices\": [\"sex\", \"town\"]")
            .expect(200)
            .json()
            .get("slices");
    assertGolden(slices, GOLDEN.get("classes"));
    List<JsonNode> towns = slices.at("/columns/town/groups").valueStream().toList();
    assertThat(towns).hasSize(20);
    assertThat(towns.getLast().get("group").stringValue()).isEqualTo("other");
    assertThat(towns.getLast().get("pooled").intValue()).isGreaterThan(1);
    JsonNode oneClass =
        towns.stream()
            .filter(each -> each.get("group").asString("").equals("t05"))
            .findFirst()
            .orElseThrow();
    assertThat(oneClass.at("/metrics/auc").isNull()).isTrue();
    assertThat(oneClass.at("/metric_notes/auc").stringValue())
        .contains("all rows are of one class");
  }

  @Test
  void importancesAreThoseOfTheSamePermutations() {
    importNumbers("slices-importance");
    JsonNode wanted = GOLDEN.get("importance");
    String members =
        ", \"importance\": {\"type\": \"permutation\", \"repeats\": %d, \"seed\": %d}"
            .formatted(wanted.get("repeats").intValue(), wanted.get("seed").intValue());
    JsonNode json = evaluate("slices-importance", members).expect(200).json();
    JsonNode importance = json.get("importance");
    assertThat(importance.get("type").stringValue()).isEqualTo("permutation");
    assertThat(importance.get("metric").stringValue()).isEqualTo("error");
    assertThat(importance.get("repeats")).isEqualTo(wanted.get("repeats"));
    assertThat(importance.get("seed").intValue()).isEqualTo(wanted.get("seed").intValue());
    assertThat(importance.get("level").doubleValue()).isEqualTo(0.95);
    wanted
        .get("columns")
        .properties()
        .forEach(
            column -> {
              JsonNode own = importance.at("/columns/" + column.getKey());
              assertClose(column.getKey(), own.get("mean"), column.getValue().get("mean"));
              assertClose(column.getKey(), own.get("std"), column.getValue().get("std"));
              for (int end = 0; end < 2; end++) {
                assertClose(
                    column.getKey(),
                    own.at("/interval/" + end),
                    column.getValue().at("/interval/" + end));
              }
            });
    // The older name of the member, which then names the answer, too.
    JsonNode older =
        evaluate(
                "slices-importance",
                members
                    .replace("\"importance\"", "\"permutation_importance\"")
                    .replace("\"type\": \"permutation\", ", ""))
            .expect(200)
            .json();
    assertThat(older.get("permutation_importance")).isEqualTo(Http.given(importance));
    assertThat(older.has("importance")).isFalse();
    JsonNode once =
        evaluate("slices-importance", members.replace("\"repeats\": 6", "\"repeats\": 1"))
            .expect(200)
            .json();
    assertThat(once.at("/importance/columns/a/interval").isNull()).isTrue();
  }

  @Test
  void aColumnThatIsNoInputGroupsRowsAndTheRestOfTheAnswerStays() {
    importNumbers("slices-same");
    JsonNode without = evaluate("slices-same", "").expect(200).json();
    JsonNode json =
        evaluate("slices-same", ", \"slices\": [\"town\", \"town\"]").expect(200).json();
    assertThat(json.at("/slices/columns").propertyNames()).containsExactly("town");
    assertThat(json.at("/slices/all/metrics/mse"))
        .isEqualTo(Http.given(without.at("/metrics/mse")));
    without
        .properties()
        .forEach(each -> assertThat(json.get(each.getKey())).isEqualTo(each.getValue()));
    assertThat(evaluate("slices-same", ", \"slices\": [\"town\"]").json()).isEqualTo(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"slices\": [\"sexx\"] | /slices/0 | has no column 'sexx'; did you mean 'sex'?",
        "\"slices\": [\"sex\", \"id\"] | /slices/1 | 240 different values in 240 rows",
        "\"slices\": [\"sex\", \"sex\", \"zzz\"] | /slices/2 | has no column 'zzz'",
        "\"slices\": [\"sex\", \"sex\", \"id\"] | /slices/2 | 240 different values in 240 rows",
        "\"slices\": \"sex\" | /slices | write [\"sex\"]",
        "\"slices\": [7] | /slices/0 | A string was expected",
        "\"slices\": [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",\"j\",\"k\"] | /slices | At most 10",
        "\"importance\": \"luck\" | /importance | One of permutation was expected",
        "\"importance\": \"permutatoin\" | /importance | did you mean 'permutation'?",
        "\"importance\": 5 | /importance | ",
        "\"importance\": {\"repeats\": 5} | /importance/type | 'type' is required",
        "\"importance\": {\"type\": \"permutation\", \"repeats\": 101} | /importance/repeats | from 1 to 100",
        "\"importance\": {\"type\": \"permutation\", \"columns\": [\"c\"]} | /importance/columns/0 | they read [a, b]",
        "\"importance\": {\"type\": \"permutation\", \"often\": 1} | /importance/often | ",
        "\"importance\": \"permutation\", \"permutation_importance\": {} | /permutation_importance | older name",
      })
  void aFaultHasItsPlace(String members, String pointer, String detail) {
    String model = "slices-refused";
    StringBuilder csv = new StringBuilder("a,b,sex,y,id\n");
    for (int i = 0; i < 240; i++) {
      csv.append("%d,%d,%s,%d,row%d%n".formatted(i % 7, i % 5, i % 3 == 0 ? "f" : "m", i % 11, i));
    }
    http.upload(model, csv.toString());
    http.importVersion(
        model,
        """
        {"name": "slices-refused", "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "dense", "name": "d", "units": 1}]}}
        """,
        new Weights().with("d.weight", Shape.of(1, 2), 1, 2).with("d.bias", Shape.of(1), 0));
    evaluate(model, ", " + members).expectFault(pointer, detail == null ? "" : detail);
  }

  /** All faults are told at once, with those of the dataset. */
  @Test
  void faultsOfDifferentMembersAreToldTogether() {
    importNumbers("slices-faults");
    JsonNode errors =
        evaluate(
                "slices-faults",
                ", \"slices\": [\"nothing\"], \"metrics\": [\"luck\"], \"importance\": {\"type\": \"permutation\", \"columns\": [\"c\"]}")
            .expectProblem(422, "invalid_body")
            .json()
            .get("errors");
    assertThat(errors.valueStream().map(each -> each.get("pointer").stringValue()))
        .containsExactlyInAnyOrder("/slices/0", "/metrics/0", "/importance/columns/0");
  }

  /** An image is one column, which moves as a whole. */
  @Test
  void imagesArePermutedAsAWholeAndMakeNoGroups() {
    http.sample("digits");
    JsonNode job =
        http.train(
            """
            {"model": {"name": "slices-digits", "inputs": {"x": {"column": "image", "scale": {"divide": 255}}},
               "targets": {"label": {"column": "label"}},
               "network": {"layers": [{"type": "flatten"}, {"type": "dense", "units": 10, "activation": "softmax"}]}},
             "dataset": {"name": "digits", "split": {"test": 0.25}},
             "training": {"loss": "categorical_crossentropy", "epochs": 2, "seed": 1}}
            """);
    assertThat(job.get("state").stringValue()).as("%s", job).isEqualTo("succeeded");
    String path = "/v1/jobs/" + job.get("id").stringValue() + "/evaluation?slices=";
    JsonNode json = http.get(path + "label&importance=permutation").expect(200).json();
    assertThat(json.at("/importance/columns").propertyNames()).containsExactly("image");
    assertThat(json.at("/importance/columns/image/mean").doubleValue()).isPositive();
    assertThat(json.at("/slices/columns/label/groups").size()).isEqualTo(10);
    assertThat(
            http.get(path + "image")
                .expectProblem(400, "invalid_parameter")
                .json()
                .get("detail")
                .stringValue())
        .contains("slices: ", "'image' has a tensor in each row");
  }
}
