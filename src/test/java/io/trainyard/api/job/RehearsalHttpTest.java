package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What a job trains can be answered on every route, or the job is refused. */
@ServiceTest
@Timeout(120)
class RehearsalHttpTest {
  private static final String ROW = "{\"instances\": [{\"a\": 1, \"b\": 2}, {\"a\": 3, \"b\": 1}]}";

  /** Two numbers of a row are compared with one unit by the loss alone. */
  private static final String JOB =
      """
      {"model": {"name": "%1$s", "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"risk": {"columns": ["time", "event"]%2$s}},
         "network": {"layers": [{"type": "dense", "units": 1, "name": "out"}]}},
       "dataset": {"name": "rehearsed"},
       "training": {"loss": {"type": "expression",
           "expression": "(y_pred - y_true[0]) ^ 2 * y_true[1]"}, "epochs": 1, "seed": 1,
         "optimizer": "sgd"},
       "on_success": {"alias": "production"}}
      """;

  @Autowired private Http http;

  @BeforeEach
  void upload() {
    http.upload("rehearsed", "a,b,time,event\n1,2,5,1\n2,1,3,0\n3,3,2,1\n4,1,1,1\n");
  }

  @Test
  void anOutputThatOnlyTheLossComparesIsAnsweredAsItIsOnEveryRoute() {
    JsonNode done = http.train(JOB.formatted("raw", ""));

    assertThat(done.at("/result/alias/moved").booleanValue()).isTrue();
    JsonNode predictions =
        http.post("/v1/models/raw/predict", ROW).expect(200).json().get("predictions");
    assertThat(predictions.at("/0/risk").isNumber()).as(predictions.toString()).isTrue();
    assertThat(http.get("/v2/models/raw").json().at("/outputs/0").toString())
        .contains("\"name\":\"risk\"")
        .contains("\"shape\":[-1,1]");
    JsonNode infer =
        http.post(
                "/v2/models/raw/infer",
                """
                {"inputs": [{"name": "a", "shape": [2], "datatype": "FP32", "data": [1, 3]},
                            {"name": "b", "shape": [2], "datatype": "FP32", "data": [2, 1]}]}
                """)
            .expect(200)
            .json();
    assertThat(infer.at("/outputs/0/shape").toString()).isEqualTo("[2,1]");
    assertThat(infer.at("/outputs/0/data/1").floatValue())
        .isEqualTo(predictions.at("/1/risk").floatValue());
    String columns =
        http.post("/v1/models/raw:predict", "{\"inputs\": {\"a\": [1, 3], \"b\": [2, 1]}}")
            .expect(200)
            .text();
    assertThat(columns).contains(predictions.at("/1/risk").asString());
    JsonNode batch =
        http.await(
            http.post(
                    "/v1/batch-predictions",
                    """
                    {"model": "raw", "dataset": {"name": "rehearsed"},
                     "result": {"dataset": "rehearsed-raw"}}
                    """)
                .expect(202)
                .location());
    assertThat(batch.get("state").stringValue()).as(batch.toString()).isEqualTo("succeeded");
    JsonNode rows =
        http.get("/v1/datasets/rehearsed-raw/versions/1/rows").expect(200).json().get("rows");
    assertThat(rows.get(0).propertyNames()).anyMatch(name -> name.endsWith("risk"));
  }

  @Test
  void aScaleThatCannotBeUndoneIsRefused() {
    http.post("/v1/jobs", JOB.formatted("raw-scaled", ", \"scale\": \"standard\""))
        .expectFault("/model/targets/risk/scale", "no scale can be undone");
  }

  @Test
  void aTargetWhoseOutputCannotBeDecodedIsRefusedAtSubmit() {
    String job =
        """
        {"model": {"name": "code", "inputs": {"x": {"columns": ["a", "b"]}},
           "targets": {"x2": {"input": "x"}},
           "network": {"layers": [{"type": "dense", "units": 1}]}},
         "dataset": {"name": "rehearsed"},
         "training": {"loss": {"type": "expression",
             "expression": "sum((y_pred - y_true) ^ 2)"}, "epochs": 1, "optimizer": "sgd"}}
        """;
    JsonNode validated = http.post("/v1/models:validate", job).expect(200).json();
    assertThat(validated.get("valid").booleanValue()).isFalse();
    assertThat(validated.at("/errors/0/pointer").stringValue()).isEqualTo("/model/targets");
    http.post("/v1/jobs", job)
        .expectFault(
            "/model/targets", "'x2' should be [3, 2] for 3 rows, but the network gives [3, 1]");
  }
}
