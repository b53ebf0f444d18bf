package io.trainyard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A caller of the service, with nothing but HTTP. Every test that speaks HTTP does so through this
 * class: first plain calls, then raw sockets, then datasets, models and jobs.
 */
public final class Http {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration JOB_LIMIT = Duration.ofSeconds(90);
  private static final int SOCKET_TIMEOUT = 30_000;

  private final HttpClient client;
  private final int port;
  private final List<String> always;
  private final Observer observer;
  private final @Nullable InetAddress from;

  /**
   * A caller of the service on this machine.
   *
   * @param always headers of every request but raw ones: names and values
   */
  public Http(int port, String... always) {
    this(port, new Nobody(), always);
  }

  /** A caller whose answers somebody looks at. */
  public Http(int port, Observer observer, String... always) {
    this(port, observer, List.of(always), null);
  }

  private Http(int port, Observer observer, List<String> always, @Nullable InetAddress from) {
    this.port = port;
    this.observer = observer;
    this.always = always;
    this.from = from;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .localAddress(from)
            .build();
  }

  /** This caller at another address of this machine, as in 127.0.0.2; its event streams are not. */
  public Http from(String address) {
    return new Http(port, observer, always, InetAddress.ofLiteral(address));
  }

  /** Headers of every request but raw ones: names and values. */
  public List<String> always() {
    return always;
  }

  /** Looks at every answer, and at every event of a stream. */
  public interface Observer {
    void see(String method, String path, Answer answer);

    void see(String path, Event event);
  }

  private static final class Nobody implements Observer {
    @Override
    public void see(String method, String path, Answer answer) {}

    @Override
    public void see(String path, Event event) {}
  }

  /** A value of an answer that must be there; two missing values are equal and prove nothing. */
  public static JsonNode given(@Nullable JsonNode node) {
    boolean empty = node == null || node.isNull() || (!node.isValueNode() && node.isEmpty());
    assertThat(empty).as("an answer lacks a value: %s", node).isFalse();
    return Objects.requireNonNull(node);
  }

  public int port() {
    return port;
  }

  public String base() {
    return "http://127.0.0.1:" + port;
  }

  /** The response to a call, read to its end. */
  public record Answer(HttpResponse<byte[]> response) {
    public int status() {
      return response.statusCode();
    }

    /** A header, or "". */
    public String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    public String contentType() {
      return header("Content-Type");
    }

    /** The path of what was created. */
    public String location() {
      return header("Location").replaceFirst("^https?://[^/]+", "");
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

    /** The code of a problem. */
    public String code() {
      return json().path("code").asString("");
    }

    /** The pointers of a problem's errors. */
    public List<String> pointers() {
      return json().path("errors").findValuesAsString("pointer");
    }

    /** This answer, with the expected status. */
    public Answer expect(int status) {
      assertThat(status()).as(text()).isEqualTo(status);
      return this;
    }

    /** This answer, with a problem of the expected status and code. */
    public Answer expectProblem(int status, String code) {
      expect(status);
      assertThat(contentType()).startsWith("application/problem+json");
      JsonNode problem = json();
      assertThat(problem.get("code").stringValue()).as(text()).isEqualTo(code);
      assertThat(problem.get("status").intValue()).isEqualTo(status);
      for (String member : List.of("type", "title", "detail")) {
        assertThat(problem.path(member).asString("")).as(member).isNotBlank();
      }
      return this;
    }

    /** This answer: 422, whose first error has that pointer and a detail with that text. */
    public Answer expectFault(String pointer, String detail) {
      expect(422);
      assertThat(json().at("/errors/0/pointer").stringValue()).as(text()).isEqualTo(pointer);
      assertThat(json().at("/errors/0/detail").stringValue()).contains(detail);
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

  public Answer post(String path, String json, String... headers) {
    return send("POST", path, utf8(json), with("application/json", headers));
  }

  public Answer post(String path, String contentType, byte[] body) {
    return send("POST", path, body, "Content-Type", contentType);
  }

  public Answer put(String path, String json, String... headers) {
    return send("PUT", path, utf8(json), with("application/json", headers));
  }

  private static String[] with(String contentType, String... headers) {
    return Stream.concat(Stream.of("Content-Type", contentType), Stream.of(headers))
        .toArray(String[]::new);
  }

  public Answer send(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base() + path))
            .timeout(Duration.ofSeconds(60))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (!always.isEmpty()) {
      request.headers(always.toArray(String[]::new));
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      Answer answer = new Answer(client.send(request.build(), BodyHandlers.ofByteArray()));
      observer.see(method, path, answer);
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Sends bytes that need not be valid HTTP on a connection, which the caller reads and closes. */
  public Socket open(String request) throws IOException {
    return open(request, 1 << 16);
  }

  /** As {@link #open(String)}, with a receive buffer of that many bytes. */
  public Socket open(String request, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(receiveBuffer);
    if (from != null) {
      socket.bind(new InetSocketAddress(from, 0));
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket.setSoTimeout(SOCKET_TIMEOUT);
    socket.getOutputStream().write(utf8(request));
    socket.getOutputStream().flush();
    return socket;
  }

  /** Sends bytes and nothing after them; the answer as it is on the wire. */
  public String raw(String request) throws IOException {
    try (Socket socket = open(request)) {
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Whether the process answers, and says that it is ready. */
  public boolean isReady() {
    try {
      return get("/actuator/health/readiness").status() == 200;
    } catch (UncheckedIOException notListening) {
      return false;
    }
  }

  /** Uploads a CSV and gives its version. */
  public JsonNode upload(String name, String csv) {
    Answer answer = post("/v1/datasets?name=" + name, "text/csv", utf8(csv));
    assertThat(answer.status()).as(answer.text()).isIn(200, 201);
    return answer.json();
  }

  /** Makes a sample a dataset where there is none; another test may have deleted it. */
  public void sample(String name) {
    Answer answer = post("/v1/samples/" + name);
    assertThat(answer.status()).as(answer.text()).isIn(200, 201);
  }

  /** Imports a version of a model and gives it. */
  public JsonNode importVersion(String model, String spec, Weights weights) {
    return new Multipart()
        .part("spec", spec)
        .part("weights", weights.bytes())
        .post(this, "/v1/models/" + model + "/versions")
        .expect(201)
        .json();
  }

  /** Imports a version without weights of its own, and gives it. */
  public JsonNode importVersion(String model, String spec) {
    return new Multipart()
        .part("spec", spec)
        .post(this, "/v1/models/" + model + "/versions")
        .expect(201)
        .json();
  }

  /** Submits a job and gives its path. */
  public String submit(String job) {
    return post("/v1/jobs", job).expect(202).location();
  }

  /** The job at a path, as it is now. */
  public JsonNode job(String path) {
    return get(path).expect(200).json();
  }

  /** Waits until the job at a path has ended, and gives it. */
  public JsonNode await(String jobPath) {
    return await(jobPath, JOB_LIMIT);
  }

  public JsonNode await(String jobPath, Duration limit) {
    long start = System.nanoTime();
    while (true) {
      JsonNode job = job(jobPath);
      if (job.get("done").booleanValue()) {
        return job;
      }
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      assertThat(waited).as("the job did not end: " + job).isLessThan(limit);
      // Looking takes time of the processor from the job.
      pause(Duration.ofMillis(Math.clamp(waited.toMillis() / 10, 5, 200)));
    }
  }

  /** Waits until a running job has ended so many epochs, and gives it. */
  public JsonNode awaitEpoch(String jobPath, int epoch) {
    Instant deadline = Instant.now().plus(JOB_LIMIT);
    while (true) {
      JsonNode job = job(jobPath);
      assertThat(job.get("done").booleanValue()).as("the job ended: " + job).isFalse();
      if (job.at("/metrics/epoch").asInt(0) >= epoch) {
        return job;
      }
      assertThat(Instant.now()).as("the job did not get there: " + job).isBefore(deadline);
      pause(Duration.ofMillis(10));
    }
  }

  /** Runs a job to its end, which must be a success, and gives it. */
  public JsonNode train(String job) {
    JsonNode done = await(submit(job));
    assertThat(done.get("state").stringValue()).as(done.toString()).isEqualTo("succeeded");
    return done;
  }

  /** A server-sent event. */
  public record Event(int id, String kind, JsonNode data) {}

  /** The numbered events of a job after one, to the end of the stream. */
  public List<Event> events(String jobPath, int after) {
    List<Event> events = new ArrayList<>();
    try {
      follow(
          jobPath,
          after,
          Duration.ofSeconds(30),
          event -> {
            if (!event.kind().equals("progress")) {
              events.add(event);
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return events;
  }

  /**
   * Hands on the events of a job until the stream ends.
   *
   * @throws IOException when the stream breaks, or is silent for too long
   */
  public void follow(String jobPath, int after, Duration silence, Consumer<Event> watcher)
      throws IOException {
    var connection =
        (HttpURLConnection) URI.create(base() + jobPath + "/events").toURL().openConnection();
    connection.setConnectTimeout(1_000);
    connection.setReadTimeout((int) silence.toMillis());
    for (int i = 0; i < always.size(); i += 2) {
      connection.setRequestProperty(always.get(i), always.get(i + 1));
    }
    if (after > 0) {
      connection.setRequestProperty("Last-Event-ID", String.valueOf(after));
    }
    try (var lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(connection.getContentType()).startsWith("text/event-stream");
      int id = 0;
      String kind = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = Integer.parseInt(line.substring(4));
        } else if (line.startsWith("event: ")) {
          kind = line.substring(7);
        } else if (line.startsWith("data: ")) {
          Event event = new Event(id, kind, JSON.readTree(line.substring(6)));
          observer.see(jobPath + "/events", event);
          watcher.accept(event);
        }
      }
    } finally {
      connection.disconnect();
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
