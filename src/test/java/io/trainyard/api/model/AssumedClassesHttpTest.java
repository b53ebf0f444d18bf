package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * A version that was imported without its classes says so in each answer with labels, and is never
 * compared with the labels of a dataset by their order.
 */
@ServiceTest
@Timeout(120)
class AssumedClassesHttpTest {
  @Autowired private Http http;

  @BeforeEach
  void importAndUpload() {
    importAs("assumed", "");
    importAs("assumed-given", ", \"classes\": [\"no\", \"yes\"]");
    http.upload("assumed-texts", "a,b,kind\n0,1,yes\n1,0,no\n0,2,yes\n3,0,no\n");
    http.upload("assumed-numbers", "a,b,kind\n0,1,1\n1,0,0\n0,2,1\n3,0,0\n");
  }

  private void importAs(String model, String more) {
    http.importVersion(
        model,
        """
        {"name": "%s", "inputs": {"x": {"columns": ["a", "b"]}}, "targets": {"kind": {"column": "kind"%s}},
         "network": {"layers": [{"type": "dense", "name": "o", "units": 2, "activation": "softmax"}]}}
        """
            .formatted(model, more),
        new Weights()
            .with("o.weight", Shape.of(2, 2), 1, 0, 0, 1)
            .with("o.bias", Shape.of(2), 0, 0));
  }

  @Test
  void eachAnswerWithLabelsIsMarked() {
    String body = "{\"instances\": [{\"a\": 0, \"b\": 1}]}";
    JsonNode answer = http.post("/v1/models/assumed/predict", body).expect(200).json();
    assertThat(answer.at("/predictions/0/kind").stringValue()).isEqualTo("1");
    assertThat(answer.get("assumed_classes").toString()).isEqualTo("[\"kind\"]");
    assertThat(http.get("/v1/models/assumed/versions/1").json().get("assumed_classes").toString())
        .isEqualTo("[\"kind\"]");
    assertThat(http.get("/v2/models/assumed").json().get("assumed_classes").toString())
        .isEqualTo("[\"kind\"]");
    String infer =
        "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 2], \"datatype\": \"FP32\", \"data\": [0, 1]}]}";
    assertThat(
            http.post("/v2/models/assumed/infer", infer)
                .expect(200)
                .json()
                .at("/parameters/assumed_classes")
                .stringValue())
        .isEqualTo("kind");
    assertThat(
            http.post("/v1/models/assumed:predict", "{\"inputs\": {\"a\": [0], \"b\": [1]}}")
                .expect(200)
                .header("Trainyard-Assumed-Classes"))
        .isEqualTo("kind");
    for (String path :
        new String[] {"/v1/models/assumed-given/versions/1", "/v2/models/assumed-given"}) {
      assertThat(http.get(path).json().has("assumed_classes")).as(path).isFalse();
    }
    assertThat(http.post("/v1/models/assumed-given/predict", body).json().has("assumed_classes"))
        .isFalse();
  }

  @Test
  void otherLabelsAreNotMappedByTheirOrder() {
    String evaluation = "/v1/models/assumed/versions/1/evaluation";
    http.post(evaluation, "{\"dataset\": {\"name\": \"assumed-texts\"}}")
        .expectFault("/dataset", "import the version again with 'classes'");
    JsonNode same =
        http.post(evaluation, "{\"dataset\": {\"name\": \"assumed-numbers\"}}").expect(200).json();
    assertThat(same.at("/metrics/accuracy").doubleValue()).as(same.toString()).isEqualTo(1);
    http.post(
            "/v1/models/assumed-given/versions/1/evaluation",
            "{\"dataset\": {\"name\": \"assumed-texts\"}}")
        .expect(200);
    JsonNode job =
        http.await(
            http.post(
                    "/v1/batch-predictions",
                    "{\"model\": \"assumed\", \"dataset\": {\"name\": \"assumed-texts\"}, \"result\": {\"dataset\": \"assumed-result\"}}")
                .expect(202)
                .location());
    assertThat(job.get("state").stringValue()).isEqualTo("succeeded");
    assertThat(job.at("/metrics/loss").isNull()).as(job.toString()).isTrue();
    assertThat(job.at("/metrics/metric_notes/loss").stringValue()).contains("kind");
    assertThat(job.at("/warnings/0/code").stringValue()).isEqualTo("assumed_classes");
  }
}
