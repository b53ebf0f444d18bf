package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.SumNetwork;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Files of every format that the service takes, wrong in a few places. Each is taken or refused in
 * time, what is taken can be read or asked, the process lives and writes no stack trace. {@code
 * -Dmutated.files=10000} sends many of each format, {@code -Dmutated.formats=npy,onnx} only some.
 */
@Tag("attack")
class MutatedFilesIT {
  private static final int FILES = Integer.getInteger("mutated.files", 10);
  private static final int CALLERS = 4;
  private static final int MAX_FAULTS = 20;
  private static final long SEED = Long.getLong("mutated.seed", 1);
  private static final String FORMATS = System.getProperty("mutated.formats", "");
  private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

  private static final String KERAS =
      """
      {"class_name": "Functional", "config": {"name": "f", "layers": [
        {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
         "config": {"batch_shape": [null, 6, 6, 3], "dtype": "float32", "name": "x"}},
        {"class_name": "Conv2D", "name": "c", "config": {"name": "c", "filters": 2,
         "kernel_size": [2, 2], "strides": [1, 1], "padding": "same", "activation": "relu",
         "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}},
         "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config":
           {"shape": [null, 6, 6, 3], "dtype": "float32", "keras_history": ["x", 0, 0]}}],
           "kwargs": {}}]},
        {"class_name": "BatchNormalization", "name": "n", "config": {"name": "n", "axis": -1},
         "inbound_nodes": [[["c", 0, 0, {}]]]},
        {"class_name": "Flatten", "name": "l", "config": {"name": "l"},
         "inbound_nodes": [[["n", 0, 0, {}]]]}],
        "input_layers": [["x", 0, 0]], "output_layers": [["l", 0, 0]]}}
      """;

  @TempDir private Path data;
  @TempDir private Path folder;

  /**
   * A format.
   *
   * @param goods files of it
   */
  private record Format(String name, List<byte[]> goods) {}

  @Test
  void noMutatedFileHarmsTheService() throws Exception {
    List<Format> formats = formats();
    try (AttackedService service = AttackedService.start(data)) {
      for (Format format : formats) {
        if (FORMATS.isEmpty() || List.of(FORMATS.split(",")).contains(format.name())) {
          send(service, format);
          service.assertLiveAndWell();
        }
      }
      assertThat(service.log().lines().filter(MutatedFilesIT::isOfATrace)).isEmpty();
    }
  }

  private static boolean isOfATrace(String line) {
    return line.contains("\tat ") || line.contains("Caused by: ") || line.contains("stack_trace");
  }

  private List<Format> formats() throws IOException, SQLException {
    List<byte[]> onnx = new ArrayList<>();
    for (String name : List.of("mlp", "iris", "cnn", "tree", "attention", "kinds", "keras")) {
      onnx.add(Files.readAllBytes(GOLDEN.resolve("onnx").resolve(name + ".onnx")));
    }
    return List.of(
        new Format("keras", List.of(Http.utf8(KERAS))),
        new Format("safetensors", List.of(SumNetwork.weights().bytes())),
        new Format("npy", arrays()),
        new Format("csv", texts("a,b,c,d\n1,2.5,x,2026-01-02\n2,3.5,\"y, \"\"z\",2026-01-03\n")),
        new Format("tsv", texts("a\tb\n1\tx\n2\t\"y\"\n3\t\n")),
        new Format("json", texts("[{\"a\":1,\"b\":[1.5,2],\"c\":\"x\"},{\"a\":2,\"c\":null}]")),
        new Format("ndjson", texts("{\"a\":1,\"b\":true}\n{\"a\":2,\"b\":false}\n")),
        new Format("image", images()),
        new Format("archive", List.of(archive(images()))),
        new Format("parquet", List.of(parquet("snappy"), parquet("zstd"), parquet("gzip"))),
        new Format("onnx", onnx));
  }

  private static void send(AttackedService service, Format format) throws Exception {
    Map<Integer, Integer> statuses = new ConcurrentSkipListMap<>();
    AtomicInteger next = new AtomicInteger();
    long started = System.nanoTime();
    List<Callable<Boolean>> callers = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      String resource = "mutated-" + caller;
      callers.add(
          () -> {
            int i = next.getAndIncrement();
            while (i < FILES && service.isAlive() && service.faults().size() < MAX_FAULTS) {
              statuses.merge(send(service, format, resource, i), 1, Integer::sum);
              i = next.getAndIncrement();
            }
            return true;
          });
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> ended : threads.invokeAll(callers)) {
        assertThat(ended.get()).isTrue();
      }
    }
    System.out.printf(
        "%s: %d files, -Dmutated.seed=%d, statuses %s, %.0f s%n",
        format.name(), FILES, SEED, statuses, (System.nanoTime() - started) / 1e9);
  }

  /** Sends one file, and uses what it became; gives the status of its answer. */
  private static int send(AttackedService service, Format format, String resource, int number)
      throws IOException {
    RandomGenerator random = new SplittableRandom(SEED + 1_000_003L * number);
    byte[] good = format.goods().get(number % format.goods().size());
    String name = format.name() + " file " + number;
    Request request = request(format.name(), name, resource, MutatedFile.of(good, random));
    Exchange exchange = service.send(request);
    if (exchange.status() == 201) {
      String version = exchange.header("location").replaceFirst("^https?://[^/]+", "");
      use(service, name, version);
    }
    return exchange.status();
  }

  private static Request request(String format, String name, String resource, byte[] file)
      throws IOException {
    return switch (format) {
      case "keras" -> {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("keras", new String(file, StandardCharsets.UTF_8));
        yield Request.json(name, "/v1/models:convert", body.toString());
      }
      case "safetensors" ->
          version(
              name,
              resource,
              new Multipart().json("spec", SumNetwork.spec(resource)).part("weights", file));
      case "onnx" -> version(name, resource, new Multipart().part("onnx", file));
      case "archive" -> images(name, resource, file);
      case "image" -> images(name, resource, archive(List.of(file)));
      case "csv" -> rows(name, resource, "text/csv", file);
      case "tsv" -> rows(name, resource, "text/tab-separated-values", file);
      case "json" -> rows(name, resource, "application/json", file);
      case "ndjson" -> rows(name, resource, "application/x-ndjson", file);
      case "npy" -> rows(name, resource, "application/x-npy", file);
      default -> rows(name, resource, "application/vnd.apache.parquet", file);
    };
  }

  private static Request rows(String name, String resource, String type, byte[] file) {
    return limited(name, "POST", "/v1/datasets?name=" + resource, type, file);
  }

  private static Request images(String name, String resource, byte[] archive) {
    Multipart form = new Multipart().file("file", "x.zip", archive);
    return rows(name, resource, Multipart.CONTENT_TYPE, form.bytes());
  }

  private static Request version(String name, String resource, Multipart form) {
    String target = "/v1/models/" + resource + "/versions";
    return limited(name, "POST", target, Multipart.CONTENT_TYPE, form.bytes());
  }

  private static Request limited(
      String name, String method, String target, String type, byte[] body) {
    Map<String, String> headers = type.isEmpty() ? Map.of() : Map.of("Content-Type", type);
    return new Request(name, method, target, headers, Request.Body.of(body), true);
  }

  /** Reads the rows, or asks the model, and deletes the version. */
  private static void use(AttackedService service, String name, String version) {
    if (version.startsWith("/v1/models")) {
      String rows = "{\"instances\": [[1, 2]]}";
      service.send(Request.json(name + " asked", version + "/predict", rows));
      sendWell(service, Request.get(name + " read", version));
    } else {
      sendWell(service, Request.get(name + " read", version + "/rows"));
      sendWell(service, Request.get(name + " whole", version + "/content"));
    }
    sendWell(service, limited(name + " deleted", "DELETE", version, "", new byte[0]));
  }

  private static void sendWell(AttackedService service, Request request) {
    Exchange exchange = service.send(request);
    assertThat(exchange.status()).as("%s: %s", request, exchange.text()).isBetween(200, 299);
  }

  private static List<byte[]> texts(String text) {
    return List.of(Http.utf8(text));
  }

  private static List<byte[]> arrays() {
    return List.of(
        Npy.write(HostTensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6)),
        Npy.write(HostTensor.ofFloats(Shape.of(4), 1, 2, 3, 4)));
  }

  private static List<byte[]> images() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (int type :
        List.of(
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_BYTE_INDEXED,
            BufferedImage.TYPE_USHORT_GRAY)) {
      for (String kind : List.of("png", "jpg")) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (ImageIO.write(new BufferedImage(9, 7, type), kind, out)) {
          files.add(out.toByteArray());
        }
      }
    }
    return files;
  }

  private static byte[] archive(List<byte[]> images) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < images.size(); i++) {
        zip.putNextEntry(new ZipEntry("c%d/%d.png".formatted(i % 2, i)));
        zip.write(images.get(i));
      }
    }
    return out.toByteArray();
  }

  private byte[] parquet(String compression) throws IOException, SQLException {
    Path file = folder.resolve(compression + ".parquet");
    try (var duck = DriverManager.getConnection("jdbc:duckdb:");
        var statement = duck.createStatement()) {
      statement.execute(
          "COPY (SELECT i AS a, i / 2 AS b, 'x' || i % 5 AS c, [i, i + 1] AS d,"
              + " DATE '2026-01-01' AS e FROM range(50) r(i)) TO '%s' (FORMAT parquet,"
                  .formatted(file)
              + " COMPRESSION %s)".formatted(compression));
    }
    return Files.readAllBytes(file);
  }
}
