package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
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

  /** What came back. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Answer(int status, String contentType, String location, byte[] bytes) {
    public String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    public JsonNode json() {
      return JSON.readTree(bytes);
    }

    /** This answer, once its status is the expected one; else the failure shows the body. */
    public Answer expect(int expected) {
      assertThat(status).as(text()).isEqualTo(expected);
      return this;
    }
  }

  public Answer get(String path) {
    return send(request(path).GET());
  }

  public Answer get(String path, String accept) {
    return send(request(path).header("Accept", accept).GET());
  }

  public Answer delete(String path) {
    return send(request(path).DELETE());
  }

  public Answer post(String path, String json) {
    return post(path, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  public Answer post(String path, String contentType, byte[] body) {
    return send(
        request(path).header("Content-Type", contentType).POST(BodyPublishers.ofByteArray(body)));
  }

  public Answer post(String path) {
    return send(request(path).POST(BodyPublishers.noBody()));
  }

  public Answer put(String path, String json) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(json)));
  }

  public Answer method(String method, String path, String contentType, byte[] body) {
    BodyPublisher publisher =
        body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
    return send(request(path).header("Content-Type", contentType).method(method, publisher));
  }

  /** Uploads a CSV and gives its version. */
  public JsonNode upload(String name, String csv) {
    Answer answer =
        post("/v1/datasets?name=" + name, "text/csv", csv.getBytes(StandardCharsets.UTF_8));
    assertThat(answer.status()).as(answer.text()).isIn(200, 201);
    return answer.json();
  }

  /** Submits a job and gives its path. */
  public String submit(String job) {
    Answer answer = post("/v1/jobs", job).expect(202);
    return answer.location().replaceFirst("^https?://[^/]+", "");
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

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(60));
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(""),
          response.headers().firstValue("Location").orElse(""),
          response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
