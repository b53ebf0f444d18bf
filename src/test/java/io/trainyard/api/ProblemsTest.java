package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Whatever goes wrong, the caller gets a problem that says what. */
@ServiceTest
@Import(ProblemsTest.Probe.class)
@Timeout(60)
class ProblemsTest {
  @LocalServerPort int port;
  Http http;

  @BeforeEach
  void connect() {
    http = new Http(port);
  }

  @Test
  void unknownPathIsNotFound() {
    Answer answer = http.get("/v1/nowhere");
    assertProblem(answer, 404, "route_not_found");
    assertThat(answer.json().get("instance").stringValue()).isEqualTo("/v1/nowhere");
    assertThat(answer.json().get("type").stringValue())
        .isEqualTo("urn:trainyard:problem:route_not_found");
    assertProblem(http.get("/"), 404, "route_not_found");
    assertProblem(http.get("/error"), 404, "route_not_found");
    assertProblem(http.get("/actuator/nothing"), 404, "route_not_found");
    assertProblem(http.get("/probe/a%2Fb"), 400, "malformed_request");
  }

  @Test
  void wrongMethodNamesTheRightOnes() {
    Answer answer = http.delete("/probe/body");
    assertProblem(answer, 405, "method_not_allowed");
    assertThat(answer.header("Allow")).contains("POST");
    assertProblem(http.send("BREW", "/probe/body", new byte[0]), 405, "method_not_allowed");
  }

  @Test
  void mediaTypesAreChecked() {
    assertProblem(
        http.send("POST", "/probe/body", Http.utf8("a,b"), "Content-Type", "text/csv"),
        415,
        "unsupported_media_type");
    assertProblem(http.send("POST", "/probe/body", Http.utf8("{}")), 415, "unsupported_media_type");
    assertProblem(
        http.send("POST", "/probe/body", Http.utf8("{}"), "Content-Type", "a bad one"),
        415,
        "unsupported_media_type");
    assertProblem(http.get("/probe/values", "Accept", "image/png"), 406, "not_acceptable");
  }

  @Test
  void bodiesAreStrictJson() {
    assertProblem(http.post("/probe/body", ""), 400, "malformed_body");
    assertProblem(http.post("/probe/body", "{\"a\": 1"), 400, "malformed_body");
    assertProblem(http.post("/probe/body", "{\"a\": 1, \"a\": 2}"), 400, "malformed_body");
    assertProblem(http.post("/probe/body", "{} {}"), 400, "malformed_body");
    assertProblem(http.post("/probe/body", "[NaN]"), 400, "malformed_body");
    assertProblem(http.post("/probe/body", "[".repeat(100_000)), 400, "malformed_body");
    Answer big = http.post("/probe/body", "{\"a\": [0, 1e400]}");
    assertProblem(big, 422, "invalid_body");
    assertThat(big.json().at("/errors/0/pointer").stringValue()).isEqualTo("/a/1");
    Answer nul = http.post("/probe/body", "{\"a\": \"x\\u0000\"}");
    assertProblem(nul, 422, "invalid_body");
  }

  @Test
  void bodiesAreBounded() {
    String large = "[\"" + "x".repeat(17 << 20) + "\"]";
    assertProblem(http.post("/probe/body", large), 413, "body_too_large");
  }

  @Test
  void parametersAreChecked() {
    assertProblem(http.get("/probe/values?count=1.5"), 400, "invalid_parameter");
    assertProblem(http.get("/probe/values?since=yesterday"), 400, "invalid_parameter");
    assertProblem(http.get("/probe/values?cuont=1"), 400, "invalid_parameter");
    assertProblem(http.get("/probe/needs"), 400, "invalid_parameter");
  }

  @Test
  void ourOwnErrorsKeepTheirCode() {
    Answer busy = http.get("/probe/busy");
    assertProblem(busy, 503, "queue_full");
    assertThat(busy.header("Retry-After")).isNotEmpty();
    Answer broken = http.get("/probe/broken");
    assertProblem(broken, 500, "internal");
    assertThat(broken.text()).doesNotContain("secret").doesNotContain("Exception");
    assertProblem(http.get("/probe/overflow"), 500, "internal");
  }

  @Test
  void nonFiniteNumbersAreStrings() {
    assertThat(http.get("/probe/values").text())
        .contains("\"NaN\"", "\"Infinity\"", "\"-Infinity\"");
  }

  @Test
  void brokenRequestLinesGetNoHtml() throws IOException {
    for (String request :
        new String[] {
          "GET /v1/\u0001 HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET\r\n\r\n",
          "GET /v1/models HTTP/9.9\r\nHost: x\r\n\r\n",
          "GET /v1/models HTTP/1.1\r\n\r\n",
          "GET /v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /probe/needs?name=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /v1/%c0%ae HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /v1/../../etc HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /v1/a;b=c HTTP/1.1\r\nHost: x\r\n\r\n",
          "TRACE /v1/models HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /v1/models HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(70_000) + "\r\n\r\n",
          "POST /probe/body HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
          "POST /probe/body HTTP/1.1\r\nHost: x\r\n"
              .concat("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        }) {
      String answer = raw(request);
      assertThat(answer)
          .as(request.lines().findFirst().orElse(""))
          .matches("(?s)HTTP/1.1 (4..|505) .*");
      assertThat(answer).doesNotContain("<html", "Exception", "\tat ");
      assertThat(answer).contains("application/problem+json", "\"code\"");
    }
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void assertProblem(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
    JsonNode problem = answer.json();
    assertThat(problem.get("code").stringValue()).isEqualTo(code);
    assertThat(problem.get("status").intValue()).isEqualTo(status);
    assertThat(problem.get("title").stringValue()).isNotBlank();
    assertThat(problem.get("detail").stringValue()).isNotBlank();
  }

  @TestComponent
  @RestController
  static class Probe {
    @PostMapping("/probe/body")
    Map<String, Object> body(@RequestBody JsonNode body) {
      return Map.of("size", body.size());
    }

    @GetMapping("/probe/values")
    Map<String, Object> values(
        @RequestParam(defaultValue = "1") int count,
        @RequestParam(required = false) Instant since) {
      return Map.of(
          "a", Double.NaN, "b", Double.POSITIVE_INFINITY, "c", Float.NEGATIVE_INFINITY, "n", count);
    }

    @GetMapping("/probe/needs")
    String needs(@RequestParam String name) {
      return name;
    }

    @GetMapping("/probe/busy")
    void busy() {
      throw new ServiceException(ErrorCode.QUEUE_FULL, "100 of 100 places are taken");
    }

    @GetMapping("/probe/broken")
    void broken() {
      throw new IllegalStateException("secret");
    }

    @GetMapping("/probe/overflow")
    int overflow() {
      throw new StackOverflowError();
    }
  }
}
