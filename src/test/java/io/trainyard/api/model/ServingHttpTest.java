package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.model.VersionStore;
import io.trainyard.model.serving.ServingStore;
import io.trainyard.model.serving.VersionServing;
import io.trainyard.predict.AnswerRoute;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.serving.ServedVersions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;

/** How versions are served: loaded, unloaded, pinned, limited, and switched under load. */
@ServiceTest
@Timeout(120)
class ServingHttpTest {
  private static final String ROW = "{\"instances\": [[1, 1]]}";

  @Autowired private Http http;
  @Autowired private ServingStore store;
  @Autowired private VersionStore versions;
  @Autowired private Predictor predictor;

  @Value("${trainyard.data-dir}")
  private String dataDir;

  private String at(String model, String action) {
    return "/v1/models/" + model + "/versions/1:" + action;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  @Test
  void anUnloadedVersionIsRefusedUntilItIsLoaded() {
    SumNetwork.importAs(http, "serving-unload");
    String predict = "/v1/models/serving-unload/predict";
    http.post(predict, ROW).expect(200);
    assertThat(http.post(at("serving-unload", "unload"), "").expect(200).json().toString())
        .isEqualTo(
            "{\"model\":\"serving-unload\",\"version\":1,\"state\":\"unloaded\",\"pinned\":false}");
    Answer refused = http.post(predict, ROW).expect(503);
    assertThat(refused.json().get("detail").stringValue())
        .isEqualTo("serving-unload@1 was unloaded; load it to serve it again");
    assertThat(refused.header("Retry-After")).as("no retry helps").isEmpty();
    Answer notReady = http.get("/v2/models/serving-unload/ready").expect(503);
    assertThat(notReady.header("Retry-After")).isEmpty();
    assertThat(http.post("/v2/repository/index", "").expect(200).text())
        .contains(
            "{\"name\":\"serving-unload\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"unloaded\"}");
    assertThat(http.post(at("serving-unload", "load"), "").expect(200).text())
        .contains("\"state\":\"loaded\"");
    http.post(predict, ROW).expect(200);
  }

  @Test
  void anAliasBringsAnUnloadedVersionBack() {
    SumNetwork.importAs(http, "serving-alias");
    http.post(at("serving-alias", "unload"), "").expect(200);
    http.put("/v1/models/serving-alias/aliases/production", "{\"version\": 1}").expect(200);
    http.post("/v1/models/serving-alias/predict", ROW).expect(200);
  }

  @Test
  void tritonsUnloadIsForAllVersionsAndItsLoadToo() {
    SumNetwork.importAs(http, "serving-triton");
    SumNetwork.importAs(http, "serving-triton");
    http.post("/v2/repository/models/serving-triton/unload", "{}").expect(200);
    http.post("/v2/models/serving-triton/versions/1/infer", "{}").expect(503);
    http.post("/v1/models/serving-triton/predict", ROW).expect(503);
    http.post("/v2/repository/models/serving-triton/load", "{}").expect(200);
    http.post("/v1/models/serving-triton/versions/1/predict", ROW).expect(200);
    http.post("/v1/models/serving-triton/predict", ROW).expect(200);
  }

  @Test
  void aPinnedVersionIsNotUnloaded() {
    SumNetwork.importAs(http, "serving-pin");
    assertThat(http.post(at("serving-pin", "pin"), "").expect(200).text())
        .contains("\"state\":\"loaded\",\"pinned\":true");
    assertThat(http.post(at("serving-pin", "unload"), "").expect(409).text()).contains("unpin");
    http.post("/v2/repository/models/serving-pin/unload", "{}").expect(400);
    http.post(at("serving-pin", "unpin"), "").expect(200);
    http.post(at("serving-pin", "unload"), "").expect(200);
    http.post(at("serving-nobody", "pin"), "").expect(404);
    http.post("/v1/models/serving-pin/versions/9:pin", "").expect(404);
  }

  /** Another process decides, which is here a write to the database that this one does not see. */
  @Test
  void decisionsOfOtherProcessesAreFollowed() throws Exception {
    SumNetwork.importAs(http, "serving-follow");
    long id = versions.find("serving-follow", 1).orElseThrow().id();
    store.change("serving-follow", 1, VersionServing::load);
    await(() -> predictor.control().isLoaded(id));
    store.change("serving-follow", 1, VersionServing::unload);
    await(() -> !predictor.control().isLoaded(id));
    http.post("/v1/models/serving-follow/predict", ROW).expect(503);
    store.change("serving-follow", 1, VersionServing::pin);
    await(() -> predictor.control().isLoaded(id));
  }

  @Test
  void versionsUnderAnAliasAndPinnedOnesAreLoadedAtTheStart() throws Exception {
    for (String model : List.of("serving-warm-a", "serving-warm-p", "serving-warm-n")) {
      SumNetwork.importAs(http, model);
    }
    http.put("/v1/models/serving-warm-a/aliases/production", "{\"version\": 1}").expect(200);
    http.post(at("serving-warm-p", "pin"), "").expect(200);
    for (String model : List.of("serving-warm-a", "serving-warm-p", "serving-warm-n")) {
      predictor.forget(model, null);
    }
    try (ServedVersions restarted =
        new ServedVersions(store, versions, predictor, Duration.ofSeconds(60), (_, _, _) -> {})) {
      restarted.start();
      for (String model : List.of("serving-warm-a", "serving-warm-p")) {
        await(() -> predictor.control().isLoaded(versions.find(model, 1).orElseThrow().id()));
      }
    }
    assertThat(predictor.control().isLoaded(versions.find("serving-warm-n", 1).orElseThrow().id()))
        .isFalse();
  }

  @Test
  void noAliasIsGivenToAVersionThatCannotAnswer() {
    SumNetwork.importAs(http, "serving-mute");
    AnswerRoute mute =
        (_, _, _) -> {
          throw new IllegalArgumentException("nothing to say");
        };
    try (ServedVersions served =
        new ServedVersions(store, versions, predictor, Duration.ofSeconds(60), mute)) {
      assertThatThrownBy(() -> served.admit(versions.find("serving-mute", 1).orElseThrow()))
          .hasMessage("No prediction can be made of the outputs: nothing to say");
    }
  }

  @Test
  void limitsOfAModelAreStoredAndKept() {
    SumNetwork.importAs(http, "serving-limits");
    String serving = "/v1/models/serving-limits/serving";
    Answer none = http.get(serving).expect(200);
    assertThat(none.text())
        .isEqualTo("{\"max_batch_rows\":null,\"max_concurrency\":null,\"timeout_seconds\":null}");
    String limits = "{\"max_batch_rows\":2,\"max_concurrency\":1,\"timeout_seconds\":1.5}";
    Answer put = http.put(serving, limits).expect(200);
    assertThat(put.text()).isEqualTo(limits);
    assertThat(http.get(serving).header("ETag")).isEqualTo(put.header("ETag"));
    assertThat(
            http.post("/v1/models/serving-limits/predict", "{\"instances\":[[1,1],[-2,3],[1,1]]}")
                .expect(200)
                .json()
                .get("predictions")
                .toString())
        .isEqualTo("[[3.5],[24.5],[3.5]]");
    assertThat(
            http.put(serving, "{\"max_batch_rows\":0,\"timeout_seconds\":1e9,\"x\":1}")
                .expect(422)
                .text())
        .contains("/max_batch_rows", "/timeout_seconds", "/x");
    http.put(serving, "{}").expect(200);
    assertThat(http.get(serving).text()).isEqualTo(none.text());
    http.get("/v1/models/serving-nobody/serving").expect(404);
  }

  @Test
  void aDamagedFileIsRefusedWhileTheOldVersionGoesOn() throws Exception {
    String alias = "/v1/models/serving-damage/aliases/production";
    SumNetwork.importAs(http, "serving-damage");
    http.put(alias, "{\"version\": 1}").expect(200);
    for (int version = 2; version <= 3; version++) {
      http.importVersion(
          "serving-damage", SumNetwork.spec("serving-damage"), SumNetwork.weights(100 + version));
      Path file = file(versions.find("serving-damage", version).orElseThrow().weights().sha256());
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 1] ^= 1;
      Files.write(file, version == 2 ? bytes : Arrays.copyOf(bytes, bytes.length - 3));
      http.put(alias, "{\"version\": " + version + "}").expectProblem(500, "corrupt_file");
      Answer answer = http.post("/v1/models/serving-damage/predict", ROW).expect(200);
      assertThat(answer.json().get("version").intValue()).isEqualTo(1);
    }
  }

  private Path file(String name) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(dataDir))) {
      return files
          .filter(file -> file.getFileName().toString().contains(name))
          .findAny()
          .orElseThrow();
    }
  }

  /** The two versions answer 3.5 and 35; anything else would be a half-switched model. */
  @Test
  void noRequestFailsWhileAnAliasIsSwitched() throws Exception {
    SumNetwork.importAs(http, "serving-switch");
    http.importVersion("serving-switch", SumNetwork.spec("serving-switch"), SumNetwork.weights(10));
    int switches = Integer.getInteger("serving.switches", 40);
    String alias = "/v1/models/serving-switch/aliases/production";
    http.put(alias, "{\"version\": 1}").expect(200);
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> counts = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Callable<Integer> caller = () -> ask(done);
        counts.add(callers.submit(caller));
      }
      for (int i = 1; i <= switches; i++) {
        http.put(alias, "{\"version\": " + (i % 2 + 1) + "}").expect(200);
        if (i % 5 == 0) {
          predictor.forget("serving-switch", 2 - i % 2); // the next switch loads it again
        }
      }
      done.set(true);
      for (Future<Integer> count : counts) {
        assertThat(count.get()).isPositive();
      }
    }
  }

  private int ask(AtomicBoolean done) {
    int count = 0;
    while (!done.get()) {
      Answer answer = http.post("/v1/models/serving-switch/predict", ROW).expect(200);
      String expected = answer.json().get("version").intValue() == 1 ? "[[3.5]]" : "[[35.0]]";
      assertThat(answer.json().get("predictions").toString()).isEqualTo(expected);
      count++;
    }
    return count;
  }
}
