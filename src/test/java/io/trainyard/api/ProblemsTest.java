package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestComponent;
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
  @Autowired private Http http;

  @Test
  void unknownPathIsNotFound() {
    Answer answer = http.get("/v1/nowhere");
    answer.expectProblem(404, "route_not_found");
    assertThat(answer.json().get("instance").stringValue()).isEqualTo("/v1/nowhere");
    assertThat(answer.json().get("type").stringValue())
        .isEqualTo("urn:trainyard:problem:route_not_found");
    http.get("/error").expectProblem(404, "route_not_found");
    http.get("/actuator/nothing").expectProblem(404, "route_not_found");
    Answer unreadable = http.get("/probe/a%2Fb").expectProblem(400, "malformed_request");
    assertThat(unreadable.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(unreadable.header("Content-Security-Policy")).contains("default-src 'none'");
    Answer large =
        http.get("/v1/datasets?name=" + "x".repeat(40_000)).expectProblem(400, "malformed_request");
    assertThat(large.json().get("detail").stringValue()).contains("longer than this service reads");
  }

  @Test
  void wrongMethodNamesTheRightOnes() {
    Answer answer = http.delete("/probe/body");
    answer.expectProblem(405, "method_not_allowed");
    assertThat(answer.header("Allow")).contains("POST");
    http.send("BREW", "/probe/body", new byte[0]).expectProblem(405, "method_not_allowed");
  }

  @Test
  void mediaTypesAreChecked() {
    http.send("POST", "/probe/body", Http.utf8("a,b"), "Content-Type", "text/csv")
        .expectProblem(415, "unsupported_media_type");
    http.send("POST", "/probe/body", Http.utf8("{}")).expectProblem(415, "unsupported_media_type");
    http.send("POST", "/probe/body", Http.utf8("{}"), "Content-Type", "a bad one")
        .expectProblem(415, "unsupported_media_type");
    http.get("/probe/values", "Accept", "image/png").expectProblem(406, "not_acceptable");
  }

  @Test
  void bodiesAreStrictJson() {
    http.post("/probe/body", "").expectProblem(400, "malformed_body");
    http.post("/probe/body", "{\"a\": 1").expectProblem(400, "malformed_body");
    http.post("/probe/body", "{\"a\": 1, \"a\": 2}").expectProblem(400, "malformed_body");
    http.post("/probe/body", "{} {}").expectProblem(400, "malformed_body");
    http.post("/probe/body", "[NaN]").expectProblem(400, "malformed_body");
    http.post("/probe/body", "[".repeat(100_000)).expectProblem(400, "malformed_body");
    Answer big = http.post("/probe/body", "{\"a\": [0, 1e400]}");
    big.expectProblem(422, "invalid_body");
    assertThat(big.json().at("/errors/0/pointer").stringValue()).isEqualTo("/a/1");
    Answer nul = http.post("/probe/body", "{\"a\": \"x\\u0000\"}");
    nul.expectProblem(422, "invalid_body");
  }

  @Test
  void bodiesAreBounded() {
    String large = "[\"" + "x".repeat(17 << 20) + "\"]";
    http.post("/probe/body", large).expectProblem(413, "body_too_large");
  }

  @Test
  void parametersAreChecked() {
    http.get("/probe/values?count=1.5").expectProblem(400, "invalid_parameter");
    http.get("/probe/values?since=yesterday").expectProblem(400, "invalid_parameter");
    http.get("/probe/values?cuont=1").expectProblem(400, "invalid_parameter");
    http.get("/probe/needs").expectProblem(400, "invalid_parameter");
  }

  @Test
  void ourOwnErrorsKeepTheirCode() {
    Answer busy = http.get("/probe/busy");
    busy.expectProblem(503, "queue_full");
    assertThat(busy.header("Retry-After")).isNotEmpty();
    Answer broken = http.get("/probe/broken");
    broken.expectProblem(500, "internal");
    assertThat(broken.text()).doesNotContain("secret").doesNotContain("Exception");
    http.get("/probe/overflow").expectProblem(500, "internal");
    Answer full = http.get("/probe/heap");
    full.expectProblem(503, "unavailable");
    assertThat(full.header("Retry-After")).isNotEmpty();
    assertThat(full.text()).doesNotContain("heap space");
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
          "GET /v1/\u0001 HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET\r\n\r\n",
          "GET /v1/models HTTP/9.9\r\nHost: localhost\r\n\r\n",
          "GET /v1/models HTTP/1.1\r\n\r\n",
          "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x\r\n\r\n",
          "GET /v1/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /probe/needs?name=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /v1/%c0%ae HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /v1/../../etc HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /v1/a;b=c HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "TRACE /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: " + "y".repeat(70_000) + "\r\n\r\n",
          "POST /probe/body HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
          "POST /probe/body HTTP/1.1\r\nHost: localhost\r\n"
              .concat("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        }) {
      String answer = http.raw(request);
      assertThat(answer).as(request.lines().findFirst().orElse("")).matches("(?s)HTTP/1.1 4.. .*");
      assertThat(answer).doesNotContain("<html", "Exception", "\tat ");
      assertThat(answer).contains("application/problem+json", "\"code\"");
    }
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

    @GetMapping("/probe/heap")
    void heap() {
      throw new OutOfMemoryError("Java heap space");
    }

    @GetMapping("/probe/overflow")
    int overflow() {
      throw new StackOverflowError();
    }
  }
}
