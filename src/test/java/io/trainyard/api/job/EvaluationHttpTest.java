package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The evaluation of a job is what a caller computes from the answers, and outlives the data. */
@ServiceTest
@Timeout(120)
class EvaluationHttpTest {
  private static final int ROWS = 40;

  @Autowired private Http http;

  /** Of ten columns, so that rows differ; the class and the number follow from them. */
  private static String csv() {
    StringBuilder csv = new StringBuilder("a,b,kind,price,part\n");
    for (int i = 0; i < ROWS; i++) {
      csv.append("%s,%s,%s,%s,%d%n".formatted(a(i), b(i), kind(i), price(i), i));
    }
    return csv.toString();
  }

  private static double a(int row) {
    return row * 7 % 11 - 5;
  }

  private static double b(int row) {
    return row * 5 % 9 - 4;
  }

  private static String kind(int row) {
    return row % 13 == 0 ? "odd" : a(row) + b(row) > 0 ? "high" : "low";
  }

  private static double price(int row) {
    return 100 + 10 * a(row) + row % 4;
  }

  private JsonNode evaluation(JsonNode job) {
    return http.get("/v1/jobs/" + job.get("id").stringValue() + "/evaluation").expect(200).json();
  }

  private List<JsonNode> answers(String model, int from, int to) {
    List<String> instances =
        IntStream.range(from, to)
            .mapToObj(row -> "{\"a\": %s, \"b\": %s}".formatted(a(row), b(row)))
            .toList();
    JsonNode answer =
        http.post("/v1/models/" + model + "/predict", "{\"instances\": " + instances + "}")
            .expect(200)
            .json();
    return answer.get("predictions").valueStream().toList();
  }

  @Test
  void classesAndWorstRowsAreThoseOfTheAnswers() {
    http.upload("evaluated", csv());
    JsonNode job =
        http.train(
            """
            {"model": {"name": "evaluated", "inputs": {"x": {"columns": ["a", "b"]}},
               "targets": {"kind": {"column": "kind"}},
               "network": {"layers": [{"type": "dense", "units": 3, "activation": "softmax"}]}},
             "dataset": {"name": "evaluated", "where": "part >= 4",
                         "split": {"test": 0.5, "by": "file_order"}},
             "training": {"loss": "categorical_crossentropy", "epochs": 3, "seed": 1,
                          "metrics": ["accuracy"]}}
            """);
    JsonNode evaluation = evaluation(job);

    assertThat(evaluation.get("part").stringValue()).isEqualTo("test");
    assertThat(evaluation.get("rows").intValue()).isEqualTo(18);
    assertThat(evaluation.at("/metrics/accuracy"))
        .isEqualTo(Http.given(job.at("/metrics/test_accuracy")));
    assertThat(evaluation.at("/metrics/loss")).isEqualTo(Http.given(job.at("/metrics/test_loss")));
    List<String> classes = List.of("high", "low", "odd");
    assertThat(evaluation.at("/confusion/kind/classes").valueStream().map(JsonNode::stringValue))
        .isEqualTo(classes);
    List<JsonNode> answers = answers("evaluated", 22, ROWS);
    long[][] counts = new long[3][3];
    double[] losses = new double[answers.size()];
    for (int i = 0; i < losses.length; i++) {
      String truth = kind(22 + i);
      counts[classes.indexOf(truth)][classes.indexOf(answers.get(i).get("kind").stringValue())]++;
      losses[i] = -Math.log(answers.get(i).get("probabilities").get(truth).doubleValue());
    }
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(evaluation.at("/confusion/kind/counts/" + i + "/" + j).longValue())
            .isEqualTo(counts[i][j]);
      }
    }
    List<Integer> worst =
        IntStream.range(0, losses.length)
            .boxed()
            .sorted(Comparator.comparingDouble(row -> -losses[row]))
            .toList();
    JsonNode rows = evaluation.get("worst_rows");
    assertThat(rows).hasSize(18);
    for (int i = 0; i < 5; i++) {
      // The rows that 'where' selects start with the dataset's fifth.
      assertThat(rows.get(i).get("row").intValue()).isEqualTo(worst.get(i) + 18 + 1);
      assertThat(rows.get(i).get("loss").doubleValue())
          .isCloseTo(losses[worst.get(i)], within(1e-5));
    }

    http.delete("/v1/datasets/evaluated/versions/1").expect(204);
    assertThat(evaluation(job)).isEqualTo(evaluation);
  }

  @Test
  void numbersAreInTheirOwnUnitsAndRowsOfARandomSplitKeepTheirNumbers() {
    http.upload("priced", csv());
    JsonNode job =
        http.train(
            """
            {"model": {"name": "priced",
               "inputs": {"x": {"columns": ["a", "b"], "scale": "standard"}},
               "targets": {"price": {"column": "price", "scale": "standard"}},
               "network": {"layers": [{"type": "dense", "units": 1}]}},
             "dataset": {"name": "priced", "split": {"validation": 0.25}},
             "training": {"loss": "mse", "epochs": 3, "seed": 5, "metrics": ["rmse", "r2"]}}
            """);
    JsonNode evaluation = evaluation(job);

    assertThat(evaluation.get("part").stringValue()).isEqualTo("validation");
    JsonNode report = evaluation.at("/regression/price");
    assertThat(report.get("rmse").doubleValue())
        .isCloseTo(job.at("/best/val_rmse").doubleValue(), within(1e-4));
    assertThat(report.get("r2").doubleValue())
        .isCloseTo(job.at("/best/val_r2").doubleValue(), within(1e-5));
    List<JsonNode> answers = answers("priced", 0, ROWS);
    List<Integer> rows = new ArrayList<>();
    for (JsonNode point : report.get("points")) {
      int row = point.get("row").intValue() - 1;
      rows.add(row);
      assertThat(point.get("true").doubleValue()).isCloseTo(price(row), within(1e-4));
      assertThat(point.get("predicted").doubleValue())
          .isCloseTo(answers.get(row).get("price").doubleValue(), within(1e-3));
    }
    assertThat(rows).hasSize(10).doesNotHaveDuplicates().isSorted();
    for (JsonNode row : evaluation.get("worst_rows")) {
      assertThat(rows).contains(row.get("row").intValue() - 1);
    }
  }

  @Test
  void aWindowHasTheNumberOfItsLastRow() {
    http.upload("windowed", csv());
    JsonNode job =
        http.train(
            """
            {"model": {"name": "windowed",
               "inputs": {"x": {"columns": ["a"], "window": {"length": 3, "order_by": "part"}}},
               "targets": {"price": {"column": "price"}},
               "network": {"layers": [{"type": "flatten"}, {"type": "dense", "units": 1}]}},
             "dataset": {"name": "windowed", "split": {"test": 0.25}},
             "training": {"loss": "mse", "epochs": 1, "seed": 5}}
            """);
    JsonNode points = evaluation(job).at("/regression/price/points");
    assertThat(points).hasSize(8);
    for (int i = 0; i < 8; i++) {
      assertThat(points.get(i).get("row").intValue()).isEqualTo(ROWS - 8 + i + 1);
      assertThat(points.get(i).get("true").doubleValue())
          .isCloseTo(price(ROWS - 8 + i), within(1e-4));
    }
  }

  @Test
  void aYesOrNoNumberHasClassesToo() {
    http.sample("xor");
    JsonNode job =
        http.train(
            """
            {"model": {"name": "evaluated-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
               "targets": {"y": {"column": "y"}},
               "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
             "dataset": {"name": "xor"},
             "training": {"loss": "binary_crossentropy", "epochs": 1, "seed": 1}}
            """);
    JsonNode evaluation = evaluation(job);
    assertThat(evaluation.get("part").stringValue()).isEqualTo("training");
    assertThat(evaluation.at("/confusion/y/classes").toString()).isEqualTo("[\"0\",\"1\"]");
    assertThat(evaluation.at("/per_class/y/1/support").intValue()).isEqualTo(2);
    assertThat(evaluation.at("/roc/y/1/points").size()).isGreaterThan(1);
    assertThat(evaluation.at("/regression")).isEmpty();
  }

  @Test
  void oneHotColumnsAreClassesToo() {
    http.upload("one-hot", "a,red,blue\n1,1,0\n2,1,0\n3,0,1\n4,0,1\n5,0,1\n");
    JsonNode job =
        http.train(
            """
            {"model": {"name": "one-hot", "inputs": {"x": {"columns": ["a"]}},
               "targets": {"colour": {"columns": ["red", "blue"]}},
               "network": {"layers": [{"type": "dense", "units": 2, "activation": "softmax"}]}},
             "dataset": {"name": "one-hot"},
             "training": {"loss": "categorical_crossentropy", "epochs": 1, "seed": 1}}
            """);
    JsonNode evaluation = evaluation(job);
    assertThat(evaluation.at("/per_class/colour/red/support").intValue()).isEqualTo(2);
    assertThat(evaluation.at("/per_class/colour/blue/support").intValue()).isEqualTo(3);
  }

  @Test
  void aJobWithoutOneSaysWhy() {
    http.get("/v1/jobs/00000000-0000-0000-0000-000000000000/evaluation")
        .expectProblem(404, "job_not_found");
    http.upload("endless", csv());
    String path =
        http.submit(
            """
            {"model": {"name": "endless", "inputs": {"x": {"columns": ["a", "b"]}},
               "targets": {"price": {"column": "price"}},
               "network": {"layers": [{"type": "dense", "units": 1}]}},
             "dataset": {"name": "endless"},
             "training": {"loss": "mse", "epochs": 1000000, "seed": 1}}
            """);
    assertThat(
            http.get(path + "/evaluation")
                .expectProblem(404, "evaluation_not_found")
                .json()
                .get("detail")
                .stringValue())
        .contains("is evaluated at its end");
    http.post(path + "/cancel");
    http.await(path);
    assertThat(http.get(path + "/evaluation").json().get("detail").stringValue())
        .contains("it is cancelled, and published nothing");
  }
}
