package io.trainyard.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** Every answer has an id of its request and a place in a trace, problems too. */
@ServiceTest
@Timeout(60)
class RequestIdsTest {
  private static final String ID = "X-Request-ID";

  @Autowired private Http http;

  @Test
  void saneIdOfTheCallerComesBack() {
    assertThat(http.get("/v1/models", ID, "mine-1").header(ID)).isEqualTo("mine-1");
    assertThat(http.get("/v1/models", ID, "not \"sane\"").header(ID)).matches("[0-9a-f]{32}");
    assertThat(http.get("/v1/models").header(ID)).matches("[0-9a-f]{32}");
  }

  @Test
  void problemNamesItsRequest() {
    Http.Answer answer = http.get("/v1/models/nobody", ID, "mine-2").expect(404);
    assertThat(answer.json().get("request_id").stringValue()).isEqualTo("mine-2");
    assertThat(answer.header(ID)).isEqualTo("mine-2");
    Http.Answer nowhere = http.get("/nowhere", ID, "mine-3").expect(404);
    assertThat(nowhere.json().get("request_id").stringValue()).isEqualTo("mine-3");
  }

  @Test
  void requestThatTheServerRefusesItselfHasAnIdToo() throws Exception {
    String answer = http.raw("GET /v1/models HTTP/9.9\r\nHost: localhost\r\n\r\n");
    assertThat(answer).containsPattern("(?i)x-request-id: [0-9a-f]{32}");
    assertThat(answer).containsPattern("\"request_id\":\"[0-9a-f]{32}\"");
    String path = http.raw("GET /v1/mod\\els HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(path).containsPattern("\"request_id\":\"[0-9a-f]{32}\"");
  }

  @Test
  void traceGoesOn() {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    String header = "00-" + trace + "-b7ad6b7169203331-01";
    assertThat(http.get("/v1/models", "traceparent", header).header("traceparent"))
        .startsWith("00-" + trace + "-")
        .doesNotContain("b7ad6b7169203331");
    assertThat(http.get("/v1/models", "traceparent", "nonsense").header("traceparent"))
        .as("a new trace, which nobody collects")
        .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
  }
}
