package io.trainyard.api.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;

/** A caller that hangs up, or sends less than it said, leaves nothing behind and may try again. */
@ServiceTest
@Timeout(120)
class BrokenOffUploadTest {
  private static final String ROWS = "1,2.5,some text\n".repeat(200_000);
  private static final String CSV = "a,b,c\n" + ROWS;

  @Value("${trainyard.data-dir}")
  Path data;

  @Autowired private Http http;

  /** How much of a body is sent, under which promise. */
  enum Sent {
    HALF_OF_ITS_LENGTH("text/csv", "Content-Length: " + 2 * CSV.length(), CSV),
    CHUNKS_WITHOUT_AN_END("text/csv", "Transfer-Encoding: chunked", chunk(CSV)),
    HALF_A_CHUNK("text/csv", "Transfer-Encoding: chunked", chunk(CSV) + "ffff\r\n1,2"),
    HALF_A_PART(
        "multipart/form-data; boundary=b",
        "Content-Length: " + 3 * CSV.length(),
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n" + CSV);

    final String type;
    final String length;
    final String body;

    Sent(String type, String length, String body) {
      this.type = type;
      this.length = length;
      this.body = body;
    }

    private static String chunk(String body) {
      return Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsLeftWhenTheCallerHangsUp(Sent sent) throws Exception {
    try (Socket socket = open(sent)) {
      socket.setSoLinger(true, 0);
    }
    assertNothingLeft("cut-off");
    http.upload("cut-off", CSV);
    http.delete("/v1/datasets/cut-off/versions/latest").expect(204);
  }

  @ParameterizedTest
  @EnumSource
  void aCallerThatOnlyStopsSendingIsToldSo(Sent sent) throws Exception {
    try (Socket socket = open(sent)) {
      socket.shutdownOutput();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json");
      assertThat(answer).contains("\"instance\":\"/v1/datasets\"").doesNotContain("Exception");
    }
    assertNothingLeft("cut-off");
  }

  @Test
  void whatIsAnnouncedAsTooLargeIsRefusedBeforeItIsSent() throws Exception {
    try (Socket socket = open("text/csv", "Content-Length: 9000000000", "a,b\n")) {
      String answer = "";
      byte[] buffer = new byte[400];
      // Not to its end: the connection stays open for a while, so that a sender reads the answer.
      while (!answer.contains("\"code\":\"body_too_large\"")) {
        int read = socket.getInputStream().read(buffer);
        assertThat(read).as(answer).isPositive();
        answer += new String(buffer, 0, read, StandardCharsets.UTF_8);
      }
      assertThat(answer).startsWith("HTTP/1.1 413 ").contains("\"code\":\"body_too_large\"");
    }
    assertNothingLeft("cut-off");
  }

  private Socket open(Sent sent) throws IOException {
    return open(sent.type, sent.length, sent.body);
  }

  private Socket open(String type, String length, String body) throws IOException {
    return http.open(
        "POST /v1/datasets?name=cut-off HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n%s\r\n\r\n"
                .formatted(type, length)
            + body);
  }

  private void assertNothingLeft(String name) throws Exception {
    Instant limit = Instant.now().plus(Duration.ofSeconds(20));
    List<Path> left = files();
    // Nothing, ten times in a row: the service may not have begun to read when it is first asked.
    for (int empty = 0; empty < 10 && Instant.now().isBefore(limit); left = files()) {
      empty = left.isEmpty() ? empty + 1 : 0;
      Thread.sleep(20);
    }
    assertThat(left).as("unfinished files").isEmpty();
    assertThat(http.get("/v1/datasets/" + name).status()).isEqualTo(404);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("datasets/tmp"))) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("lock")) // a living process's
          .toList();
    } catch (java.io.UncheckedIOException e) {
      return List.of(data); // it changed under our eyes
    }
  }
}
