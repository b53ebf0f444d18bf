package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A request that a careless or hostile caller sends.
 *
 * @param pointer the place that its problem must name, or "" when there is none
 */
@SuppressWarnings("ArrayRecordComponent")
record BadRequest(
    String claim,
    String method,
    String path,
    String type,
    byte[] body,
    int status,
    String pointer) {

  static BadRequest get(String claim, String path, int status) {
    return new BadRequest(claim, "GET", path, "", new byte[0], status, "");
  }

  static BadRequest json(String claim, String path, String body, int status, String pointer) {
    return new BadRequest(
        claim, "POST", path, "application/json", Http.utf8(body), status, pointer);
  }

  static BadRequest body(String claim, String path, String type, String body, int status) {
    return new BadRequest(claim, "POST", path, type, Http.utf8(body), status, "");
  }

  /** It is refused with a complete problem, and the service still lives. */
  void assertRefused(Http http) {
    Http.Answer answer =
        method.equals("GET") ? http.get(path) : http.send(method, path, body, "Content-Type", type);
    assertThat(answer.expect(status).contentType()).startsWith("application/problem+json");
    JsonNode problem = answer.json();
    assertThat(problem.get("code").stringValue()).matches("[a-z_]+");
    assertThat(problem.get("status").intValue()).isEqualTo(status);
    for (String member : List.of("type", "title", "detail", "instance")) {
      assertThat(problem.path(member).asString("")).as(member).isNotEmpty();
    }
    if (!pointer.isEmpty()) {
      assertThat(answer.pointers())
          .as(answer.text())
          .anySatisfy(found -> assertThat(found).startsWith(pointer));
    }
    assertThat(answer.text()).doesNotContain("io.trainyard").doesNotContain("tools.jackson");
    http.get("/actuator/health/liveness").expect(200);
  }

  @Override
  public String toString() {
    return claim + " " + path;
  }
}
