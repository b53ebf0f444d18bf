package io.trainyard.api.practice;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/**
 * Calls this service in each format over HTTP, while {@code trainyard bake} records its work. Each
 * answer must be a success.
 */
public final class PracticeCaller implements AutoCloseable {
  private static final String JSON = "application/json";
  private static final String NPY = "application/x-npy";
  private static final int CALLERS = 4;

  /** The number of requests of which one has many rows. */
  private static final int LARGE = 16;

  private static final int LARGE_ROWS = 64;
  private static final int SIDE = 8;

  private static final int BUSY = 503;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private static final Pattern ID = Pattern.compile("\"id\":\\s*\"([^\"]+)\"");

  private static final String IMAGE_JOB =
      """
      {"model": {"name": "practice-images",
                 "inputs": {"x": {"column": "image", "shape": [8, 8, 1], "scale": {"divide": 255}}},
                 "targets": {"y": {"column": "label", "type": "class"}},
                 "network": {"layers": [{"type": "conv2d", "filters": 2, "kernel_size": 3},
                                        {"type": "flatten"},
                                        {"type": "dense", "units": 2, "activation": "softmax"}]}},
       "dataset": {"name": "practice-images"},
       "training": {"loss": "categorical_crossentropy", "epochs": 2}}\
      """;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;
  private final String management;

  public PracticeCaller(int port, int management) {
    this.url = "http://127.0.0.1:" + port;
    this.management = "http://127.0.0.1:" + management;
  }

  /** What is not a prediction of one row: images, a batch, exports, metrics, documentation. */
  public void visit() throws IOException, InterruptedException {
    post("/v1/datasets?name=practice-images", "application/zip", images());
    await(post("/v1/jobs", JSON, utf8(IMAGE_JOB)));
    await(
        post(
            "/v1/batch-predictions",
            JSON,
            utf8(
                """
                {"model": "practice", "dataset": {"name": "practice"},
                 "result": {"dataset": "practice-predicted"}}\
                """)));
    byte[] image = png(7);
    for (int i = 0; i < 200; i++) {
      post("/v1/models/practice-images/predict", "image/png", image);
    }
    for (String path :
        List.of(
            "/v1/models",
            "/v1/models/practice/versions/1",
            "/v1/models/practice/versions/1/onnx",
            "/v1/datasets",
            "/v1/datasets/practice-predicted/versions/latest/content",
            "/v1/jobs",
            "/v2/models/practice",
            "/v2/models/stats",
            "/readyz",
            "/livez",
            "/docs")) {
      expectSuccess(get(url + path));
    }
    expectSuccess(get(management + "/actuator/prometheus"));
    expectSuccess(get(management + "/actuator/health"));
  }

  /** One way to ask for predictions: of one row, and of many. */
  private record Way(HttpRequest one, HttpRequest many) {
    HttpRequest request(int rows) {
      return rows == 1 ? one : many;
    }
  }

  /**
   * Predicts in every format.
   *
   * @param times how often in each
   * @param beside predicts that many rows in other protocols
   */
  public void predict(int times, IntConsumer beside) throws InterruptedException {
    String own = "/v1/models/practice/predict";
    String infer = "/v2/models/practice/infer";
    byte[] one = utf8(instances(1));
    byte[] many = utf8(instances(LARGE_ROWS));
    List<Way> ways =
        List.of(
            way(own, JSON, JSON, one, many),
            way("/v1/models/practice/versions/production/predict", JSON, JSON, one, many),
            way(own, JSON, NPY, one, many),
            way(own, NPY, JSON, array(1), array(LARGE_ROWS)),
            way(own, NPY, NPY, array(1), array(LARGE_ROWS)),
            way("/v1/models/practice:predict", JSON, JSON, one, many),
            way(infer, JSON, JSON, utf8(tensors(1, false)), utf8(tensors(LARGE_ROWS, false))),
            new Way(binaryRequest(infer, 1), binaryRequest(infer, LARGE_ROWS)));
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      work.add(
          () -> {
            for (int n = 0; n < times / CALLERS; n++) {
              int rows = n % LARGE == 0 ? LARGE_ROWS : 1;
              for (Way way : ways) {
                expectSuccess(send(way.request(rows)));
              }
              beside.accept(rows);
            }
            return null;
          });
    }
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      for (Future<Void> each : callers.invokeAll(work)) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a prediction failed", e);
    }
  }

  private Way way(String path, String type, String accept, byte[] one, byte[] many) {
    return new Way(request(path, type, accept, one), request(path, type, accept, many));
  }

  private HttpRequest request(String path, String type, String accept, byte[] body) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Content-Type", type)
        .header("Accept", accept)
        .POST(BodyPublishers.ofByteArray(body))
        .build();
  }

  private HttpRequest binaryRequest(String path, int rows) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Content-Type", "application/octet-stream")
        .header("Inference-Header-Content-Length", "" + utf8(tensors(rows, true)).length)
        .POST(BodyPublishers.ofByteArray(binary(rows)))
        .build();
  }

  /** Rows as JSON. */
  public static String instances(int rows) {
    return IntStream.range(0, rows)
        .mapToObj(row -> "{\"width\": %d.5, \"height\": %d}".formatted(row % 5, row % 4))
        .collect(Collectors.joining(", ", "{\"instances\": [", "]}"));
  }

  private static byte[] array(int rows) {
    HostTensor tensor = HostTensor.allocate(ElementType.FLOAT64, new Shape(List.of(rows, 2)));
    for (int i = 0; i < rows * 2; i++) {
      tensor.setDouble(i, i % 5);
    }
    return Npy.write(tensor);
  }

  /** The request of the Open Inference Protocol; the bytes of binary tensors follow it. */
  private static String tensors(int rows, boolean binary) {
    return List.of("width", "height").stream()
        .map(
            name ->
                "{\"name\": \"%s\", \"shape\": [%d, 1], \"datatype\": \"FP64\", %s}"
                    .formatted(
                        name,
                        rows,
                        binary
                            ? "\"parameters\": {\"binary_data_size\": %d}"
                                .formatted(rows * Double.BYTES)
                            : "\"data\": "
                                + IntStream.range(0, rows).mapToObj(row -> row % 5 + 0.5).toList()))
        .collect(
            Collectors.joining(
                ", ",
                "{\"inputs\": [",
                binary ? "], \"parameters\": {\"binary_data_output\": true}}" : "]}"));
  }

  private static byte[] binary(int rows) {
    byte[] json = utf8(tensors(rows, true));
    ByteBuffer body =
        ByteBuffer.allocate(json.length + 2 * rows * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    body.put(json);
    for (int i = 0; i < 2 * rows; i++) {
      body.putDouble(i % 5);
    }
    return body.array();
  }

  /** Folders named like the classes, with small images. */
  private static byte[] images() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (int i = 0; i < 16; i++) {
        zip.putNextEntry(new ZipEntry("%s/%d.png".formatted(i % 2 == 0 ? "dark" : "light", i)));
        zip.write(png(i % 2 == 0 ? i : 255 - i));
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] png(int light) throws IOException {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < SIDE; x++) {
      for (int y = 0; y < SIDE; y++) {
        image.getRaster().setSample(x, y, 0, light);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private void await(String job) throws IOException, InterruptedException {
    Matcher id = ID.matcher(job);
    if (!id.find()) {
      throw new IOException("no id in " + job);
    }
    String answer = "";
    // A job that has ended answers at once.
    for (int minute = 0; minute < PATIENCE.toMinutes(); minute++) {
      answer = expectSuccess(get(url + "/v1/jobs/" + id.group(1) + "?wait=60"));
      if (answer.contains("succeeded")) {
        return;
      }
    }
    throw new IOException("a job did not succeed: " + answer);
  }

  private String post(String path, String type, byte[] body)
      throws IOException, InterruptedException {
    return expectSuccess(
        send(
            HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", type)
                .POST(BodyPublishers.ofByteArray(body))
                .build()));
  }

  private HttpResponse<byte[]> get(String address) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(address)).build());
  }

  /** Asks again while the service is busy: it practises at a low priority beside other work. */
  private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(PATIENCE);
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    while (response.statusCode() == BUSY && Instant.now().isBefore(end)) {
      Thread.sleep(PAUSE);
      response = client.send(request, BodyHandlers.ofByteArray());
    }
    return response;
  }

  private static String expectSuccess(HttpResponse<byte[]> response) throws IOException {
    String text = new String(response.body(), StandardCharsets.UTF_8);
    if (response.statusCode() >= 400) {
      throw new IOException(
          "%s answers %d: %s".formatted(response.uri(), response.statusCode(), text));
    }
    return text;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    client.close();
  }
}
