package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Plots have the numbers of the network, the epochs and the evaluation. */
@ServiceTest
@Timeout(180)
class PlotHttpTest {
  private static final String SQUARES =
      """
      {"name": "squares", "inputs": {"x": {"columns": ["a", "b"]}},
       "targets": {"y": {"column": "y"}},
       "network": {"layers": [
         {"type": "dense", "name": "h", "units": 2, "activation": "tanh"},
         {"type": "dense", "name": "out", "units": 1, "activation": "sigmoid"}]}}
      """;

  @Autowired private Http http;

  /** Two neurons that change their sign at a + b = 1 and a = 0.25; the output follows the first. */
  @BeforeEach
  void importNetwork() {
    if (http.get("/v1/models/squares/versions/1").status() == 404) {
      http.importVersion(
          "squares",
          SQUARES,
          new Weights()
              .with("h.weight", Shape.of(2, 2), 1, 1, 1, 0)
              .with("h.bias", Shape.of(2), -1, -0.25f)
              .with("out.weight", Shape.of(1, 2), 2, 0)
              .with("out.bias", Shape.of(1), 0));
    }
    http.upload("corners", "a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,1\n");
  }

  private Http.Answer plot(String model, String body, String... headers) {
    return http.post("/v1/models/" + model + "/versions/1/plots", body, headers);
  }

  @Test
  void aBoundaryHasTheDecisionOfEveryCell() {
    JsonNode json =
        plot(
                "squares",
                """
                {"kind": "boundary", "x": {"column": "a", "min": -1, "max": 2}, "y": "b",
                 "dataset": {"name": "corners"}, "steps": 31}
                """)
            .expect(200)
            .json();
    assertThat(json.at("/classes").toString()).isEqualTo("[\"0\",\"1\"]");
    JsonNode x = json.at("/x/values");
    JsonNode y = json.at("/y/values");
    assertThat(x.get(0).doubleValue()).isEqualTo(-1);
    assertThat(x.get(30).doubleValue()).isEqualTo(2);
    assertThat(y.get(0).doubleValue()).isCloseTo(-0.05, within(1e-12));
    for (int row = 0; row < 31; row++) {
      for (int column = 0; column < 31; column++) {
        double sum = x.get(column).doubleValue() + y.get(row).doubleValue();
        if (Math.abs(sum - 1) > 1e-6) {
          assertThat(json.at("/values").get(row).get(column).intValue()).isEqualTo(sum > 1 ? 1 : 0);
        }
      }
    }
    assertThat(json.get("data")).hasSize(4);
    assertThat(json.at("/data/1").toString()).isEqualTo("{\"x\":0.0,\"y\":1.0,\"class\":\"1\"}");
  }

  @Test
  void neuronsHaveTheLinesOnWhichTheirSumIsZero() {
    JsonNode json =
        plot(
                "squares",
                "{\"kind\": \"neurons\", \"x\": {\"column\": \"a\", \"min\": 0, \"max\": 1},"
                    + " \"y\": {\"column\": \"b\", \"min\": 0, \"max\": 1}, \"steps\": 20}")
            .expect(200)
            .json();
    assertThat(json.get("contours")).hasSize(2);
    assertThat(json.get("data")).isEmpty();
    assertThat(json.at("/contours/0/unit").stringValue()).isEqualTo("h/0");
    for (JsonNode segment : json.at("/contours/0/segments")) {
      assertThat(segment.get(0).doubleValue() + segment.get(1).doubleValue())
          .isCloseTo(1, within(1e-6));
    }
    for (JsonNode segment : json.at("/contours/1/segments")) {
      assertThat(segment.get(0).doubleValue()).isCloseTo(0.25, within(1e-6));
    }
    assertThat(json.at("/contours/1/segments").size()).isGreaterThan(20);
  }

  @Test
  void aSurfaceHasTheNumberOfTheUnit() {
    String body =
        "{\"kind\": \"surface\", \"x\": {\"column\": \"a\", \"min\": 0, \"max\": 2}, \"y\":"
            + " {\"column\": \"b\", \"min\": 0, \"max\": 1}, \"steps\": 5 %s}";
    JsonNode output = plot("squares", body.formatted("")).expect(200).json().get("values");
    JsonNode neuron =
        plot("squares", body.formatted(", \"unit\": \"h/1\"")).expect(200).json().get("values");
    for (int row = 0; row < 5; row++) {
      for (int column = 0; column < 5; column++) {
        double a = column * 0.5;
        double b = row * 0.25;
        assertThat(output.get(row).get(column).doubleValue())
            .isCloseTo(1 / (1 + Math.exp(-2 * Math.tanh(a + b - 1))), within(1e-6));
        assertThat(neuron.get(row).get(column).doubleValue())
            .isCloseTo(Math.tanh(a - 0.25), within(1e-6));
      }
    }
  }

  @Test
  void aTrainedVersionDrawsWhatItPredictsWithItsOwnData() {
    http.sample("iris");
    http.train(
        """
        {"model": {"name": "drawn", "inputs": {"x": {"columns": ["petal_length", "petal_width", "sepal_width"], "scale": "standard"}},
           "targets": {"species": {"column": "species"}},
           "network": {"layers": [{"type": "dense", "units": 6, "activation": "relu"},
                                  {"type": "dense", "units": 3, "activation": "softmax"}]}},
         "dataset": {"name": "iris"},
         "training": {"loss": "categorical_crossentropy", "optimizer": {"type": "adam", "learning_rate": 0.05},
                      "epochs": 20, "seed": 1}}
        """);
    JsonNode json =
        plot(
                "drawn",
                "{\"kind\": \"boundary\", \"x\": \"petal_length\", \"y\": \"petal_width\","
                    + " \"fixed\": {\"sepal_width\": 3}, \"steps\": 12}")
            .expect(200)
            .json();
    assertThat(json.get("data")).hasSize(150);
    for (int cell : new int[] {0, 17, 40, 77, 100, 143}) {
      String instance =
          "{\"petal_length\": %s, \"petal_width\": %s, \"sepal_width\": 3}"
              .formatted(
                  json.at("/x/values").get(cell % 12).doubleValue(),
                  json.at("/y/values").get(cell / 12).doubleValue());
      JsonNode answer =
          http.post("/v1/models/drawn/predict", "{\"instances\": [" + instance + "]}").json();
      int index = json.at("/values").get(cell / 12).get(cell % 12).intValue();
      assertThat(json.at("/classes").get(index).stringValue())
          .isEqualTo(answer.at("/predictions/0/species").stringValue());
    }
    JsonNode usual =
        plot(
                "drawn",
                "{\"kind\": \"surface\", \"x\": \"petal_length\", \"y\": \"petal_width\","
                    + " \"unit\": \"species/2\", \"steps\": 3}")
            .expect(200)
            .json();
    assertThat(usual.get("meaning").stringValue()).isEqualTo("probability of virginica");
    assertThat(usual.at("/values/2/2").doubleValue()).isBetween(0.5, 1.0);
  }

  @Test
  void acceptChoosesTheForm() {
    String body =
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"b\", \"dataset\": {\"name\":"
            + " \"corners\"}}";
    Http.Answer png = plot("squares", body, "Accept", "image/png").expect(200);
    assertThat(png.contentType()).isEqualTo("image/png");
    assertThat(png.bytes()).startsWith(0x89, 'P', 'N', 'G');
    Http.Answer svg = plot("squares", body, "Accept", "image/svg+xml, image/png;q=0.5").expect(200);
    assertThat(svg.contentType()).startsWith("image/svg+xml");
    assertThat(svg.text()).contains("<svg").contains("data:image/png");
    assertThat(plot("squares", body, "Accept", "*/*").contentType()).startsWith("application/json");
    plot("squares", body, "Accept", "text/csv").expectProblem(406, "not_acceptable");
    http.post("/v1/models/squares/versions/1/plots?width=50", body)
        .expectProblem(400, "invalid_parameter");
    // A refusal is a problem, whatever picture was asked for.
    plot("squares", "{}", "Accept", "image/png").expectProblem(422, "invalid_body");
  }

  @Test
  void aLargeBoundaryTakesLessThanASecond() {
    String body =
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"b\", \"dataset\": {\"name\": \"corners\"},"
            + " \"steps\": 400}";
    Duration best = Duration.ofDays(1);
    for (int i = 0; i < 5; i++) {
      Instant start = Instant.now();
      plot("squares", body, "Accept", "image/png").expect(200);
      Duration took = Duration.between(start, Instant.now());
      best = took.compareTo(best) < 0 ? took : best;
    }
    assertThat(best).isLessThan(Duration.ofSeconds(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"x\": \"a\", \"y\": \"b\"} | /kind | is required",
        "{\"kind\": \"plane\", \"x\": \"a\", \"y\": \"b\"} | /kind | boundary, neurons, surface",
        "{\"kind\": \"boundary\", \"y\": \"b\"} | /x | is required",
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"a\"} | /y | Another column",
        "{\"kind\": \"boundary\", \"x\": \"c\", \"y\": \"b\"} | /x | they read [a, b]",
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"b\"} | /x | give its range",
        "{\"kind\": \"boundary\", \"x\": {\"column\": \"a\", \"min\": 1, \"max\": 0}, \"y\": \"b\"}"
            + " | /x/max | above min",
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"b\", \"dataset\": {\"name\": \"none\"}} |"
            + " /dataset | There is no dataset 'none'",
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"b\", \"steps\": 401} | /steps | ",
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"b\", \"dataset\": {\"name\": \"corners\"},"
            + " \"fixed\": {\"a\": 1}} | /fixed/a | is an axis",
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"b\", \"dataset\": {\"name\": \"corners\"},"
            + " \"fixed\": {\"z\": 1}} | /fixed/z | they read",
        "{\"kind\": \"surface\", \"x\": \"a\", \"y\": \"b\", \"dataset\": {\"name\": \"corners\"},"
            + " \"unit\": \"q\"} | /unit | the layers are [h, out]",
        "{\"kind\": \"surface\", \"x\": \"a\", \"y\": \"b\", \"dataset\": {\"name\": \"corners\"},"
            + " \"unit\": \"h/2\"} | /unit | units 0 to 1",
        "{\"kind\": \"neurons\", \"x\": \"a\", \"y\": \"b\", \"dataset\": {\"name\": \"corners\"},"
            + " \"unit\": \"y\"} | /unit | there are [h, out]",
        "{\"kind\": \"boundary\", \"x\": \"a\", \"y\": \"b\", \"step\": 4} | /step | ",
      })
  void aFaultHasItsPlace(String body, String pointer, String detail) {
    plot("squares", body).expectFault(pointer, detail == null ? "" : detail);
  }

  @Test
  void plotsOfAJobHaveTheNumbersOfItsEpochsEvaluationAndWeights() {
    http.sample("iris");
    JsonNode job =
        http.train(
            """
            {"model": {"name": "job-drawn", "inputs": {"x": {"columns": ["petal_length", "petal_width"], "scale": "standard"}},
               "targets": {"species": {"column": "species"}, "sepal_width": {"column": "sepal_width"}},
               "network": {"layers": [{"type": "dense", "name": "h", "units": 4, "activation": "tanh"},
                 {"type": "dense", "name": "species", "units": 3, "activation": "softmax", "inputs": ["h"]},
                 {"type": "dense", "name": "sepal_width", "units": 1, "inputs": ["h"]}],
                 "outputs": ["species", "sepal_width"]}},
             "dataset": {"name": "iris", "split": {"validation": 0.2, "test": 0.2}},
             "training": {"losses": {"species": "categorical_crossentropy", "sepal_width": "mse"},
                          "epochs": 6, "seed": 1, "metrics": {"species": ["accuracy"]}}}
            """);
    String path = "/v1/jobs/" + job.get("id").stringValue();
    JsonNode evaluation = http.get(path + "/evaluation").json();

    JsonNode curves = http.get(path + "/plots/curves?metric=species_accuracy").expect(200).json();
    JsonNode epochs = http.get(path + "/metrics").json().get("epochs");
    assertThat(curves.get("series")).hasSize(2);
    for (int i = 0; i < 6; i++) {
      assertThat(curves.at("/series/0/y/" + i))
          .isEqualTo(Http.given(epochs.get(i).get("species_accuracy")));
      assertThat(curves.at("/series/1/y/" + i))
          .isEqualTo(Http.given(epochs.get(i).get("val_species_accuracy")));
    }
    assertThat(http.get(path + "/plots/confusion").expect(200).json().get("values"))
        .isEqualTo(Http.given(evaluation.at("/confusion/species/counts")));
    JsonNode roc = http.get(path + "/plots/roc?target=species").expect(200).json();
    assertThat(roc.get("series")).hasSize(4);
    assertThat(roc.at("/series/0/x/1"))
        .isEqualTo(Http.given(evaluation.at("/roc/species/setosa/points/1/false_positive_rate")));
    JsonNode points = evaluation.at("/regression/sepal_width/points");
    JsonNode predicted = http.get(path + "/plots/predicted").expect(200).json();
    JsonNode residuals = http.get(path + "/plots/residuals").expect(200).json();
    for (int i = 0; i < points.size(); i++) {
      assertThat(predicted.at("/series/0/x/" + i)).isEqualTo(Http.given(points.get(i).get("true")));
      assertThat(predicted.at("/series/0/y/" + i))
          .isEqualTo(Http.given(points.get(i).get("predicted")));
      assertThat(residuals.at("/series/0/y/" + i).doubleValue())
          .isEqualTo(
              points.get(i).get("true").doubleValue()
                  - points.get(i).get("predicted").doubleValue());
    }
    JsonNode weights = http.get(path + "/plots/weights?layer=species").expect(200).json();
    JsonNode tensor = http.get("/v1/models/job-drawn/versions/1/weights/species.weight").json();
    assertThat(weights.at("/values/2/3").floatValue())
        .isEqualTo(tensor.at("/values/2/3").floatValue());

    for (String kind :
        new String[] {"curves", "confusion", "roc", "residuals", "predicted", "weights"}) {
      assertThat(http.get(path + "/plots/" + kind, "Accept", "image/png").expect(200).bytes())
          .startsWith(0x89, 'P', 'N', 'G');
      assertThat(http.get(path + "/plots/" + kind, "Accept", "image/svg+xml").expect(200).text())
          .contains("<svg");
    }
    http.get(path + "/plots/pie").expectProblem(400, "invalid_parameter");
    http.get(path + "/plots/curves?metric=rmse").expectProblem(400, "invalid_parameter");
    http.get(path + "/plots/roc?target=sepal_width").expectProblem(400, "invalid_parameter");
    http.get(path + "/plots/weights?layer=q").expectProblem(400, "invalid_parameter");
    http.get(path + "/plots/curves?layer=h").expectProblem(400, "invalid_parameter");
    http.get("/v1/jobs/00000000-0000-0000-0000-000000000000/plots/curves")
        .expectProblem(404, "job_not_found");
  }
}
