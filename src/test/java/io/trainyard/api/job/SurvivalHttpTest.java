package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.engine.survival.SurvivalRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Survival targets from submission to every answer. */
@ServiceTest
@Timeout(120)
class SurvivalHttpTest {
  private static final int ROWS = 120;

  private static final String JOB =
      """
      {"model": {"name": "%1$s", "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"risk": {"type": "survival", "columns": ["time", "%2$s"]}},
         "network": {"layers": [{"type": "dense", "units": 6, "activation": "tanh"},
                                {"type": "dense", "units": 1, "name": "out"}]}},
       "dataset": {"name": "survival", "split": {"validation": 0.25, "stratify": "died"}},
       "training": {"loss": "cox", "metrics": ["concordance"], "epochs": 4, "batch_size": 16,
         "seed": 3, "optimizer": {"type": "adam", "learning_rate": 0.05}%3$s}%4$s}
      """;

  @Autowired private Http http;

  private final List<double[]> rows = new ArrayList<>();

  @BeforeEach
  void upload() {
    Random random = new Random(5);
    StringBuilder csv = new StringBuilder("a,b,time,died,dead,twice\n");
    for (int i = 0; i < ROWS; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      // Whole days tie often.
      int time = 1 + (int) (20 * Math.exp(-a) * random.nextDouble());
      int died = random.nextDouble() < 0.7 ? 1 : 0;
      rows.add(new double[] {a, b, time, died});
      csv.append(a).append(',').append(b).append(',').append(time).append(',').append(died);
      csv.append(',').append(died == 1).append(',').append(2 * died).append('\n');
    }
    http.upload("survival", csv.toString());
  }

  private static String job(String name, String more) {
    return JOB.formatted(name, "died", more, "");
  }

  @Test
  void everyAnswerIsOneLogRiskAndEveryNumberIsRecomputedFromIt() {
    JsonNode done =
        http.train(
            JOB.formatted(
                "cox",
                "dead",
                ", \"early_stopping\": {\"monitor\": \"val_concordance\", \"patience\": 9}",
                ", \"on_success\": {\"alias\": \"production\","
                    + " \"when\": {\"val_concordance\": {\"min\": 0.55}}}"));
    assertThat(done.at("/result/alias/moved").booleanValue()).as(done.toString()).isTrue();
    assertThat(done.get("warnings").findValuesAsString("code")).doesNotContain("bounded_output");

    StringBuilder instances = new StringBuilder();
    for (double[] row : rows) {
      instances.append(instances.isEmpty() ? "" : ",");
      instances.append("{\"a\":").append(row[0]).append(",\"b\":").append(row[1]).append('}');
    }
    JsonNode answers =
        http.post("/v1/models/cox/predict", "{\"instances\": [" + instances + "]}")
            .expect(200)
            .json()
            .get("predictions");
    SurvivalRows recomputed = new SurvivalRows();
    for (int i = 0; i < ROWS; i++) {
      assertThat(answers.get(i).get("risk").isNumber()).isTrue();
      recomputed.add(answers.get(i).get("risk").doubleValue(), rows.get(i)[2], rows.get(i)[3]);
    }
    JsonNode evaluation =
        http.post("/v1/models/cox/versions/1/evaluation", "{\"dataset\": {\"name\": \"survival\"}}")
            .expect(200)
            .json();
    assertClose(evaluation.get("metrics"), "concordance", recomputed.concordance());
    assertClose(evaluation.get("metrics"), "loss", recomputed.likelihood().loss());
    assertThat(evaluation.at("/worst_rows/0/loss").doubleValue()).isPositive();

    assertThat(http.get("/v2/models/cox").json().at("/outputs/0/shape").toString())
        .isEqualTo("[-1,1]");
    JsonNode batch =
        http.await(
            http.post(
                    "/v1/batch-predictions",
                    """
                    {"model": "cox", "dataset": {"name": "survival"},
                     "result": {"dataset": "survival-risks"}}
                    """)
                .expect(202)
                .location());
    assertThat(batch.get("state").stringValue()).as(batch.toString()).isEqualTo("succeeded");
    assertClose(batch.get("metrics"), "concordance", recomputed.concordance());
    assertClose(batch.get("metrics"), "loss", recomputed.likelihood().loss());
    http.get("/v1/models/cox/versions/1/onnx").expect(200);
    String id = done.get("id").stringValue();
    http.get("/v1/jobs/" + id + "/plots/curves").expect(200);
    http.get("/v1/jobs/" + id + "/plots/residuals").expectProblem(400, "invalid_parameter");
    JsonNode whole = http.get("/v1/jobs/" + id + "/evaluation").expect(200).json();
    assertClose(
        whole.get("metrics"), "concordance", done.at("/best/val_concordance").doubleValue());
  }

  private static void assertClose(JsonNode metrics, String name, double expected) {
    assertThat(metrics.get(name).doubleValue())
        .as(name + " of " + metrics)
        .isCloseTo(expected, within(1e-6 + 1e-5 * Math.abs(expected)));
  }

  @Test
  void foldsAreStratifiedByTheEvent() {
    JsonNode sweep =
        http.await(
            http.post(
                    "/v1/sweeps",
                    """
                    {"job": %s, "parameters": {"/training/optimizer/learning_rate": [0.01, 0.05]},
                     "strategy": "grid", "cross_validation": 3, "objective": "val_concordance"}
                    """
                        .formatted(job("cox-sweep", "").replace("\"validation\": 0.25, ", "")))
                .expect(202)
                .location());

    assertThat(sweep.get("state").stringValue()).as(sweep.toString()).isEqualTo("succeeded");
    JsonNode trials = sweep.get("trials");
    double best =
        trials.valueStream().mapToDouble(t -> t.get("mean").doubleValue()).max().orElse(0);
    assertThat(
            trials
                .valueStream()
                .filter(trial -> trial.get("rank").intValue() == 1)
                .findFirst()
                .orElseThrow()
                .get("mean")
                .doubleValue())
        .isEqualTo(best);
  }

  @Test
  void windowsHaveTheTargetOfTheirLastRow() {
    JsonNode done =
        http.train(
            job("cox-window", "")
                .replace(
                    "{\"columns\": [\"a\", \"b\"]}", "{\"columns\": [\"a\", \"b\"], \"window\": 3}")
                .replace(
                    "{\"type\": \"dense\", \"units\": 6, \"activation\": \"tanh\"}",
                    "{\"type\": \"flatten\"}, {\"type\": \"dense\", \"units\": 6}")
                .replace(", \"stratify\": \"died\"", ""));

    assertThat(done.at("/metrics/val_concordance").isNumber()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"columns\": [\"time\", \"died\"] | \"columns\": [\"a\", \"died\"] |"
            + " /model/targets/risk/columns/0 | a number above 0, but column 'a' has values from -",
        "\"columns\": [\"time\", \"died\"] | \"columns\": [\"time\", \"twice\"]"
            + " | /model/targets/risk/columns/1 | 0 or 1, or false or true, but column 'twice'",
        "\"columns\": [\"time\", \"died\"] | \"column\": \"time\""
            + " | /model/targets/risk/type | takes two columns",
        "\"type\": \"survival\", | \"type\": \"survival\", \"scale\": \"standard\","
            + " | /model/targets/risk/scale | are not scaled",
        "\"type\": \"survival\", | ` ` | /training/loss | give it \"type\": \"survival\"",
        "\"loss\": \"cox\" | \"loss\": \"mse\" | /training/loss | use cox",
        "\"units\": 1, | \"units\": 2, | /model/network/layers/1/units | one log risk, [1]",
        "\"batch_size\": 16 | \"batch_size\": 1 | /training/batch_size | needs at least 2",
        "\"batch_size\": 16 | \"sample_weight\": \"twice\" | /training/sample_weight | leave"
            + " sample_weight out",
        "\"batch_size\": 16 | \"label_smoothing\": 0.1 | /training/label_smoothing | cox",
        "\"batch_size\": 16 | \"class_weights\": \"balanced\" | /training/class_weights | labels",
        "[\"concordance\"] | [\"mae\"] | /training/metrics/0 | use concordance",
        "\"type\": \"adam\", \"learning_rate\": 0.05 | \"type\": \"levenberg_marquardt\""
            + " | /training/loss | mse or sse",
      })
  void whatDoesNotFitIsRefused(String before, String after, String pointer, String detail) {
    String job = job("cox-refused", "").replace(before, after.strip());

    http.post("/v1/jobs", job).expectFault(pointer, detail);
  }

  @Test
  void concordanceIsForSurvivalAlone() {
    String job =
        job("cox-number", "")
            .replace(
                "\"type\": \"survival\", \"columns\": [\"time\", \"died\"]", "\"column\": \"time\"")
            .replace("\"cox\"", "\"mse\"");

    http.post("/v1/jobs", job).expectFault("/training/metrics/0", "targets of type survival");
  }
}
