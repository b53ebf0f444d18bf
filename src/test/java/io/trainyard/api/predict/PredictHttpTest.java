package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.Weights;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Predictions as JSON. Every expected number is computed by hand. */
@ServiceTest
@Timeout(120)
class PredictHttpTest {
  @Autowired private Http http;

  @Test
  void rawTensorsGoInAndComeOut() {
    SumNetwork.importAs(http, "sum");
    Answer answer = http.post("/v1/models/sum/predict", "{\"instances\": [[1, 1], [-2, 3]]}");
    assertThat(answer.expect(200).json().toString())
        .isEqualTo("{\"model\":\"sum\",\"version\":1,\"predictions\":[[3.5],[24.5]]}");
    assertThat(http.post("/v1/models/sum:predict", "{\"instances\": [{\"x\": [1, 1]}]}").text())
        .contains("[[3.5]]");
    assertThat(http.post("/v1/models/sum/versions/1/predict", "{\"instances\": [[1, 1]]}").text())
        .contains("[[3.5]]");
    assertThat(
            http.post("/v1/models/sum/versions/latest:predict", "{\"instances\": [[1, 1]]}").text())
        .contains("[[3.5]]");
  }

  /** curl's {@code -d} without a header: clients of TensorFlow Serving send it so. */
  @Test
  void aFormTypeIsReadAsJson() {
    SumNetwork.importAs(http, "sum-of-forms");
    byte[] body = Http.utf8("{\"instances\": [[1, 1]]}");
    Answer answer =
        http.post(
            "/v1/models/sum-of-forms:predict?timeout_seconds=5",
            "application/x-www-form-urlencoded",
            body);
    assertThat(answer.expect(200).text()).contains("[[3.5]]");
  }

  @Test
  void layersCanBeLookedAt() {
    SumNetwork.importAs(http, "looked-at");
    JsonNode answer =
        http.post(
                "/v1/models/looked-at/predict",
                "{\"instances\": [[1, 1], [-2, 3]], \"outputs\": [\"h\", \"h:pre\"]}")
            .json();
    assertThat(answer.at("/outputs/h").toString()).isEqualTo("[[3.5,0.0],[4.5,2.0]]");
    assertThat(answer.at("/outputs/h:pre").toString()).isEqualTo("[[3.5,-1.0],[4.5,2.0]]");
    http.post("/v1/models/looked-at/predict", "{\"instances\": [[1, 1]], \"outputs\": [\"q\"]}")
        .expectFault("/outputs/0", "There is no layer 'q'");
  }

  @Test
  void badInstancesAreNamed() {
    SumNetwork.importAs(http, "picky");
    String path = "/v1/models/picky/predict";
    http.post(path, "{}").expectFault("/instances", "required");
    http.post(path, "{\"instances\": []}").expectFault("/instances", "at least one");
    http.post(path, "{\"instances\": 3}").expectFault("/instances", "list");
    http.post(path, "{\"instances\": [[1, 1], [1, 1], [1, 1, 1]]}")
        .expectFault("/instances/2", "[2]");
    http.post(path, "{\"instances\": [[1, null]]}").expectFault("/instances/0", "null");
    http.post(path, "{\"instances\": [[1, \"2\"]]}").expectFault("/instances/0", "'2'");
    http.post(path, "{\"instances\": [[1, 1e39]]}").expectFault("/instances/0", "32-bit float");
    http.post(path, "{\"instances\": [{\"y\": 1}]}").expectFault("/instances/0/x", "required");
    http.post(path, "{\"instances\": [[1, 1]], \"output\": []}")
        .expectFault("/output", "Unknown member");
    http.post(path, "{\"instances\": [[1, NaN]]}").expect(400);
    assertThat(http.post("/v1/models/nobody/predict", "{\"instances\": [[1]]}").text())
        .contains("\"model_not_found\"");
    assertThat(http.post("/v1/models/picky/versions/7/predict", "{\"instances\": [[1]]}").text())
        .contains("\"version_not_found\"");
  }

  @Test
  void sameAnswerWhicheverWayABodyIsWritten() {
    SumNetwork.importAs(http, "written");
    String path = "/v1/models/written/predict";
    String answer = http.post(path, "{\"instances\": [[1, 1], [-2, 3]]}").text();
    for (String body :
        new String[] {
          "{\"instances\":[[1,1],[-2,3]]}",
          " { \"instances\" : [ [ 1.0 , 10e-1 ] , [ -2.00 , 0.3E1 ] ] } \n",
          "{\"outputs\": [], \"instances\": [[1, 1], [-2, 3]]}",
          "{\"\\u0069nstances\": [[1, 1], [-2, 3]]}",
          "{\"instances\": [{\"x\": [1, 1]}, [-2, 3]]}"
        }) {
      assertThat(http.post(path, body).text()).as(body).isEqualTo(answer);
    }
    http.post(path, "{\"instances\": [[1, 1]]} x").expect(400);
    http.post(path, "{\"instances\": [[1, 1]], \"instances\": []}").expect(400);
  }

  @Test
  void columnsOfPlainNumbersNeedNoEncoding() {
    String spec =
        """
        {"name": "plain-columns",
         "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"kind": {"column": "kind", "type": "class"}},
         "network": {"layers": [{"type": "dense", "name": "o", "units": 2, "activation": "softmax"}]}}\
        """;
    http.importVersion(
        "plain-columns",
        spec,
        new Weights()
            .with("o.weight", Shape.of(2, 2), 1, 0, 0, 1)
            .with("o.bias", Shape.of(2), 0, 0));
    JsonNode answer =
        http.post("/v1/models/plain-columns/predict", "{\"instances\": [{\"a\": 2, \"b\": 2.5}]}")
            .json();
    assertThat(answer.at("/predictions/0/kind").stringValue()).isEqualTo("1");
    // 1/(1 + e^0.5)
    assertThat(answer.at("/predictions/0/probabilities/0").doubleValue())
        .isCloseTo(0.37754066879814546, within(1e-6));
    assertThat(
            http.post(
                    "/v1/models/plain-columns/predict",
                    "{\"instances\": [{\"b\": 2.5, \"a\": 2, \"kind\": \"?\"}]}")
                .json())
        .isEqualTo(answer);
    byte[] row = Npy.write(HostTensor.ofFloats(Shape.of(1, 2), 2, 2.5f));
    assertThat(http.post("/v1/models/plain-columns/predict", "application/x-npy", row).json())
        .isEqualTo(answer);
    http.post("/v1/models/plain-columns/predict", "{\"instances\": [{\"a\": 2}]}")
        .expectFault("/instances/0/b", "no value");
  }
}
