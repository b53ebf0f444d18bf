package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** The names and origins of the settings are allowed, and the limits of requests hold. */
@ServiceTest
@TestPropertySource(
    properties = {
      "trainyard.http.hosts=lab.example, 127.0.0.1",
      "trainyard.http.origins=https://app.example",
      "trainyard.http.min-rate-window=1s",
      "trainyard.http.max-requests=4",
      "trainyard.http.max-watchers=20"
    })
@Timeout(60)
class ConfiguredNamesHttpTest {
  private static final String BODY =
      """
      POST /v1/models:validate HTTP/1.1\r
      Host: 127.0.0.1\r
      Content-Type: application/json\r
      Content-Length: 1000000\r
      \r
      """;

  private static final String JOB =
      """
      {"model": {"name": "places-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
                 "targets": {"y": {"column": "y", "type": "class"}},
                 "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}},
       "dataset": {"name": "xor"},
       "training": {"loss": "binary_crossentropy", "epochs": %d, "batch_size": 2}}
      """;

  private static final List<String> HEALTH =
      List.of(
          "/actuator/health/liveness", "/livez", "/readyz", "/v2/health/live", "/v2/health/ready");

  @Autowired private Http http;

  private String status(String headers) throws IOException {
    return http.raw("DELETE /v1/models/none HTTP/1.1\r\n" + headers + "\r\n").substring(9, 12);
  }

  @Test
  void configuredHostsReplaceTheDefault() throws IOException {
    assertThat(status("Host: lab.example\r\n")).isEqualTo("404");
    assertThat(status("Host: lab.example:99\r\n")).isEqualTo("404");
    assertThat(status("Host: localhost\r\n")).isEqualTo("421");
  }

  @Test
  void pagesOfConfiguredOriginsMayChangeAndRead() throws IOException {
    String allowed = "Host: 127.0.0.1\r\nOrigin: https://app.example\r\n";
    assertThat(status(allowed)).isEqualTo("404");
    assertThat(status(allowed + "Sec-Fetch-Site: cross-site\r\n")).isEqualTo("404");
    assertThat(status("Host: 127.0.0.1\r\nOrigin: https://app.example:8\r\n")).isEqualTo("403");
    assertThat(
            http.raw(
                "OPTIONS /v1/models HTTP/1.1\r\n"
                    + allowed
                    + "Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 204 ")
        .contains("Access-Control-Allow-Origin: https://app.example");
    assertThat(http.get("/v1/models", "Origin", "https://app.example").expect(200))
        .extracting(answer -> answer.header("Access-Control-Allow-Origin"))
        .isEqualTo("https://app.example");
    assertThat(http.get("/v1/models", "Origin", "https://other.example"))
        .extracting(answer -> answer.header("Access-Control-Allow-Origin"))
        .isEqualTo("");
  }

  @Test
  void slowSenderGetsAProblemAndLosesItsConnection() throws Exception {
    for (String path : new String[] {"/v1/models:validate", "/v1/datasets?name=slow"}) {
      String type = path.contains("datasets") ? "text/csv" : "application/json";
      String head = BODY.replace("/v1/models:validate", path).replace("application/json", type);
      assertThat(answerToOneByteAtATime(head))
          .as(path)
          .startsWith("HTTP/1.1 408 ")
          .contains("\"code\":\"slow_body\"", "1024 per second", "Connection: close");
    }
  }

  @Test
  void slowRestOfARefusedBodyEndsTheConnection() throws Exception {
    long started = System.nanoTime();
    assertThat(answerToOneByteAtATime(BODY.replace("/v1/models:validate", "/v1/nowhere")))
        .startsWith("HTTP/1.1 404 ")
        .contains("\"code\":\"route_not_found\"");
    // One byte every 100 ms would take a day for the whole body.
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(20));
  }

  /** Sends a byte every 100 ms until the connection ends, or until the test's time is over. */
  private String answerToOneByteAtATime(String head) throws Exception {
    try (var socket = http.open(head)) {
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (true) {
                        socket.getOutputStream().write(' ');
                        Thread.sleep(100);
                      }
                    } catch (IOException | InterruptedException e) {
                      // the connection ended
                    }
                  });
      StringBuilder answer = new StringBuilder();
      try {
        for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
          answer.append((char) b);
        }
      } catch (SocketException reset) {
        // the server has closed the connection while a byte was on its way
      }
      sender.interrupt();
      return answer.toString();
    }
  }

  @Test
  void requestsBeyondTheLimitAreRefusedAndHealthIsAnswered() throws Exception {
    try (var _ = http.open(BODY)) {
      Http.pause(Duration.ofMillis(200));
      http.get("/v1/models").expect(200);
    }
    await(200);
    try (var _ = held();
        var _ = held()) {
      await(503);
      Http.Answer refused = http.get("/v1/models");
      refused.expectProblem(503, "unavailable");
      assertThat(refused.header("Retry-After")).isNotEmpty();
      for (String probe : HEALTH) {
        http.get(probe).expect(200);
      }
    }
    await(200);
  }

  /** More than the service answers at once, some of them streams. */
  @Test
  void callersWhoWaitForAJobLeavePlacesToPredictions() throws Exception {
    http.sample("xor");
    http.await(http.submit(JOB.formatted(1)));
    String job = http.submit(JOB.formatted(1_000_000));
    List<Socket> waiting = new ArrayList<>();
    try {
      for (int i = 1; i <= 10; i++) {
        String path = job + (i % 2 == 0 ? "?wait=60" : "/events");
        waiting.add(http.open("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
        awaitWatchers(i);
      }
      http.post("/v1/models/places-xor/predict", "{\"instances\": [{\"x1\": 0, \"x2\": 1}]}")
          .expect(200);
      Http.Answer refused = http.get(job + "?wait=60");
      refused.expectProblem(429, "rate_limited");
      assertThat(refused.header("Retry-After")).isEqualTo("5");
      http.get(job).expect(200);
    } finally {
      for (Socket socket : waiting) {
        socket.close();
      }
      http.post(job + "/cancel").expect(202);
    }
  }

  private void awaitWatchers(int count) {
    String sample = "trainyard_http_places_taken{pool=\"watchers\"} " + count + ".0";
    while (!http.get("/actuator/prometheus").text().contains(sample)) {
      Http.pause(Duration.ofMillis(20));
    }
  }

  /** A request that has a place: one that meets another request may be refused. */
  private Socket held() throws IOException {
    while (true) {
      Socket socket = http.open(BODY);
      Http.pause(Duration.ofMillis(200));
      if (socket.getInputStream().available() == 0) {
        return socket;
      }
      socket.close();
    }
  }

  private void await(int status) {
    while (http.get("/v1/models").status() != status) {
      Http.pause(Duration.ofMillis(5));
    }
  }
}
