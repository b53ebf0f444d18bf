package io.trainyard.api.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Callers that break off, or announce another length than they send, disturb nobody. */
@ServiceTest
class BrokenCallersHttpTest {
  private static final String BODY = "{\"instances\": [[1, 2]]}";

  @Autowired private Http http;

  private static String request(String length, String body) {
    return "POST /v1/models/broken/predict HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Type: application/json\r\n"
        + length
        + "\r\n"
        + body;
  }

  private static String announcing(int length, String body) {
    return request("Content-Length: " + length + "\r\n", body);
  }

  @BeforeEach
  void importNetwork() {
    SumNetwork.importAs(http, "broken");
  }

  private void assertOthersAreAnswered() {
    http.post("/v1/models/broken/predict", BODY).expect(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /v1/models/broken/pre",
        "POST /v1/models/broken/predict HTTP/1.1\r\nHost: localhost\r\nContent-Ty",
        "POST /v1/models/broken/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 23\r\n"
      })
  void halfAHeaderIsNoRequest(String start) throws IOException {
    for (int i = 0; i < 20; i++) {
      http.open(start).close();
    }
    assertOthersAreAnswered();
  }

  @Test
  void aCallerMayHangUpWithinItsBody() throws IOException {
    for (int i = 0; i < 20; i++) {
      http.open(announcing(1000, BODY)).close();
    }
    assertOthersAreAnswered();
  }

  /** What is missing never comes: the caller ends its side. */
  @Test
  void aBodyShorterThanAnnouncedIsNotAnswered() throws IOException {
    assertThat(http.raw(announcing(BODY.length() + 9, BODY)))
        .startsWith("HTTP/1.1 400")
        .doesNotContain("predictions");
    assertOthersAreAnswered();
  }

  /** The rest is the start of a next request, which is not one. */
  @Test
  void aBodyLongerThanAnnouncedIsReadToItsLength() throws IOException {
    String answer = http.raw(announcing(BODY.length(), BODY + "{\"more\": 1}"));

    assertThat(answer).startsWith("HTTP/1.1 200").contains("\"predictions\"");
    assertThat(answer.split("HTTP/1.1 ", -1)).hasSizeLessThanOrEqualTo(3);
    assertThat(answer.lastIndexOf("HTTP/1.1 200")).isZero();
    assertOthersAreAnswered();
  }

  @Test
  void anAnswerThatNobodyReadsIsDropped() throws IOException {
    String body = "{\"instances\": [" + "[1, 2],".repeat(20_000) + "[1, 2]]}";
    for (int i = 0; i < 5; i++) {
      try (Socket caller = http.open(announcing(body.length(), body), 1 << 12)) {
        byte[] start = caller.getInputStream().readNBytes(12);
        assertThat(new String(start, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
      }
    }
    assertOthersAreAnswered();
  }
}
