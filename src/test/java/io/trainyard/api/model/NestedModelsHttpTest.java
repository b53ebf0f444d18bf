package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** A trained version as a layer of another model, frozen. */
@ServiceTest
@Timeout(120)
class NestedModelsHttpTest {
  @LocalServerPort int port;
  Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  @Test
  void aFrozenVersionComesOutBitIdenticalAndCannotBeDeleted() throws Exception {
    importInner();
    http.send(
        "POST",
        "/v1/datasets?name=nesting",
        Http.utf8("a,b,y\n1,2,5\n2,1,4\n0,1,2\n3,3,9\n1,0,1\n2,2,6\n"),
        "Content-Type",
        "text/csv");
    Answer submitted =
        http.post(
            "/v1/jobs",
            """
            {"model": {"name": "outer", "inputs": {"x": {"columns": ["a", "b"]}}, "targets": {"y": {"column": "y"}},
              "network": {"layers": [
                {"type": "model", "name": "inner", "ref": "inner@latest", "trainable": false},
                {"type": "dense", "name": "out", "units": 1}]}},
             "dataset": {"name": "nesting"},
             "training": {"loss": "mse", "epochs": 20, "seed": 1, "optimizer": {"type": "adam", "learning_rate": 0.05}}}
            """);
    assertThat(submitted.status()).as(submitted.toString()).isEqualTo(202);
    JsonNode done = await(submitted.header("Location"));
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");

    JsonNode spec = http.get("/v1/models/outer/versions/1").json().get("spec");
    assertThat(spec.at("/network/layers/0/ref").stringValue()).isEqualTo("inner@1");
    JsonNode frozen = http.get("/v1/models/outer/versions/1/weights/inner.h.weight").json();
    JsonNode own = http.get("/v1/models/inner/versions/1/weights/h.weight").json();
    assertThat(frozen.get("data")).isEqualTo(own.get("data"));
    assertThat(http.delete("/v1/models/inner/versions/1").status()).isEqualTo(409);

    JsonNode answer =
        http.post(
                "/v1/models/outer/predict",
                "{\"instances\": [{\"a\": 1, \"b\": 2}], \"outputs\": [\"inner\", \"inner/h\"]}")
            .json();
    // tanh(0.5·1 − 0.25·2) = 0
    assertThat(answer.at("/outputs/inner/0/0").doubleValue()).as(answer.toString()).isZero();
    assertThat(answer.at("/outputs").has("inner/h")).isTrue();
  }

  @Test
  void aReferenceToNothingIsNamed() {
    JsonNode answer =
        http.post(
                "/v1/models:validate",
                """
                {"model": {"name": "n", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
                  {"type": "model", "ref": "nothing@1"}]}}}
                """)
            .json();

    assertThat(answer.get("valid").booleanValue()).isFalse();
    assertThat(answer.at("/errors/0/pointer").stringValue())
        .isEqualTo("/model/network/layers/0/ref");
  }

  private void importInner() {
    Answer answer =
        new Multipart()
            .part(
                "spec",
                """
                {"name": "inner", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
                  {"type": "dense", "name": "h", "units": 1, "activation": "tanh"}]}}
                """)
            .part(
                "weights",
                new Weights()
                    .with("h.weight", Shape.of(1, 2), 0.5f, -0.25f)
                    .with("h.bias", Shape.of(1), 0)
                    .bytes())
            .post(http, "/v1/models/inner/versions");
    assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
  }

  private JsonNode await(String job) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (true) {
      JsonNode state = http.get(job).json();
      if (state.get("done").booleanValue() || System.nanoTime() > deadline) {
        return state;
      }
      Thread.sleep(20);
    }
  }
}
