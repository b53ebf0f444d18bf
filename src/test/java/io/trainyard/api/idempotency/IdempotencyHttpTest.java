package io.trainyard.api.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** A caller that repeats a call under one key creates once. */
@ServiceTest
@Timeout(60)
class IdempotencyHttpTest {
  private static final String JOB =
      """
      {"model": {"name": "once-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
        "targets": {"y": {"column": "y", "type": "class"}},
        "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
       "dataset": {"name": "xor"}, "training": {"loss": "binary_crossentropy", "epochs": 2}}\
      """;

  @Autowired private Http http;

  @BeforeEach
  void makeDataset() {
    http.sample("xor");
  }

  private Answer submit(String key, String body) {
    return http.send(
        "POST",
        "/v1/jobs",
        Http.utf8(body),
        "Content-Type",
        "application/json",
        "Idempotency-Key",
        key);
  }

  private static String key() {
    return UUID.randomUUID().toString();
  }

  @Test
  void retryGetsTheFirstAnswer() {
    String key = key();
    Answer first = submit(key, JOB);
    assertThat(first.status()).as(first.text()).isEqualTo(202);
    Answer second = submit("\"" + key + "\"", JOB);
    assertThat(second.status()).isEqualTo(202);
    assertThat(second.header("Location")).isEqualTo(first.header("Location"));
    assertThat(second.text()).isEqualTo(first.text());
    assertThat(submit(key(), JOB).header("Location")).isNotEqualTo(first.header("Location"));
  }

  @Test
  void keyIsForOnePayload() {
    String key = key();
    submit(key, JOB);
    Answer other = submit(key, JOB.replace("\"epochs\": 2", "\"epochs\": 3"));
    assertThat(other.status()).isEqualTo(422);
    assertThat(other.json().get("code").stringValue()).isEqualTo("idempotency_key_reused");
    assertThat(submit("a b", JOB).status()).isEqualTo(400);
  }

  @Test
  void retryGetsTheSameViolations() {
    String key = key();
    String faulty = JOB.replace("\"epochs\": 2", "\"epochs\": 0");
    Answer first = submit(key, faulty);
    assertThat(first.status()).isEqualTo(422);
    Answer second = submit(key, faulty);
    assertThat(second.status()).isEqualTo(422);
    assertThat(second.text()).isEqualTo(first.text());
    assertThat(second.header("Content-Type")).isEqualTo("application/problem+json");
  }

  /** A network of one number, with its weights. */
  private Answer imported(String key, float weight) {
    Multipart form =
        new Multipart()
            .part(
                "spec",
                """
                {"name": "once-imported",
                 "network": {"inputs": {"x": {"shape": [1]}},
                             "layers": [{"type": "dense", "name": "fc", "units": 1, "bias": false}]}}
                """)
            .part("weights", new Weights().with("fc.weight", Shape.of(1, 1), weight).bytes());
    return form.post(http, "/v1/models/once-imported/versions", "Idempotency-Key", key);
  }

  @Test
  void retryOfAnImportGetsTheFirstAnswer() {
    String key = key();
    Answer first = imported(key, 1);
    assertThat(first.status()).as(first.text()).isEqualTo(201);
    Answer again = imported(key, 1);
    assertThat(again.status()).as(again.text()).isEqualTo(201);
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(imported(key, 2).status()).isEqualTo(422);
    assertThat(imported(key(), 2).header("Location")).isNotEqualTo(first.header("Location"));
  }

  @Test
  void temporaryRefusalIsNotStored() {
    String model =
        """
        {"name": "once-taken", "network": {"inputs": {"x": {"shape": [1]}},
                                           "layers": [{"type": "dense", "units": 1}]}}
        """;
    http.delete("/v1/models/once-taken");
    String key = key();
    http.post("/v1/models", model).expect(201);
    assertThat(created(key, model).status()).isEqualTo(409);
    http.delete("/v1/models/once-taken").expect(204);
    assertThat(created(key, model).status()).isEqualTo(201);
    Answer again = created(key, model);
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.header("Location")).endsWith("/v1/models/once-taken");
  }

  private Answer created(String key, String model) {
    return http.send(
        "POST",
        "/v1/models",
        Http.utf8(model),
        "Content-Type",
        "application/json",
        "Idempotency-Key",
        key);
  }

  @Test
  void operationWithoutKeysIgnoresAKey() {
    String[] headers = {"Content-Type", "application/json", "Idempotency-Key", "k"};
    String first = "{\"model\": {\"name\": \"a\"}}";
    String second = "{\"model\": {\"name\": \"b\"}}";
    for (String body : List.of(first, second)) {
      assertThat(http.send("POST", "/v1/models:validate", Http.utf8(body), headers).status())
          .isEqualTo(200);
    }
  }

  @Test
  void callsAtTheSameTimeCreateOneJob() throws Exception {
    String key = key();
    Set<String> locations = new HashSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        answers.add(threads.submit(() -> submit(key, JOB)));
      }
      for (Future<Answer> answer : answers) {
        assertThat(answer.get().status()).as(answer.get().text()).isIn(202, 409);
        if (answer.get().status() == 202) {
          locations.add(answer.get().header("Location"));
        }
      }
    }
    assertThat(locations).hasSize(1);
  }
}
