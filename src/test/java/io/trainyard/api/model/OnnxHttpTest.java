package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.onnx.format.OnnxDraft;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** ONNX files in and out. {@code src/test/python/onnx_models.py} wrote those that come in. */
@ServiceTest
@Timeout(120)
class OnnxHttpTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/onnx");
  private static final JsonMapper JSON = new JsonMapper();

  @Autowired private Http http;

  private static byte[] file(String name) throws IOException {
    return Files.readAllBytes(GOLDEN.resolve(name + ".onnx"));
  }

  private Answer importAs(String model, String name) throws IOException {
    return new Multipart().part("onnx", file(name)).post(http, "/v1/models/" + model + "/versions");
  }

  private Answer importAs(String model, String name, String spec) throws IOException {
    return new Multipart()
        .part("onnx", file(name))
        .json("spec", spec)
        .post(http, "/v1/models/" + model + "/versions");
  }

  /** One instance for each row: a tensor, or an object of several. */
  private static ObjectNode instances(JsonNode inputs) {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode instances = body.putArray("instances");
    int rows = inputs.iterator().next().size();
    for (int row = 0; row < rows; row++) {
      if (inputs.size() == 1) {
        instances.add(inputs.iterator().next().get(row));
      } else {
        ObjectNode instance = instances.addObject();
        for (Map.Entry<String, JsonNode> input : inputs.properties()) {
          instance.set(input.getKey(), input.getValue().get(row));
        }
      }
    }
    return body;
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlp",
        "cnn",
        "reader",
        "siamese",
        "attention",
        "iris",
        "tree",
        "zipmap",
        "keras",
        "single",
        "doubles"
      })
  void importedFileComputesWhatItsToolComputes(String name) throws IOException {
    JsonNode golden = JSON.readTree(Files.readString(GOLDEN.resolve("values.json"))).get(name);
    String model = "onnx-" + name;
    importAs(model, name).expect(201);
    JsonNode predictions =
        http.post("/v1/models/" + model + "/predict", instances(golden.get("inputs")).toString())
            .expect(200)
            .json()
            .get("predictions");
    JsonNode outputs = golden.get("outputs");
    for (Map.Entry<String, JsonNode> output : outputs.properties()) {
      ArrayNode values = JSON.createArrayNode();
      predictions.forEach(row -> values.add(outputs.size() == 1 ? row : row.get(output.getKey())));
      List<Double> wanted = numbers(output.getValue());
      List<Double> given = numbers(values);
      assertThat(given).hasSameSizeAs(wanted);
      for (int i = 0; i < wanted.size(); i++) {
        assertThat(given.get(i)).isCloseTo(wanted.get(i), within(2e-6));
      }
    }
  }

  @Test
  void columnsAreEncodedForTheFileAndClassesDecoded() throws IOException {
    String spec =
        """
        {"inputs": {"X": {"columns": ["a", "b", "c", "d"]}}, "targets": {"species": {
          "column": "species", "type": "class", "classes": ["setosa", "versicolor", "virginica"],
          "output": "probabilities"}}}\
        """;
    assertThat(importAs("onnx-columns", "iris", spec).expect(201).json().path("warnings").size())
        .isZero();
    assertThat(http.get("/v2/models/onnx-columns").json().get("platform").stringValue())
        .isEqualTo("onnxruntime_onnx");
    JsonNode prediction =
        http.post(
                "/v1/models/onnx-columns/predict",
                "{\"instances\": [{\"a\": 5.1, \"b\": 3.5, \"c\": 1.4, \"d\": 0.2}]}")
            .expect(200)
            .json()
            .at("/predictions/0");
    assertThat(prediction.get("species").stringValue()).isEqualTo("setosa");
    assertThat(prediction.at("/probabilities/setosa").doubleValue()).isGreaterThan(0.9);
    importAs("onnx-columns", "iris", "{\"inputs\": {\"X\": {\"columns\": [\"a\", \"b\"]}}}")
        .expectFault("/spec/inputs/X", "The file reads rows of [4], but the columns give [2]");
  }

  /** A label of 1 is no logit of 1. */
  @ParameterizedTest
  @CsvSource({
    "label, INT64, 'labels as int64', the output 'p'",
    "over, BOOL, 'labels as bool', the output 'p'",
    "above, BOOL, 'labels as bool', the output 'p'"
  })
  void labelsAreNotTakenForScores(String output, String type, String kind, String instead) {
    byte[] file =
        new OnnxDraft(17)
            .input("X", 1, -1, 2)
            .floats("zero", List.of(), 0)
            .node("ArgMax", List.of("X"), List.of("label"), "axis", 1)
            .node("Greater", List.of("X", "zero"), List.of("above"))
            .node("ReduceMax", List.of("X"), List.of("most"), "axes", new long[] {1})
            .node("Greater", List.of("most", "zero"), List.of("over"))
            .node("Softmax", List.of("X"), List.of("p"), "axis", 1)
            .output(output, type.equals("BOOL") ? 9 : 7, -1, output.equals("above") ? 2 : 1)
            .output("p", 1, -1, 2)
            .toBytes();
    String spec =
        """
        {"inputs": {"X": {"columns": ["a", "b"]}}, "targets": {"t": {
          "column": "t", "type": "class", "classes": ["no", "yes"], "output": "%s"}}}\
        """;
    new Multipart()
        .part("onnx", file)
        .json("spec", spec.formatted(output))
        .post(http, "/v1/models/onnx-labels/versions")
        .expectFault("/spec/targets/t/output", kind)
        .expectFault("/spec/targets/t/output", instead);
    new Multipart()
        .part("onnx", file)
        .json("spec", spec.formatted("p"))
        .post(http, "/v1/models/onnx-labels/versions")
        .expect(201);
  }

  /** A small file whose values would take gigabytes. */
  @Test
  void constantOfManyAxesIsRefused() {
    OnnxDraft draft =
        new OnnxDraft(17)
            .input("x", 1, -1, 3)
            .output("y", 1, -1, 3)
            .floats("c", Collections.nCopies(600_000, 1L), 1);
    for (int i = 0; i < 400; i++) {
      draft.node("Neg", List.of(i == 0 ? "c" : "r" + (i - 1)), List.of("r" + i));
    }
    new Multipart()
        .part("onnx", draft.node("Identity", List.of("x"), List.of("y")).toBytes())
        .post(http, "/v1/models/onnx-axes/versions")
        .expectFault("/onnx", "its constant 'c' has more than 64 axes");
  }

  @ParameterizedTest
  @CsvSource({
    "loop, contains a graph",
    "custom, of the domain",
    "batch, is a batch of [2] rows",
    "texts, is not a tensor of numbers"
  })
  void fileThatCannotBeServedIsRefusedWithTheReason(String name, String reason) throws IOException {
    importAs("onnx-refused", name).expectFault("/onnx", reason);
    http.get("/v1/models/onnx-refused").expect(404);
  }

  @Test
  void damagedFileIsRefused() throws IOException {
    byte[] whole = file("mlp");
    for (int length : new int[] {0, 1, 10, whole.length / 2, whole.length - 1}) {
      new Multipart()
          .part("onnx", Arrays.copyOf(whole, length))
          .post(http, "/v1/models/onnx-damaged/versions")
          .expect(422);
    }
    new Multipart()
        .part("onnx", "PK nonsense")
        .post(http, "/v1/models/onnx-damaged/versions")
        .expectFault("/onnx", "This is not an ONNX file");
    importAs("onnx-damaged", "bomb").expectProblem(422, "too_much_memory");
    importAs("onnx-damaged", "doubling").expectProblem(422, "too_much_memory");
  }

  @Test
  void openAxesAreGivenByTheCaller() throws IOException {
    importAs("onnx-open", "open").expectFault("/spec/network/inputs/x", "has no length");
    String spec = "{\"network\": {\"inputs\": {\"x\": {\"shape\": [3, 2]}}}}";
    assertThat(
            numbers(
                importAs("onnx-open", "open", spec)
                    .expect(201)
                    .json()
                    .at("/signature/outputs/y/shape")))
        .containsExactly(3.0, 2.0);
    importAs("onnx-open", "open", "{\"network\": {\"layers\": []}}")
        .expectFault("/spec/network/layers", "The file brings the network");
  }

  @Test
  void versionExplainsWhatItsFileCannotDo() throws IOException {
    importAs("onnx-limits", "mlp").expect(201);
    String version = "/v1/models/onnx-limits/versions/1";
    for (String view : List.of("/weights", "/weights/a", "/matlab", "/collapsed")) {
      http.get(version + view).expectProblem(422, "not_exportable");
    }
    assertThat(
            http.post(
                    "/v1/models:validate",
                    """
                    {"model": {"name": "n", "network": {"inputs": {"x": {"shape": [4]}}, "layers": [
                      {"type": "model", "ref": "onnx-limits@1"}]}}}\
                    """)
                .expect(200)
                .text())
        .contains("cannot be nested");
    JsonNode spec = http.get(version).expect(200).json().get("spec");
    http.put("/v1/models/onnx-limits", spec.toString())
        .expectFault("/network/layers/0", "can be served, but not trained");
    assertThat(http.get(version + "/onnx").expect(200).header("Content-Disposition"))
        .contains("onnx-limits-1.onnx");
    http.get(version + "/onnx?opset=18").expectProblem(422, "not_exportable");
  }

  @Test
  void exportedVersionComesBackWithTheSameAnswers() {
    String network =
        """
        {"inputs": {"x": {"shape": [2, 3]}}, "layers": [
          {"type": "normalize", "mean": 0.5, "std": 2},
          {"type": "activation", "function": "mish"},
          {"type": "lambda", "name": "y", "expression": "norm(x, 0) + x[0]"}]}\
        """;
    new Multipart()
        .json("spec", "{\"name\": \"onnx-out\", \"network\": %s}".formatted(network))
        .post(http, "/v1/models/onnx-out/versions")
        .expect(201);
    byte[] file = http.get("/v1/models/onnx-out/versions/1/onnx?opset=20").expect(200).bytes();
    new Multipart().part("onnx", file).post(http, "/v1/models/onnx-back/versions").expect(201);
    String rows = "{\"instances\": [[[1, 2, 3], [4, 5, 6]], [[0, 0, 1], [0, -2, 0]]]}";
    List<Double> own =
        numbers(
            http.post("/v1/models/onnx-out/predict", rows).expect(200).json().get("predictions"));
    List<Double> back =
        numbers(
            http.post("/v1/models/onnx-back/predict", rows).expect(200).json().get("predictions"));
    assertThat(back).hasSameSizeAs(own);
    for (int i = 0; i < own.size(); i++) {
      assertThat(back.get(i)).isCloseTo(own.get(i), within(1e-5));
    }
    http.get("/v1/models/onnx-out/versions/1/onnx?opset=3").expectProblem(400, "invalid_parameter");
  }

  private static JsonNode warning(JsonNode version, String code) {
    for (JsonNode warning : version.path("warnings")) {
      if (warning.get("code").stringValue().equals(code)) {
        return warning.get("detail");
      }
    }
    throw new AssertionError(code + " is missing: " + version.path("warnings"));
  }

  /** As scikit-learn's converter writes a classifier: texts as labels, and maps. */
  @Test
  void mapsAreTensorsAndTextsAreNamed() throws IOException {
    JsonNode version = importAs("onnx-maps", "zipmap").expect(201).json();
    assertThat(warning(version, "map_as_tensor").stringValue())
        .contains("setosa, versicolor, virginica");
    assertThat(warning(version, "output_left_out").stringValue())
        .contains("'output_label'", "class target");
    String spec =
        """
        {"inputs": {"X": {"columns": ["a", "b", "c", "d"]}}, "targets": {"species": {
          "column": "species", "type": "class", "classes": ["setosa", "versicolor", "virginica"],
          "output": "output_probability"}}}\
        """;
    importAs("onnx-maps", "zipmap", spec).expect(201);
    JsonNode prediction =
        http.post(
                "/v1/models/onnx-maps/versions/latest/predict",
                "{\"instances\": [{\"a\": 5.1, \"b\": 3.5, \"c\": 1.4, \"d\": 0.2}]}")
            .expect(200)
            .json()
            .at("/predictions/0");
    assertThat(prediction.get("species").stringValue()).isEqualTo("setosa");
    assertThat(prediction.at("/probabilities/setosa").doubleValue()).isGreaterThan(0.9);
  }

  private static final long BIG = (1L << 53) + 1;

  /** Beyond what a float or a double holds. */
  @Test
  void outputsKeepTheirTypesOnAllPaths() throws IOException {
    JsonNode version = importAs("onnx-kinds", "kinds").expect(201).json();
    assertThat(version.path("warnings").size()).isZero();
    assertThat(version.at("/signature/outputs/next/type").stringValue()).isEqualTo("int64");
    JsonNode metadata = http.get("/v2/models/onnx-kinds").expect(200).json();
    List<String> types = new ArrayList<>();
    metadata.get("outputs").forEach(output -> types.add(output.get("datatype").stringValue()));
    assertThat(types).containsExactly("INT64", "FP64", "BOOL", "INT32");
    String instance = "{\"i\": [%d, 1], \"b\": [true, 0]}".formatted(7);
    for (String path : List.of("/v1/models/onnx-kinds/predict", "/v1/models/onnx-kinds:predict")) {
      JsonNode row =
          http.post(path, "{\"instances\": [" + instance + "]}")
              .expect(200)
              .json()
              .at("/predictions/0");
      assertThat(row.toString())
          .isEqualTo(
              "{\"next\":[8,2],\"third\":[2.3333333333333335,0.3333333333333333],"
                  + "\"both\":[true,false],\"twice\":[14,2]}");
    }
    http.post(
            "/v1/models/onnx-kinds/predict",
            "{\"instances\": [{\"i\": [true, 1], \"b\": [true, 0]}]}")
        .expectFault("/instances/0/i", "a number in it is");
    String infer =
        """
        {"inputs": [{"name": "i", "datatype": "INT64", "shape": [1, 2], "data": [7, 1]},
          {"name": "b", "datatype": "BOOL", "shape": [1, 2], "data": [true, false]}]}\
        """;
    JsonNode outputs =
        http.post("/v2/models/onnx-kinds/infer", infer).expect(200).json().get("outputs");
    assertThat(outputs.get(0).get("data").toString()).isEqualTo("[8,2]");
    assertThat(outputs.get(1).get("data").toString())
        .isEqualTo("[2.3333333333333335,0.3333333333333333]");
    assertThat(outputs.get(2).get("data").toString()).isEqualTo("[true,false]");
  }

  @Test
  void largeWholeNumbersComeBackExactly() {
    byte[] file =
        new OnnxDraft(17)
            .input("x", 7, -1, 2)
            .output("y", 7, -1, 2)
            .node("Neg", List.of("x"), List.of("y"))
            .toBytes();
    new Multipart().part("onnx", file).post(http, "/v1/models/onnx-big/versions").expect(201);
    String path = "/v1/models/onnx-big/predict";
    String rows = "{\"instances\": [[%d, 1]]}".formatted(BIG);
    assertThat(http.post(path, rows).expect(200).json().get("predictions").toString())
        .isEqualTo("[[-%d,-1]]".formatted(BIG));
    byte[] array = Npy.write(HostTensor.ofLongs(Shape.of(1, 2), BIG, 1));
    HostTensor answer =
        Npy.read(
            http.send(
                    "POST",
                    path,
                    array,
                    "Content-Type",
                    "application/x-npy",
                    "Accept",
                    "application/x-npy")
                .expect(200)
                .bytes());
    assertThat(answer.toLongs()).containsExactly(-BIG, -1);
  }

  @Test
  void whatIsLostOfNumbersIsSaid() throws IOException {
    JsonNode version = importAs("onnx-narrow", "doubles").expect(201).json();
    assertThat(warning(version, "input_narrowed").stringValue()).contains("'x'", "16777216");
    String spec =
        """
        {"inputs": {"i": {"columns": ["a", "b"], "encode": "index"}, "x": {"columns": ["c", "d"]}},
         "targets": {"t": {"columns": ["t", "u"], "output": "y"}}}\
        """;
    JsonNode answer = importAs("onnx-narrow", "doubles", spec).json();
    if (answer.has("warnings")) {
      assertThat(warning(answer, "output_narrowed").stringValue()).contains("'y' is float64");
    }
  }
}
