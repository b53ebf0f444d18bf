package io.trainyard.api.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;

/** An upload under a key runs once, whatever its size; a broken one leaves the key free. */
@ServiceTest
@Timeout(120)
class IdempotentUploadHttpTest {
  private static final String CSV = "a,b\n1,x\n2,y\n";

  @Value("${trainyard.data-dir}")
  Path data;

  @Autowired Http http;
  @Autowired JdbcClient jdbc;

  private Answer csv(String name, String key, String body) {
    return http.send(
        "POST",
        "/v1/datasets?name=" + name,
        Http.utf8(body),
        "Content-Type",
        "text/csv",
        "Idempotency-Key",
        key);
  }

  private static String key() {
    return UUID.randomUUID().toString();
  }

  @Test
  void retryGetsTheFirstAnswer() throws Exception {
    String key = key();
    Answer first = csv("keyed", key, CSV);
    assertThat(first.status()).as(first.text()).isEqualTo(201);
    Answer retry = csv("keyed", key, CSV);
    // Without the key it would be 200: the version exists.
    assertThat(retry.status()).isEqualTo(201);
    assertThat(retry.header("Location")).isEqualTo("/v1/datasets/keyed/versions/1");
    assertThat(retry.text()).isEqualTo(first.text());
    assertThat(csv("keyed", key, CSV + "3,z\n").json().get("code").stringValue())
        .isEqualTo("idempotency_key_reused");
    assertThat(csv("other-name", key, CSV).status()).as("the query counts").isEqualTo(422);
    assertThat(csv("keyed", key(), CSV).status()).isEqualTo(200);
    assertNothingSpooled();
  }

  @Test
  void retryGetsTheSameFaultsOfRows() {
    String key = key();
    Answer first = csv("keyed-bad", key, "a,b\n1\n");
    assertThat(first.status()).isEqualTo(422);
    Answer retry = csv("keyed-bad", key, "a,b\n1\n");
    assertThat(retry.text()).isEqualTo(first.text());
  }

  @Test
  void bodyLargerThanJsonMayBeIsTaken() throws Exception {
    String rows = "number\n" + "12345678\n".repeat(2_500_000);
    String key = key();
    Answer first = csv("keyed-large", key, rows);
    assertThat(first.status()).as(first.text()).isEqualTo(201);
    assertThat(csv("keyed-large", key, rows).status()).isEqualTo(201);
    assertNothingSpooled();
  }

  @Test
  void partsOfAFormCount() {
    String key = key();
    String query = "/v1/datasets?name=keyed-form";
    Answer made = file(CSV).post(http, query, "Idempotency-Key", key);
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    assertThat(file(CSV).post(http, query, "Idempotency-Key", key).text()).isEqualTo(made.text());
    assertThat(file(CSV + "3,z\n").post(http, query, "Idempotency-Key", key).status())
        .isEqualTo(422);
  }

  private static Multipart file(String csv) {
    return new Multipart().file("file", "rows.csv", Http.utf8(csv));
  }

  /** A body that ends too early or can't be told apart. */
  enum Broken {
    NO_BOUNDARY("multipart/form-data", "Content-Length: 5", "--b\r\n"),
    OTHER_BOUNDARY("multipart/form-data; boundary=c", "Content-Length: 5", "--b\r\n"),
    EMPTY("multipart/form-data; boundary=b", "Content-Length: 0", ""),
    HALF_A_PART(
        "multipart/form-data; boundary=b",
        "Content-Length: 90000",
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\na\n1"),
    HALF_A_HEAD("multipart/form-data; boundary=b", "Content-Length: 90000", "--b\r\nContent-Dispo"),
    LARGE_HEAD(
        "multipart/form-data; boundary=b",
        "Content-Length: 100010",
        "--b\r\nX: " + "x".repeat(100_002)),
    UNFINISHED_CHUNK("text/csv", "Transfer-Encoding: chunked", "ffff\r\na,b\n1"),
    SHORT("text/csv", "Content-Length: 90000", CSV);

    final String head;
    final String body;

    Broken(String type, String length, String body) {
      this.head =
          "POST /v1/datasets?name=keyed-broken HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
              + "Content-Type: %s\r\n%s\r\n".formatted(type, length);
      this.body = body;
    }
  }

  @ParameterizedTest
  @EnumSource
  void brokenBodyIsRefusedAndLeavesNoCallRunning(Broken broken) throws Exception {
    String key = key();
    for (String header : List.of("", "Idempotency-Key: " + key + "\r\n")) {
      try (Socket socket = http.open(broken.head + header + "\r\n" + broken.body)) {
        socket.shutdownOutput();
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer)
            .startsWith("HTTP/1.1 4")
            .contains("application/problem+json", "\"instance\":\"/v1/datasets\"")
            .doesNotContain("Exception", "org.");
      }
    }
    assertThat(running()).as("running calls").isZero();
    // 422 for the forms that could be read: the key is for them.
    assertThat(csv("keyed-broken", key, CSV).status()).isIn(200, 201, 422);
    assertNothingSpooled();
  }

  private long running() {
    return jdbc.sql("select count(*) from idempotency_keys where holder is not null")
        .query(Long.class)
        .single();
  }

  /** A file is deleted just after its answer. */
  private void assertNothingSpooled() throws Exception {
    Instant limit = Instant.now().plusSeconds(20);
    while (spooled() > 0 && Instant.now().isBefore(limit)) {
      Thread.sleep(20);
    }
    assertThat(spooled()).as("temporary files").isZero();
  }

  private long spooled() throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("tmp"))) {
      return files.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).count();
    }
  }
}
