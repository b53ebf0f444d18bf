package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** From imported weights to answers, over HTTP; every expected number is computed by hand. */
@ServiceTest
@Timeout(120)
class PredictTest {
  @LocalServerPort int port;
  Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  /** y = relu(x·[[1, 2], [−1, 0]]ᵀ + [0.5, 0]), then z = y·[1, 10]ᵀ. */
  private void importSum(String name) {
    String spec =
        """
        {"name": "%s", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "h", "units": 2, "activation": "relu"},
          {"type": "dense", "name": "o", "units": 1}]}}\
        """
            .formatted(name);
    Answer answer =
        new Multipart()
            .part("spec", spec)
            .part("weights", sumWeights().bytes())
            .post(http, "/v1/models/" + name + "/versions");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    assertThat(answer.header("Location")).startsWith("/v1/models/" + name + "/versions/");
  }

  private static Weights sumWeights() {
    return new Weights()
        .with("h.weight", Shape.of(2, 2), 1, 2, -1, 0)
        .with("h.bias", Shape.of(2), 0.5f, 0)
        .with("o.weight", Shape.of(1, 2), 1, 10)
        .with("o.bias", Shape.of(1), 0);
  }

  @Test
  void rawTensorsGoInAndComeOut() {
    importSum("sum");
    Answer answer = http.post("/v1/models/sum/predict", "{\"instances\": [[1, 1], [-2, 3]]}");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.json().toString())
        .isEqualTo("{\"model\":\"sum\",\"version\":1,\"predictions\":[[3.5],[24.5]]}");
    assertThat(http.post("/v1/models/sum:predict", "{\"instances\": [{\"x\": [1, 1]}]}").text())
        .contains("[[3.5]]");
    assertThat(http.post("/v1/models/sum/versions/1/predict", "{\"instances\": [[1, 1]]}").text())
        .contains("[[3.5]]");
    assertThat(
            http.post("/v1/models/sum/versions/latest:predict", "{\"instances\": [[1, 1]]}").text())
        .contains("[[3.5]]");
  }

  @Test
  void layersCanBeLookedAt() {
    importSum("looked-at");
    JsonNode answer =
        http.post(
                "/v1/models/looked-at/predict",
                "{\"instances\": [[1, 1], [-2, 3]], \"outputs\": [\"h\", \"h:pre\"]}")
            .json();
    assertThat(answer.at("/outputs/h").toString()).isEqualTo("[[3.5,0.0],[4.5,2.0]]");
    assertThat(answer.at("/outputs/h:pre").toString()).isEqualTo("[[3.5,-1.0],[4.5,2.0]]");
    assertFault(
        http.post(
            "/v1/models/looked-at/predict", "{\"instances\": [[1, 1]], \"outputs\": [\"q\"]}"),
        "/outputs/0",
        "There is no layer 'q'");
  }

  @Test
  void badInstancesAreNamed() {
    importSum("picky");
    String path = "/v1/models/picky/predict";
    assertFault(http.post(path, "{}"), "/instances", "required");
    assertFault(http.post(path, "{\"instances\": []}"), "/instances", "at least one");
    assertFault(http.post(path, "{\"instances\": 3}"), "/instances", "list");
    assertFault(
        http.post(path, "{\"instances\": [[1, 1], [1, 1], [1, 1, 1]]}"), "/instances/2", "[2]");
    assertFault(http.post(path, "{\"instances\": [[1, null]]}"), "/instances/0", "null");
    assertFault(http.post(path, "{\"instances\": [[1, \"2\"]]}"), "/instances/0", "'2'");
    assertFault(http.post(path, "{\"instances\": [[1, 1e39]]}"), "/instances/0", "32-bit float");
    assertFault(http.post(path, "{\"instances\": [{\"y\": 1}]}"), "/instances/0/x", "required");
    assertFault(
        http.post(path, "{\"instances\": [[1, 1]], \"output\": []}"), "/output", "Unknown member");
    assertThat(http.post(path, "{\"instances\": [[1, NaN]]}").status()).isEqualTo(400);
    assertThat(http.post("/v1/models/nobody/predict", "{\"instances\": [[1]]}").text())
        .contains("\"model_not_found\"");
    assertThat(http.post("/v1/models/picky/versions/7/predict", "{\"instances\": [[1]]}").text())
        .contains("\"version_not_found\"");
  }

  @Test
  void arraysGoInAndComeOutAsNpy() {
    importSum("arrays");
    String path = "/v1/models/arrays/predict";
    byte[] rows = Npy.write(HostTensor.ofFloats(Shape.of(2, 2), 1, 1, -2, 3));
    assertThat(npy(path, rows, "*/*").text()).contains("[[3.5],[24.5]]");
    Answer array = npy(path, rows, "application/x-npy");
    assertThat(array.header("Content-Type")).isEqualTo("application/x-npy");
    assertThat(Npy.read(array.bytes()).shape()).isEqualTo(Shape.of(2, 1));
    assertThat(Npy.read(array.bytes()).toFloats()).containsExactly(3.5f, 24.5f);
    assertThat(Npy.read(npy(path + "?output=h:pre", rows, "application/x-npy").bytes()).toFloats())
        .containsExactly(3.5f, -1, 4.5f, 2);
    assertFault(npy(path + "?output=q", rows, "application/x-npy"), "/outputs/0", "no layer 'q'");
    byte[] wide = Npy.write(HostTensor.ofFloats(Shape.of(1, 3), 1, 2, 3));
    assertFault(npy(path, wide, "*/*"), "", "[2]");
    assertThat(npy(path, new byte[] {1, 2}, "*/*").status()).isEqualTo(400);
    assertThat(npy(path, rows, "image/png").status()).isEqualTo(406);
    assertThat(npy(path + "?output=h", rows, "*/*").status()).isEqualTo(400);
  }

  private Answer npy(String path, byte[] body, String accept) {
    return http.send("POST", path, body, "Content-Type", "application/x-npy", "Accept", accept);
  }

  @Test
  void sameAnswerWhicheverWayABodyIsWritten() {
    importSum("written");
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
    assertThat(http.post(path, "{\"instances\": [[1, 1]]} x").status()).isEqualTo(400);
    assertThat(http.post(path, "{\"instances\": [[1, 1]], \"instances\": []}").status())
        .isEqualTo(400);
  }

  @Test
  void columnsOfPlainNumbersNeedNoEncoding() {
    String spec =
        """
        {"name": "columns",
         "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"kind": {"column": "kind", "type": "class"}},
         "network": {"layers": [{"type": "dense", "name": "o", "units": 2, "activation": "softmax"}]}}\
        """;
    Answer imported =
        new Multipart()
            .part("spec", spec)
            .part(
                "weights",
                new Weights()
                    .with("o.weight", Shape.of(2, 2), 1, 0, 0, 1)
                    .with("o.bias", Shape.of(2), 0, 0)
                    .bytes())
            .post(http, "/v1/models/columns/versions");
    assertThat(imported.status()).as(imported.toString()).isEqualTo(201);
    JsonNode answer =
        http.post("/v1/models/columns/predict", "{\"instances\": [{\"a\": 2, \"b\": 2.5}]}").json();
    assertThat(answer.at("/predictions/0/kind").stringValue()).isEqualTo("1");
    // 1/(1 + e^0.5)
    assertThat(answer.at("/predictions/0/probabilities/0").doubleValue())
        .isCloseTo(0.37754066879814546, org.assertj.core.api.Assertions.within(1e-6));
    assertThat(
            http.post(
                    "/v1/models/columns/predict",
                    "{\"instances\": [{\"b\": 2.5, \"a\": 2, \"kind\": \"?\"}]}")
                .json())
        .isEqualTo(answer);
    assertThat(
            npy(
                    "/v1/models/columns/predict",
                    Npy.write(HostTensor.ofFloats(Shape.of(1, 2), 2, 2.5f)),
                    "application/json")
                .json())
        .isEqualTo(answer);
    assertFault(
        http.post("/v1/models/columns/predict", "{\"instances\": [{\"a\": 2}]}"),
        "/instances/0/b",
        "no value");
  }

  @Test
  void weightsThatDoNotFitAreListed() {
    String spec =
        """
        {"name": "misfit", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "h", "units": 2}]}}\
        """;
    Answer answer =
        new Multipart()
            .part("spec", spec)
            .part(
                "weights",
                new Weights()
                    .with("h.weight", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)
                    .with("g.bias", Shape.of(2), 0, 0)
                    .bytes())
            .post(http, "/v1/models/misfit/versions");
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().get("code").stringValue()).isEqualTo("weights_mismatch");
    assertThat(answer.json().get("errors").findValuesAsString("pointer"))
        .containsExactlyInAnyOrder("/weights/h.weight", "/weights/h.bias", "/weights/g.bias");
    assertThat(http.get("/v1/models/misfit").status()).isEqualTo(404);

    Answer garbage =
        new Multipart()
            .part("spec", spec)
            .part("weights", "garbage")
            .post(http, "/v1/models/misfit/versions");
    assertThat(garbage.status()).isEqualTo(422);
    assertThat(garbage.json().get("code").stringValue()).isEqualTo("weights_mismatch");
    Answer none = new Multipart().part("wights", "x").post(http, "/v1/models/misfit/versions");
    assertFault(none, "/wights", "Unknown part");
    assertFault(
        new Multipart().part("spec", "{\"a\": }").post(http, "/v1/models/misfit/versions"),
        "/spec/a",
        "not valid JSON");
  }

  @Test
  void aliasesMoveAndPredictFollows() {
    importSum("moving");
    String spec =
        """
        {"name": "moving", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "activation", "function": "linear", "name": "same"}]}}\
        """;
    assertThat(new Multipart().part("spec", spec).post(http, "/v1/models/moving/versions").status())
        .isEqualTo(201);
    String body = "{\"instances\": [[1, 1]]}";
    assertThat(http.post("/v1/models/moving/predict", body).text()).contains("[[1.0,1.0]]");
    Answer moved = http.put("/v1/models/moving/aliases/production", "{\"version\": 1}");
    assertThat(moved.status()).as(moved.toString()).isEqualTo(200);
    assertThat(http.post("/v1/models/moving/predict", body).text()).contains("[[3.5]]");
    Answer again =
        http.put(
            "/v1/models/moving/aliases/production",
            "{\"version\": 2}",
            "If-Match",
            moved.header("ETag"));
    assertThat(again.json().get("previous_version").intValue()).isEqualTo(1);
    assertThat(http.post("/v1/models/moving/predict", body).text()).contains("[[1.0,1.0]]");
    assertThat(
            http.put(
                    "/v1/models/moving/aliases/production",
                    "{\"version\": 1}",
                    "If-Match",
                    moved.header("ETag"))
                .status())
        .isEqualTo(412);
    assertThat(http.post("/v1/models/moving/aliases/production/rollback", "").json().toString())
        .contains("\"version\":1");
    assertThat(http.post("/v1/models/moving/aliases/production/rollback", "").status())
        .isEqualTo(409);
    assertThat(http.delete("/v1/models/moving/versions/1").status()).isEqualTo(409);
    assertThat(http.delete("/v1/models/moving/versions/2").status()).isEqualTo(204);
    assertThat(http.put("/v1/models/moving/aliases/latest", "{\"version\": 1}").status())
        .isEqualTo(400);
    assertFault(
        http.put("/v1/models/moving/aliases/blue", "{\"version\": 9}"), "/version", "no version 9");
    assertThat(
            http.get("/v1/models/moving/aliases/production/history")
                .json()
                .get("entries")
                .findValuesAsString("version"))
        .containsExactly("1", "2", "1");
  }

  @Test
  void weightsComeBackAsTheyWent() {
    importSum("kept");
    Answer file = http.get("/v1/models/kept/versions/1/weights");
    assertThat(file.bytes()).isEqualTo(sumWeights().bytes());
    JsonNode tensor = http.get("/v1/models/kept/versions/1/weights/h.weight").json();
    assertThat(tensor.toString())
        .isEqualTo(
            "{\"name\":\"h.weight\",\"type\":\"float32\",\"shape\":[2,2],\"values\":[[1.0,2.0],[-1.0,0.0]]}");
    Answer npy =
        http.get("/v1/models/kept/versions/1/weights/h.bias", "Accept", "application/x-npy");
    assertThat(npy.bytes()).startsWith(0x93, 'N', 'U', 'M', 'P', 'Y').hasSize(128 + 8);
    assertThat(http.get("/v1/models/kept/versions/1/weights/q").status()).isEqualTo(404);
    JsonNode version = http.get("/v1/models/kept/versions/1").json();
    assertThat(version.get("signature").toString())
        .isEqualTo(
            "{\"inputs\":{\"x\":{\"type\":\"float32\",\"shape\":[2]}},\"outputs\":{\"o\":{\"type\":\"float32\",\"shape\":[1]}}}");
    assertThat(version.get("provenance").get("job").isNull()).isTrue();
  }

  @Test
  void denseChainsShowAsMatlabHasThem() {
    importSum("cells");
    assertThat(http.get("/v1/models/cells/versions/1/matlab").text())
        .isEqualTo(
            """
            {"inputs":["x"],"layers":["h","o"],"transfer_functions":["relu","linear"],\
            "IW":[[[[1.0,2.0],[-1.0,0.0]]],[null]],"LW":[[null,null],[[[1.0,10.0]],null]],\
            "b":[[0.5,0.0],[0.0]]}\
            """);
    assertThat(http.get("/v1/models/cells/versions/1/collapsed").text())
        .isEqualTo("{\"stacks\":[]}");
  }

  @Test
  void linearStackCollapsesToTheLayerItEquals() {
    String spec =
        """
        {"name": "linear", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "dense", "name": "h", "units": 2}, {"type": "dropout", "rate": 0.5},
          {"type": "dense", "name": "o", "units": 1, "activation": "step"}]}}\
        """;
    Answer imported =
        new Multipart()
            .part("spec", spec)
            .part("weights", sumWeights().bytes())
            .post(http, "/v1/models/linear/versions");
    assertThat(imported.status()).as(imported.toString()).isEqualTo(201);
    // [1, 10]·[[1, 2], [−1, 0]] = [−9, 2]; [1, 10]·[0.5, 0] + 0 = 0.5
    assertThat(http.get("/v1/models/linear/versions/1/collapsed").text())
        .isEqualTo(
            """
            {"stacks":[{"layers":["h","o"],"input":"x","activation":"step",\
            "weight":[[-9.0,2.0]],"bias":[0.5]}]}\
            """);
    String tanh =
        """
        {"name": "squash", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
          {"type": "activation", "function": "tanh"}]}}\
        """;
    new Multipart().part("spec", tanh).post(http, "/v1/models/squash/versions");
    assertThat(http.get("/v1/models/squash/versions/1/matlab").status()).isEqualTo(409);
  }

  private static void assertFault(Answer answer, String pointer, String detail) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(422);
    assertThat(answer.json().at("/errors/0/pointer").stringValue())
        .as(answer.toString())
        .isEqualTo(pointer);
    assertThat(answer.json().at("/errors/0/detail").stringValue()).contains(detail);
  }
}
