package io.trainyard.api.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.onnx.format.OnnxDraft;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Rows of imported files: what a caller gets follows from the rows of that caller alone. {@code
 * src/test/python/onnx_rows.py} drew files, and ONNX Runtime answered their rows, alone and
 * together.
 */
@ServiceTest
@Timeout(120)
class ForeignRowsHttpTest {
  private static final Path DRAWN = Path.of("src/test/resources/golden/onnx/rows.json");
  private static final JsonMapper JSON = new JsonMapper();
  private static final int FLOAT = 1;
  private static final int FILES = 30;

  @Autowired private Http http;

  private JsonNode importAs(String model, byte[] file) {
    return new Multipart()
        .part("onnx", file)
        .post(http, "/v1/models/" + model + "/versions")
        .expect(201)
        .json();
  }

  private static String together(JsonNode version) {
    return version.at("/spec/network/layers/0/together").stringValue();
  }

  private static List<String> codes(JsonNode version) {
    List<String> codes = new ArrayList<>();
    version.path("warnings").forEach(warning -> codes.add(warning.get("code").stringValue()));
    return codes;
  }

  private JsonNode predict(String model, String instances) {
    return http.post("/v1/models/" + model + "/predict", "{\"instances\": [" + instances + "]}")
        .expect(200)
        .json()
        .get("predictions");
  }

  private static List<Double> numbers(JsonNode node) {
    List<Double> numbers = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(each -> numbers.addAll(numbers(each)));
    } else {
      numbers.add(node.doubleValue());
    }
    return numbers;
  }

  private static void assertClose(JsonNode given, JsonNode wanted, String what) {
    List<Double> expected = numbers(wanted);
    List<Double> answered = numbers(given);
    assertThat(answered).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      // The golden values are rounded, and ours is another release of ONNX Runtime.
      assertThat(answered.get(i))
          .as(what)
          .isCloseTo(expected.get(i), within(1e-4 + 1e-4 * Math.abs(expected.get(i))));
    }
  }

  private static String joined(JsonNode rows) {
    List<String> all = new ArrayList<>();
    rows.forEach(row -> all.add(row.toString()));
    return String.join(", ", all);
  }

  private static void inParallel(List<Callable<Void>> calls) throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(12)) {
      for (Future<Void> each : callers.invokeAll(calls)) {
        var _ = each.get();
      }
    }
  }

  @Test
  void answersOfDrawnFilesAreThoseOfOnnxRuntime() throws Exception {
    List<Callable<Void>> calls = new ArrayList<>();
    List<String> kinds = new ArrayList<>();
    JsonNode all = JSON.readTree(Files.readString(DRAWN));
    for (int i = 0; i < FILES; i++) {
      JsonNode drawn = all.get(i);
      String model = "rows-" + i;
      String what = drawn.get("operators").stringValue();
      JsonNode version =
          importAs(model, Base64.getDecoder().decode(drawn.get("file").stringValue()));
      String kind = together(version);
      kinds.add(kind);
      if (drawn.get("mixes").booleanValue()) {
        assertThat(kind).as(what).isNotEqualTo("any");
      }
      assertThat(codes(version))
          .as(what)
          .isEqualTo(
              switch (kind) {
                case "any" -> List.of();
                case "one" -> List.of("one_row_at_a_time");
                default -> List.of("rows_depend_on_each_other");
              });
      JsonNode rows = drawn.get("rows");
      // In a file that mixes rows, a request means all its rows, as in ONNX Runtime.
      assertClose(
          predict(model, joined(rows)),
          drawn.get(kind.equals("request") ? "together" : "alone"),
          what);
      for (int row = 0; row < rows.size(); row++) {
        String instance = rows.get(row).toString();
        JsonNode alone = drawn.get("alone").get(row);
        calls.add(
            () -> {
              assertClose(predict(model, instance).get(0), alone, what);
              return null;
            });
      }
    }
    assertThat(kinds).contains("any", "request");
    inParallel(calls);
  }

  private static OnnxDraft draft() {
    return new OnnxDraft(17).input("x", FLOAT, -1, 2).output("y", FLOAT, -1, 2);
  }

  private static byte[] centred() {
    return draft()
        .node("ReduceMean", List.of("x"), List.of("m"), "axes", new long[] {0})
        .node("Sub", List.of("x", "m"), List.of("y"))
        .toBytes();
  }

  /** Each caller's rows are centred by their own mean, while others ask too. */
  @Test
  void rowsOfCallersNeverMeet() throws Exception {
    JsonNode version = importAs("rows-centred", centred());
    assertThat(together(version)).isEqualTo("request");
    assertThat(version.at("/warnings/0/detail").stringValue()).contains("the operator ReduceMean");
    assertThat(codes(http.get("/v1/models/rows-centred/versions/1").expect(200).json()))
        .containsExactly("rows_depend_on_each_other");
    List<Callable<Void>> calls =
        IntStream.range(0, 200)
            .<Callable<Void>>mapToObj(
                i ->
                    () -> {
                      JsonNode answer =
                          predict("rows-centred", "[%d, 0], [%d, 4]".formatted(i, i + 2));
                      assertThat(numbers(answer)).containsExactly(-1.0, -2.0, 1.0, 2.0);
                      return null;
                    })
            .toList();
    inParallel(calls);
  }

  /** So a file that deceives the proof and the samples still mixes no rows of two callers. */
  @Test
  void requestsForImportedFilesShareNoBatch() throws Exception {
    byte[] file = draft().node("Relu", List.of("x"), List.of("y")).toBytes();
    assertThat(together(importAs("rows-apart", file))).isEqualTo("any");
    double before = batches();
    List<Callable<Void>> calls =
        IntStream.range(0, 200)
            .<Callable<Void>>mapToObj(
                i ->
                    () -> {
                      JsonNode answer = predict("rows-apart", "[%d, 1]".formatted(i));
                      assertThat(numbers(answer)).containsExactly((double) i, 1.0);
                      return null;
                    })
            .toList();
    inParallel(calls);
    assertThat(batches() - before).isGreaterThanOrEqualTo(200);
  }

  private double batches() {
    return http.get("/actuator/prometheus")
        .text()
        .lines()
        .filter(line -> line.startsWith("trainyard_predict_batch_rows_count"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void whatDividesRowsRefusesFilesThatMixThem() {
    http.upload("rows-data", "a,b,t\n1,2,3\n4,5,6\n7,8,9\n");
    String spec =
        """
        {"inputs": {"x": {"columns": ["a", "b"]}}, "targets": {"t": {"column": "t", "output": "y"}}}\
        """;
    byte[] file =
        new OnnxDraft(17)
            .input("x", FLOAT, -1, 2)
            .output("y", FLOAT, -1, 1)
            .node("ReduceMean", List.of("x"), List.of("m"), "axes", new long[] {0})
            .node("Sub", List.of("x", "m"), List.of("d"))
            .node("ReduceSum", List.of("d", "one"), List.of("y"))
            .wholes("one", List.of(1L), 1)
            .toBytes();
    new Multipart()
        .part("onnx", file)
        .json("spec", spec)
        .post(http, "/v1/models/rows-mixed/versions")
        .expect(201);
    String dataset = "{\"name\": \"rows-data\"}";
    http.post(
            "/v1/batch-predictions",
            "{\"model\": \"rows-mixed\", \"dataset\": %s, \"result\": {\"dataset\": \"rows-out\"}}"
                .formatted(dataset))
        .expectFault("/model", "depends on the rows beside it");
    http.post("/v1/models/rows-mixed/versions/1/evaluation", "{\"dataset\": %s}".formatted(dataset))
        .expectProblem(422, "not_answerable");
    http.put("/v1/models/rows-mixed/serving", "{\"max_batch_rows\": 2}").expect(200);
    http.post(
            "/v1/models/rows-mixed/predict",
            "{\"instances\": [{\"a\": 1, \"b\": 1}, {\"a\": 1, \"b\": 1}, {\"a\": 1, \"b\": 1}]}")
        .expectProblem(422, "invalid_body");
  }

  /** No sample of rows shows it, so each row is computed alone. */
  @Test
  void dependenceAtRareRowsReachesNobody() {
    byte[] file =
        draft()
            .floats("far", List.of(), 1e9f)
            .node("ReduceMax", List.of("x"), List.of("m"), "axes", new long[] {0})
            .node("Greater", List.of("m", "far"), List.of("rare"))
            .node("Neg", List.of("x"), List.of("n"))
            .node("Where", List.of("rare", "n", "x"), List.of("y"))
            .toBytes();
    JsonNode version = importAs("rows-rare", file);
    assertThat(together(version)).isEqualTo("one");
    assertThat(codes(version)).containsExactly("one_row_at_a_time");
    assertThat(numbers(predict("rows-rare", "[2e9, 1], [1, 2]")))
        .containsExactly(-2e9, 1.0, 1.0, 2.0);
  }

  /** An archive that was changed cannot make rows meet. */
  @Test
  void archiveIsNotBelievedAboutRows() throws IOException {
    importAs("rows-kept", centred());
    byte[] archive = http.get("/v1/models/rows-kept/versions/1/archive").expect(200).bytes();
    byte[] changed = replaced(archive, "\"together\":\"request\"", "\"together\":\"any\"");
    JsonNode back =
        new Multipart()
            .part("archive", changed)
            .post(http, "/v1/models/rows-back/versions")
            .expect(201)
            .json();
    assertThat(together(back)).isEqualTo("request");
    assertThat(codes(back)).containsExactly("rows_depend_on_each_other");
  }

  /** The archive with another text in its JSON. */
  private static byte[] replaced(byte[] archive, String part, String other) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(archive));
        ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] content = in.readAllBytes();
        if (entry.getName().endsWith(".json")) {
          String text = new String(content, UTF_8);
          assertThat(text).contains(part);
          content = text.replace(part, other).getBytes(UTF_8);
        }
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(content);
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }
}
