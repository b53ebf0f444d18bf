package io.trainyard;

import io.trainyard.grpc.RehearsalCalls;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Calls the service of a rehearsal in each format and protocol; each answer must be a success. */
final class RehearsalCaller implements AutoCloseable {
  private static final String JSON = "application/json";
  private static final String NPY = "application/x-npy";
  private static final int CALLERS = 4;

  /** One of so many requests has many rows. */
  private static final int LARGE = 16;

  private static final int LARGE_ROWS = 64;
  private static final int SIDE = 8;

  private static final Pattern ID = Pattern.compile("\"id\":\\s*\"([^\"]+)\"");

  private static final String IMAGE_JOB =
      """
      {"model": {"name": "rehearsal-images",
                 "inputs": {"x": {"column": "image", "shape": [8, 8, 1], "scale": {"divide": 255}}},
                 "targets": {"y": {"column": "label", "type": "class"}},
                 "network": {"layers": [{"type": "conv2d", "filters": 2, "kernel_size": 3},
                                        {"type": "flatten"},
                                        {"type": "dense", "units": 2, "activation": "softmax"}]}},
       "dataset": {"name": "rehearsal-images"},
       "training": {"loss": "categorical_crossentropy", "epochs": 2}}""";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;
  private final String management;
  private final RehearsalCalls calls;

  RehearsalCaller(int port, int management, int grpc) {
    this.url = "http://127.0.0.1:" + port;
    this.management = "http://127.0.0.1:" + management;
    this.calls = new RehearsalCalls(grpc);
  }

  /** What is not a prediction of one row: images, a batch, exports, metrics, documentation. */
  void visit() throws IOException, InterruptedException {
    post("/v1/datasets?name=rehearsal-images", "application/zip", images());
    await(post("/v1/jobs", JSON, utf8(IMAGE_JOB)));
    await(
        post(
            "/v1/batch-predictions",
            JSON,
            utf8(
                """
                {"model": "rehearsal", "dataset": {"name": "rehearsal"},
                 "result": {"dataset": "rehearsal-predicted"}}""")));
    byte[] image = png(7);
    for (int i = 0; i < 200; i++) {
      post("/v1/models/rehearsal-images/predict", "image/png", image);
    }
    for (String path :
        List.of(
            "/v1/models",
            "/v1/models/rehearsal/versions/1",
            "/v1/models/rehearsal/versions/1/onnx",
            "/v1/datasets",
            "/v1/datasets/rehearsal-predicted/versions/latest/content",
            "/v1/jobs",
            "/v2/models/rehearsal",
            "/v2/models/stats",
            "/readyz",
            "/livez",
            "/docs")) {
      expectSuccess(get(url + path));
    }
    expectSuccess(get(management + "/actuator/prometheus"));
    expectSuccess(get(management + "/actuator/health"));
  }

  /** One way to ask for predictions. */
  private record Way(String path, String type, String accept, byte[] one, byte[] many, int json) {
    Way(String path, String type, String accept, byte[] one, byte[] many) {
      this(path, type, accept, one, many, 0);
    }
  }

  /**
   * Predicts in every format and protocol.
   *
   * @param times how often in each
   */
  void predict(int times) throws InterruptedException {
    String own = "/v1/models/rehearsal/predict";
    String infer = "/v2/models/rehearsal/infer";
    byte[] one = utf8(instances(1));
    byte[] many = utf8(instances(LARGE_ROWS));
    List<Way> ways =
        List.of(
            new Way(own, JSON, JSON, one, many),
            new Way("/v1/models/rehearsal/versions/production/predict", JSON, JSON, one, many),
            new Way(own, JSON, NPY, one, many),
            new Way(own, NPY, JSON, array(1), array(LARGE_ROWS)),
            new Way(own, NPY, NPY, array(1), array(LARGE_ROWS)),
            new Way("/v1/models/rehearsal:predict", JSON, JSON, one, many),
            new Way(infer, JSON, JSON, utf8(tensors(1, false)), utf8(tensors(LARGE_ROWS, false))),
            new Way(
                infer,
                "application/octet-stream",
                JSON,
                binary(1),
                binary(1),
                utf8(tensors(1, true)).length));
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      work.add(
          () -> {
            for (int n = 0; n < times / CALLERS; n++) {
              for (Way way : ways) {
                predict(way, n % LARGE == 0);
              }
              calls.infer("rehearsal", List.of("width", "height"), n % LARGE == 0 ? LARGE_ROWS : 1);
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

  private void predict(Way way, boolean large) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + way.path()))
            .header("Content-Type", way.type())
            .header("Accept", way.accept())
            .POST(BodyPublishers.ofByteArray(large ? way.many() : way.one()));
    if (way.json() > 0) {
      request.header("Inference-Header-Content-Length", Integer.toString(way.json()));
    }
    expectSuccess(send(request.build()));
  }

  /** Rows as JSON. */
  static String instances(int rows) {
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
    String answer = expectSuccess(get(url + "/v1/jobs/" + id.group(1) + "?wait=60"));
    if (!answer.contains("succeeded")) {
      throw new IOException("a job did not succeed: " + answer);
    }
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

  private HttpResponse<byte[]> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, BodyHandlers.ofByteArray());
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
    calls.close();
    client.close();
  }
}
