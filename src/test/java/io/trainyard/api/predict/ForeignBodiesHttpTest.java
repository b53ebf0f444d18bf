package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * The bodies of TensorFlow Serving's and KServe's tutorials, as they stand there, and packed ones.
 */
@ServiceTest
@Timeout(120)
class ForeignBodiesHttpTest {
  private static final String FORM = "application/x-www-form-urlencoded";

  @Autowired private Http http;

  /** As TensorFlow Serving's {@code half_plus_two}: y = x/2 + 2. */
  private void importHalfPlusTwo() {
    http.importVersion(
        "half_plus_two",
        """
        {"name": "half_plus_two", "network": {"inputs": {"x": {"shape": [1]}},
         "layers": [{"type": "dense", "name": "y", "units": 1}]}}\
        """,
        new Weights().with("y.weight", Shape.of(1, 1), 0.5f).with("y.bias", Shape.of(1), 2));
  }

  @Test
  void theTutorialOfTensorFlowServingWorks() {
    importHalfPlusTwo();
    for (String path : new String[] {"", "/versions/1"}) {
      Answer answer =
          http.post(
              "/v1/models/half_plus_two" + path + ":predict",
              FORM,
              Http.utf8("{\"instances\": [1.0, 2.0, 5.0]}"));
      assertThat(answer.expect(200).json().get("predictions").toString())
          .isEqualTo("[[2.5],[3.0],[4.5]]");
    }
    String path = "/v1/models/half_plus_two:predict";
    assertThat(
            http.post(path, "{\"signature_name\": \"serving_default\", \"inputs\": [1.0, 5.0]}")
                .text())
        .isEqualTo("{\"outputs\":[[2.5],[4.5]]}");
    assertThat(http.post(path, "{\"inputs\": {\"x\": [1.0, 5.0]}}").text())
        .isEqualTo("{\"outputs\":[[2.5],[4.5]]}");
    assertThat(http.post(path, "{\"instances\": [{\"x\": 1.0}, {\"x\": [5]}]}").text())
        .contains("[[2.5],[4.5]]");
    http.post(path, "{\"instances\": [1.0, \"2\"]}").expectFault("/instances/1", "'2'");

    JsonNode status = http.get("/v1/models/half_plus_two").json().get("model_version_status");
    String available =
        """
        [{"version":"1","state":"AVAILABLE","status":{"error_code":"OK","error_message":""}}]\
        """;
    assertThat(status.toString()).isEqualTo(available);
    assertThat(http.get("/v1/models/half_plus_two/versions/1").json().get("model_version_status"))
        .hasToString(available);
    String metadata = http.get("/v1/models/half_plus_two/metadata").expect(200).text();
    assertThat(metadata)
        .isEqualTo(
            """
            {"model_spec":{"name":"half_plus_two","signature_name":"","version":"1"},\
            "metadata":{"signature_def":{"signature_def":{"serving_default":{\
            "inputs":{"x":{"dtype":"DT_FLOAT","tensor_shape":{"dim":[{"size":"-1","name":""},\
            {"size":"1","name":""}],"unknown_rank":false},"name":"x"}},\
            "outputs":{"y":{"dtype":"DT_FLOAT","tensor_shape":{"dim":[{"size":"-1","name":""},\
            {"size":"1","name":""}],"unknown_rank":false},"name":"y"}},\
            "method_name":"tensorflow/serving/predict"}}}}}\
            """);
    assertThat(http.get("/v1/models/half_plus_two/versions/1/metadata").text()).isEqualTo(metadata);
    assertThat(http.get("/v1/models/half_plus_two/labels/latest/metadata").text())
        .isEqualTo(metadata);
  }

  @Test
  void theTutorialOfKServeWorks() {
    http.importVersion(
        "sklearn-iris",
        """
        {"name": "sklearn-iris",
         "inputs": {"x": {"columns":
           ["sepal_length", "sepal_width", "petal_length", "petal_width"]}},
         "targets": {"species": {"column": "species", "type": "class",
                                 "classes": ["setosa", "versicolor", "virginica"]}},
         "network": {"layers":
           [{"type": "dense", "name": "o", "units": 3, "activation": "softmax"}]}}\
        """,
        new Weights()
            .with("o.weight", Shape.of(3, 4), 0, 4, -4, -4, 1, 0, 1, -2, 0, 0, 2, 6)
            .with("o.bias", Shape.of(3), 0, 0, -13));
    String rows = "[[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6]]";
    JsonNode predictions =
        http.post(
                "/v1/models/sklearn-iris:predict", FORM, Http.utf8("{\"instances\": " + rows + "}"))
            .expect(200)
            .json()
            .get("predictions");
    JsonNode named =
        http.post(
                "/v1/models/sklearn-iris/predict",
                """
                {"instances": [
                 {"petal_width": 1.4, "petal_length": 4.8, "sepal_width": 2.8, "sepal_length": 6.8},
                 {"petal_width": 1.6, "petal_length": 4.5, "sepal_width": 3.4, "sepal_length": 6}]}\
                """)
            .expect(200)
            .json()
            .get("predictions");
    assertThat(predictions).isEqualTo(named);
    assertThat(predictions.at("/0/species").stringValue()).isEqualTo("versicolor");
    JsonNode inferred =
        http.post(
                "/v2/models/sklearn-iris/infer",
                "{\"inputs\": [{\"name\": \"input-0\", \"shape\": [2, 4], \"datatype\": \"FP32\","
                    + " \"data\": "
                    + rows
                    + "}]}")
            .expect(200)
            .json();
    assertThat(inferred.at("/outputs/0/data/0").stringValue()).isEqualTo("versicolor");
    http.post(
            "/v2/models/sklearn-iris/infer",
            """
            {"inputs": [{"name": "input-1", "shape": [1, 4], "datatype": "FP32",
                         "data": [1, 2, 3, 4]}]}\
            """)
        .expect(400);
    String columns =
        "{\"inputs\": {\"sepal_length\": [1], \"sepal_width\": [1],"
            + " \"petal_length\": [1], \"petal_width\": [1, 2]}}";
    http.post("/v1/models/sklearn-iris:predict", columns)
        .expectFault("/inputs/petal_width", "'petal_width' has 2 rows");
    http.post("/v1/models/sklearn-iris:predict", columns.replace("petal_width", "petal_wide"))
        .expectFault("/inputs/petal_wide", "The model has no input 'petal_wide'");
    http.post("/v1/models/sklearn-iris:predict", "{\"inputs\": [[6.8, 2.8, 4.8]]}")
        .expectFault("/inputs", "");
    http.post("/v1/models/sklearn-iris/predict", "{\"instances\": [[6.8, 2.8, 4.8]]}")
        .expectFault("/instances/0", "in the order sepal_length, sepal_width");
    http.post("/v1/models/sklearn-iris/predict", "{\"instances\": [[6.8, \"a\", 4.8, 1]]}")
        .expectFault("/instances/0/1", "'a'");
  }

  @Test
  void aVersionThatDoesNotAnswerIsNotReady() {
    SumNetwork.importAs(http, "resting");
    http.post("/v1/models/resting/versions/1:unload", "").expect(200);
    JsonNode model = http.get("/v1/models/resting").json();
    assertThat(model.get("ready").booleanValue()).isFalse();
    assertThat(model.at("/model_version_status/0").toString())
        .isEqualTo(
            """
            {"version":"1","state":"END",\
            "status":{"error_code":"UNAVAILABLE","error_message":"unloaded"}}\
            """);
    assertThat(http.get("/v2/models/resting/ready").status()).isEqualTo(503);
    http.post("/v1/models/resting/versions/1:load", "").expect(200);
    assertThat(http.get("/v1/models/resting").json().get("ready").booleanValue()).isTrue();
    assertThat(http.get("/v2/models/resting/ready").status()).isEqualTo(200);
  }

  @Test
  void packedBodiesAreUnpackedUpToTheirLimit() throws IOException {
    SumNetwork.importAs(http, "packed");
    byte[] body = packed(Http.utf8("{\"instances\": [[1, 1]]}"));
    for (String type : new String[] {"application/json", FORM}) {
      assertThat(gzip("/v1/models/packed:predict", type, body).expect(200).text())
          .contains("[[3.5]]");
    }
    byte[] rows = packed(Http.utf8("a\n1\n2\n"));
    assertThat(gzip("/v1/datasets?name=packed", "text/csv", rows).json().get("rows").intValue())
        .isEqualTo(2);
    assertThat(
            http.send(
                    "POST",
                    "/v2/models/packed/infer",
                    packed(
                        Http.utf8(
                            "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 2], \"datatype\":"
                                + " \"FP32\", \"data\": [1, 1]}]}")),
                    "Content-Type",
                    "application/json",
                    "Content-Encoding",
                    "x-gzip")
                .expect(200)
                .text())
        .contains("3.5");

    byte[] spaces = new byte[17 << 20];
    Arrays.fill(spaces, (byte) ' ');
    byte[] bomb = packed(spaces);
    assertThat(bomb).hasSizeLessThan(20_000);
    gzip("/v1/models", "application/json", bomb).expectProblem(413, "body_too_large");
    gzip("/v1/models", "application/json", Arrays.copyOf(body, body.length - 9))
        .expectProblem(400, "malformed_body");
    gzip("/v1/models/packed:predict", "application/json", Http.utf8("{}"))
        .expectProblem(400, "malformed_body");
    byte[] garbage = Arrays.copyOf(body, body.length + 3);
    assertThat(
            gzip("/v1/models/packed:predict", "application/json", garbage)
                .expectProblem(400, "malformed_body")
                .text())
        .contains("other bytes follow its last member");
    Answer refused =
        http.send(
            "POST",
            "/v1/models",
            body,
            "Content-Type",
            "application/json",
            "Content-Encoding",
            "br");
    refused.expectProblem(415, "unsupported_media_type");
    assertThat(refused.header("Accept-Encoding")).isEqualTo("gzip");
  }

  private Answer gzip(String path, String type, byte[] body) {
    return http.send("POST", path, body, "Content-Type", type, "Content-Encoding", "gzip");
  }

  private static byte[] packed(byte[] body) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(body);
    }
    return packed.toByteArray();
  }
}
