package io.trainyard.api.idempotency;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.idempotency.Created.Kind;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/** A call that died before its answer was stored is answered from the resource it created. */
@ServiceTest
@Timeout(60)
class CreatedResourcesTest {
  private static final String MODEL =
      """
      {"name": "created", "network": {"inputs": {"x": {"shape": [1]}},
        "layers": [{"type": "dense", "name": "fc", "units": 1, "bias": false}]}}\
      """;
  private static final String JOB =
      """
      {"model": {"name": "created-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
        "targets": {"y": {"column": "y", "type": "class"}},
        "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
       "dataset": {"name": "xor"}, "training": {"loss": "binary_crossentropy", "epochs": 2}}\
      """;

  @Autowired Http http;
  @Autowired JdbcClient jdbc;

  @Autowired
  @Qualifier("requestMappingHandlerMapping")
  RequestMappingHandlerMapping handlers;

  @BeforeEach
  void makeDataset() {
    http.sample("xor");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void retryOfACallThatDiedIsAnsweredFromItsResource(Kind kind) {
    String key = UUID.randomUUID().toString();
    Answer first = create(kind, key);
    assertThat(first.status()).as(first.text()).isIn(201, 202);
    forgetAnswer(kind, first.header("Location").replaceFirst("^https?://[^/]+", ""));
    Answer retry = create(kind, key);
    assertThat(retry.status()).as(retry.text()).isEqualTo(first.status());
    assertThat(retry.header("Location")).endsWith(first.header("Location"));
    assertThat(retry.header("ETag")).isEqualTo(first.header("ETag"));
    assertThat(retry.contentType()).isEqualTo(first.contentType());
    assertThat(retry.json().propertyNames()).isEqualTo(first.json().propertyNames());
    for (String member : new String[] {"id", "name", "model", "version", "created_at"}) {
      assertThat(retry.json().path(member)).as(member).isEqualTo(first.json().path(member));
    }
    // Other tests count the calls that nobody has ended.
    jdbc.sql("delete from idempotency_keys where holder = 'dead/1'").update();
  }

  /** Creates one resource of a kind; a new kind doesn't compile until it has an example. */
  private Answer create(Kind kind, String key) {
    return switch (kind) {
      case JOB -> post("/v1/jobs", JOB, key);
      case SWEEP ->
          post(
              "/v1/sweeps",
              "{\"parameters\": {}, \"cross_validation\": 2, \"job\": " + JOB + "}",
              key);
      case MODEL -> post("/v1/models", MODEL.replace("created", "created-model"), key);
      case MODEL_VERSION ->
          new Multipart()
              .part("spec", MODEL)
              .part("weights", new Weights().with("fc.weight", Shape.of(1, 1), 1).bytes())
              .post(http, "/v1/models/created/versions", "Idempotency-Key", key);
      case DATASET_VERSION ->
          http.send(
              "POST",
              "/v1/datasets?name=created",
              Http.utf8("a\n1\n2\n"),
              "Content-Type",
              "text/csv",
              "Idempotency-Key",
              key);
    };
  }

  private Answer post(String path, String body, String key) {
    return http.send(
        "POST", path, Http.utf8(body), "Content-Type", "application/json", "Idempotency-Key", key);
  }

  /** Leaves the key as the process does that dies after the commit and before the answer. */
  private void forgetAnswer(Kind kind, String location) {
    int forgotten =
        jdbc.sql(
                "update idempotency_keys set holder = 'dead/1', status = null, location = null,"
                    + " etag = null, content_type = null, body = null"
                    + " where created_kind = :kind and location = :location")
            .param("kind", kind.word())
            .param("location", location)
            .update();
    assertThat(forgotten).as("keys whose store recorded " + kind).isEqualTo(1);
  }

  @Test
  void everyPostSaysWhetherItTakesAKey() {
    Map<String, Set<Kind>> keyed = new HashMap<>();
    Set<String> others = new HashSet<>();
    handlers
        .getHandlerMethods()
        .forEach(
            (mapping, method) -> {
              boolean ours = method.getBeanType().getName().startsWith("io.trainyard.");
              if (!ours
                  || !mapping.getMethodsCondition().getMethods().contains(RequestMethod.POST)) {
                return;
              }
              TakesIdempotencyKey key = method.getMethodAnnotation(TakesIdempotencyKey.class);
              for (String path : mapping.getPatternValues()) {
                if (key == null) {
                  others.add(path);
                } else {
                  keyed.put(path, Set.copyOf(Arrays.asList(key.creates())));
                }
              }
            });
    assertThat(keyed)
        .isEqualTo(
            Map.ofEntries(
                entry("/v1/jobs", Set.of(Kind.JOB)),
                entry("/v1/batch-predictions", Set.of(Kind.JOB)),
                entry("/v1/jobs/{job}/cancel", Set.of()),
                entry("/v1/jobs/{job}/stop", Set.of()),
                entry("/v1/jobs/{job}/retry", Set.of(Kind.JOB, Kind.SWEEP)),
                entry("/v1/sweeps", Set.of(Kind.SWEEP)),
                entry("/v1/sweeps/{sweep}/cancel", Set.of()),
                entry("/v1/sweeps/{sweep}/stop", Set.of()),
                entry("/v1/sweeps/{sweep}/retry", Set.of(Kind.SWEEP)),
                entry("/v1/models", Set.of(Kind.MODEL)),
                entry("/v1/models/{model}/versions", Set.of(Kind.MODEL_VERSION)),
                entry("/v1/models/{model}/aliases/{alias}/rollback", Set.of()),
                entry("/v1/datasets", Set.of(Kind.DATASET_VERSION)),
                entry("/v1/samples/{sample}", Set.of(Kind.DATASET_VERSION))));
    assertThat(documentedWithKey()).isEqualTo(keyed.keySet());
    // A repeated one changes nothing; the answer with a key must not be stored.
    assertThat(others)
        .containsExactlyInAnyOrder(
            "/v1/keys",
            "/v1/restore",
            "/v1/jobs:resume",
            "/v1/models:validate",
            "/v1/models:convert",
            "/v1/models/{model}/predict",
            "/v1/models/{model}:predict",
            "/v1/models/{model}/versions/{version}/predict",
            "/v1/models/{model}/versions/{version}:predict",
            "/v1/models/{model}/labels/{version}:predict",
            "/v1/models/{model}/versions/{version}:load",
            "/v1/models/{model}/versions/{version}:unload",
            "/v1/models/{model}/versions/{version}:pin",
            "/v1/models/{model}/versions/{version}:unpin",
            "/v1/models/{model}/versions/{version}/evaluation",
            "/v1/models/{model}/versions/{version}/plots",
            "/v2/models/{model}/infer",
            "/v2/models/{model}/versions/{version}/infer",
            "/v2/repository/index",
            "/v2/repository/models/{model}/load",
            "/v2/repository/models/{model}/unload");
  }

  private Set<String> documentedWithKey() {
    Set<String> paths = new HashSet<>();
    for (var path : http.get("/v3/api-docs").json().get("paths").properties()) {
      for (JsonNode parameter : path.getValue().at("/post/parameters")) {
        if (parameter.get("name").stringValue().equals("Idempotency-Key")) {
          paths.add(path.getKey());
        }
      }
    }
    return paths;
  }

  @Test
  void storedWordsOfKindsNeverChange() {
    assertThat(Arrays.stream(Kind.values()).map(Kind::word))
        .containsExactly("job", "sweep", "model", "model_version", "dataset_version");
    for (Kind kind : Kind.values()) {
      assertThat(Kind.of(kind.word())).isEqualTo(kind);
    }
  }
}
