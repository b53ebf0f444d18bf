package io.trainyard.api.practice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.api.edge.PracticeConnections;
import io.trainyard.engine.Engine;
import io.trainyard.job.process.Roles;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.serving.ServedVersions;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.unit.DataSize;

@ServiceTest
@Timeout(120)
class ProcessWarmUpHttpTest {
  @Autowired private Http http;
  @Autowired private Predictor predictor;
  @Autowired private PracticeConnections connections;
  @Autowired private Engine engine;
  @Autowired private Roles roles;
  @Autowired private ServedVersions served;
  @Autowired private ApplicationContext context;

  private LoadedModel loaded(String name) {
    http.importVersion(
        name,
        """
        {"name": "%s", "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "dense", "name": "out", "units": 1}]}}"""
            .formatted(name),
        new Weights().with("out.weight", Shape.of(1, 2), 1, 2).with("out.bias", Shape.of(1), 3));
    assertThat(predict(name)).contains("6.0");
    return predictor.loaded().stream()
        .filter(model -> model.version().model().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private String predict(String model) {
    return http.post("/v1/models/" + model + "/predict", "{\"instances\": [{\"a\": 1, \"b\": 1}]}")
        .expect(200)
        .text();
  }

  private int send(byte[] request) throws IOException {
    try (PracticeConnections.Connection connection = connections.open(http.port())) {
      return connection.send(request);
    }
  }

  /** All lines that predictions change; not largest values, which are forgotten after a while. */
  private List<String> counted() {
    return http.get("/actuator/prometheus")
        .expect(200)
        .text()
        .lines()
        .filter(line -> line.startsWith("trainyard_predict") || line.contains("{model}/predict\""))
        .filter(line -> !line.contains("_loaded_bytes") && !line.contains("_seconds_max"))
        .toList();
  }

  @Test
  void practiceIsAnsweredInEveryFormatAndCountsNowhere() throws IOException {
    PracticeRequests requests = new PracticeRequests(loaded("practised"));
    List<String> before = counted();
    String statistics = http.get("/v2/models/practised/stats").expect(200).text();

    assertThat(requests.formats()).isEqualTo(7);
    for (int format = 0; format < requests.formats(); format++) {
      for (int turn : new int[] {1, 8, 16}) {
        assertThat(send(requests.request(format, turn)))
            .as("%d of %d", format, turn)
            .isEqualTo(200);
      }
    }

    assertThat(counted()).isEqualTo(before);
    assertThat(http.get("/v2/models/practised/stats").text()).isEqualTo(statistics);
    assertThat(http.get("/actuator/prometheus").text()).doesNotContain("uri=\"practice\"");
    assertThat(predict("practised")).contains("6.0");
    assertThat(counted()).isNotEqualTo(before);
  }

  @Test
  void ownNetAnswersPracticeAlone() throws IOException {
    LoadedModel own = predictor.practise(engine::load);
    try {
      PracticeRequests requests = new PracticeRequests(own);
      assertThat(requests.formats()).as("none of NPY").isEqualTo(5);
      for (int format = 0; format < requests.formats(); format++) {
        assertThat(send(requests.request(format, 16))).isEqualTo(200);
      }
      http.post("/v1/models/practice/predict", "{\"instances\": []}").expect(404);
      assertThat(predictor.loaded()).doesNotContain(own);
    } finally {
      predictor.endPractice();
    }
    assertThat(send(new PracticeRequests(own).request(0, 1))).isEqualTo(404);
  }

  @Test
  void warmUpEndsAfterItsProcessorTime() throws InterruptedException {
    var _ = loaded("warmed");
    long start = System.nanoTime();
    new ProcessWarmUp(
            properties(Duration.ofMillis(200)),
            roles,
            served,
            predictor,
            engine,
            connections,
            context)
        .run(new DefaultApplicationArguments());
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(50), Duration.ofSeconds(3));
  }

  /** It would only have been faster: the process answers all the same. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void warmUpThatFailsEndsNoStart(boolean memory) {
    BrokenServer broken = new BrokenServer(memory);
    ProcessWarmUp warmUp =
        new ProcessWarmUp(
            properties(Duration.ofMillis(200)),
            roles,
            served,
            predictor,
            engine,
            connections,
            broken);
    assertThatCode(() -> warmUp.run(new DefaultApplicationArguments())).doesNotThrowAnyException();
    assertThat(broken.asked).isTrue();
  }

  /** A server whose port cannot be asked for. */
  private static final class BrokenServer extends GenericApplicationContext
      implements WebServerApplicationContext, WebServer {
    private final boolean memory;
    boolean asked;

    BrokenServer(boolean memory) {
      this.memory = memory;
    }

    @Override
    public WebServer getWebServer() {
      return this;
    }

    @Override
    public int getPort() {
      asked = true;
      if (memory) {
        throw new OutOfMemoryError("planted");
      }
      throw new IllegalStateException("planted");
    }

    @Override
    public @Nullable String getServerNamespace() {
      return null;
    }
  }

  private static PredictProperties properties(Duration warmUp) {
    Duration some = Duration.ofSeconds(10);
    DataSize size = DataSize.ofMegabytes(64);
    return new PredictProperties(1, 10, some, some, 1, some, some, size, size, warmUp, some);
  }
}
