package io.trainyard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A caller of the service who has nothing but HTTP. */
public final class Http {
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final String base;

  public Http(String base) {
    this.base = base;
  }

  public Http(int port) {
    this("http://127.0.0.1:" + port);
  }

  /** What came back. */
  public record Answer(HttpResponse<byte[]> response) {
    public int status() {
      return response.statusCode();
    }

    /** A header, or nothing. */
    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    public String contentType() {
      return header("Content-Type");
    }

    public byte[] bytes() {
      return response.body();
    }

    public String text() {
      return new String(bytes(), StandardCharsets.UTF_8);
    }

    public JsonNode json() {
      return JSON.readTree(bytes());
    }

    /** This answer, once its status is the expected one; else the failure shows the body. */
    public Answer expect(int expected) {
      assertThat(status()).as(text()).isEqualTo(expected);
      return this;
    }

    @Override
    public String toString() {
      return status() + " " + text();
    }
  }

  public Answer get(String path, String... headers) {
    return send("GET", path, new byte[0], headers);
  }

  public Answer delete(String path, String... headers) {
    return send("DELETE", path, new byte[0], headers);
  }

  public Answer post(String path) {
    return send("POST", path, new byte[0]);
  }

  public Answer post(String path, String json) {
    return post(path, "application/json", utf8(json));
  }

  public Answer post(String path, String contentType, byte[] body) {
    return send("POST", path, body, "Content-Type", contentType);
  }

  public Answer put(String path, String json, String... headers) {
    String[] all =
        Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(headers))
            .toArray(String[]::new);
    return send("PUT", path, utf8(json), all);
  }

  public Answer send(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(60))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return new Answer(client.send(request.build(), BodyHandlers.ofByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Uploads a CSV and gives its version. */
  public JsonNode upload(String name, String csv) {
    Answer answer = post("/v1/datasets?name=" + name, "text/csv", utf8(csv));
    assertThat(answer.status()).as(answer.text()).isIn(200, 201);
    return answer.json();
  }

  /** Submits a job and gives its path. */
  public String submit(String job) {
    return post("/v1/jobs", job).expect(202).header("Location").replaceFirst("^https?://[^/]+", "");
  }

  /** Waits until the job at the path has ended, and gives it. */
  public JsonNode await(String jobPath, Duration limit) {
    Instant deadline = Instant.now().plus(limit);
    while (true) {
      JsonNode job = get(jobPath).expect(200).json();
      if (job.get("done").booleanValue()) {
        return job;
      }
      assertThat(Instant.now()).as("job did not end: " + job).isBefore(deadline);
      pause(Duration.ofMillis(20));
    }
  }

  public static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
