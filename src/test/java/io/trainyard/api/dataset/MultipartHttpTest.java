package io.trainyard.api.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;

/** Forms of careless and of hostile callers. */
@ServiceTest
@Timeout(120)
class MultipartHttpTest {
  private static final byte[] NPY = Npy.write(HostTensor.ofFloats(Shape.of(2), 1, 2));

  @Value("${trainyard.data-dir}")
  Path data;

  @Autowired Http http;

  private static Multipart columns(int count) {
    Multipart form = new Multipart();
    for (int i = 0; i < count; i++) {
      form.file("c" + i, "c.npy", NPY);
    }
    return form;
  }

  @Test
  void thousandFilesAreTakenAndNotOneMore() {
    Answer made = columns(1000).json("options", "{}").post(http, "/v1/datasets?name=columns");
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    assertThat(made.json().get("columns")).hasSize(1000);
    Answer more = columns(1001).post(http, "/v1/datasets?name=columns");
    assertThat(more.status()).as(more.text()).isEqualTo(422);
    assertThat(more.json().get("detail").stringValue()).contains("From 1 to 1000 files");
    Answer many = columns(10_000).post(http, "/v1/datasets?name=columns");
    assertThat(many.status()).as(many.text()).isEqualTo(413);
  }

  @Test
  void filesOfOneNameAreRefusedByTheirName() {
    Answer twice =
        new Multipart()
            .file("x", "1.npy", NPY)
            .file("x", "2.npy", NPY)
            .post(http, "/v1/datasets?name=twice");
    assertThat(twice.status()).isEqualTo(422);
    assertThat(twice.json().at("/errors/0/pointer").stringValue()).isEqualTo("/x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "a/b", "..\\x", "/etc/x"})
  void pathsAreNoNamesOfFiles(String name) {
    // A backslash escapes in a quoted string.
    String quoted = name.replace("\\", "\\\\");
    Answer refused =
        new Multipart()
            .file("y", "y.npy", NPY)
            .file(quoted, "x.npy", NPY)
            .post(http, "/v1/datasets?name=paths");
    assertThat(refused.status()).as(refused.text()).isEqualTo(422);
    assertThat(refused.json().get("detail").stringValue()).contains("without slashes");
  }

  @Test
  void optionsMustBeJsonOfBoundedSize() {
    Answer text =
        file().json("options", "header: true").post(http, "/v1/datasets?name=bad-options");
    assertThat(text.status()).isEqualTo(422);
    assertThat(text.json().at("/errors/0/pointer").stringValue()).isEqualTo("/options");
    Answer large =
        file()
            .json("options", "{\"a\": \"" + "x".repeat(20 << 20) + "\"}")
            .post(http, "/v1/datasets?name=bad-options");
    assertThat(large.status()).as(large.text()).isEqualTo(413);
    Answer twice =
        file()
            .json("options", "{}")
            .json("options", "{}")
            .post(http, "/v1/datasets?name=bad-options");
    assertThat(twice.status()).isEqualTo(422);
  }

  private static Multipart file() {
    return new Multipart().file("file", "a.csv", Http.utf8("a\n1\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/nothing", "/v1/jobs", "/v1/models/m/predict?output=y", "/v1/models:validate"})
  void formIsNotStoredWhereNoneIsTaken(String path) throws Exception {
    String part =
        "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n"
            + "x".repeat(1 << 20);
    try (Socket socket =
        http.open(
            "POST "
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nIdempotency-Key: k\r\n"
                + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n"
                + part)) {
      byte[] answer = socket.getInputStream().readNBytes(300);
      assertThat(new String(answer, StandardCharsets.UTF_8))
          .startsWith(path.equals("/nothing") ? "HTTP/1.1 404" : "HTTP/1.1 415");
      Instant limit = Instant.now().plusSeconds(20);
      while (stored() > 0 && Instant.now().isBefore(limit)) {
        Thread.sleep(20); // of an earlier answer
      }
      assertThat(stored()).isZero();
    }
  }

  private long stored() throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("tmp"))) {
      return files.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).count();
    }
  }

  @Test
  void carelessUploadsAreToldWhatIsWrong() {
    assertRefused(400, "", "", "Content-Type", "text/csv");
    assertRefused(422, "?name=careless", "", "Content-Type", "text/csv");
    assertRefused(400, "?name=careless&name=careless", "a\n1\n", "Content-Type", "text/csv");
    assertRefused(415, "?name=careless", "a\n1\n", "Content-Type", "application/pdf");
    assertRefused(
        415, "?name=careless", "a\n1\n", "Content-Type", "text/csv", "Content-Encoding", "br");
    assertRefused(
        400, "?name=careless", "a\n1\n", "Content-Type", "text/csv", "Content-Encoding", "gzip");
  }

  private void assertRefused(int status, String query, String body, String... headers) {
    Answer answer = http.send("POST", "/v1/datasets" + query, Http.utf8(body), headers);
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.contentType()).isEqualTo("application/problem+json");
  }
}
