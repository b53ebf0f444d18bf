package io.trainyard.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.Weights;
import io.trainyard.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Imports: their encodings, their classes and the names of their weights. */
@ServiceTest
@Timeout(120)
class ImportHttpTest {
  private static final String ENCODED =
      """
      {"name": "%s", "inputs": {"x": {"columns": ["a", "city"], "scale": "standard"}},
       "targets": {"s": {"column": "s", "type": "class"}},
       "network": {"layers": [{"type": "dense", "name": "d", "units": 2, "activation": "softmax"}]}}
      """;

  private static final String ENCODING =
      """
      {"inputs": {"x": {"type": "float32", "shape": [3], "columns": [
         {"column": "a", "type": "number", "scale": "standard", "impute": "error", "offset": 2, "span": 4},
         {"column": "city", "type": "string", "encode": "one_hot", "unknown": "error",
          "categories": ["bern", "rome"]}]}},
       "targets": {"s": {"output": "d", "kind": "class", "column": "s", "type": "integer", "classes": [7, 9]}}}
      """;

  private static final Weights WEIGHTS =
      new Weights()
          .with("d.weight", Shape.of(2, 3), 1, 0, 0, 0, 1, 0)
          .with("d.bias", Shape.of(2), 0, 0);

  @Autowired private Http http;

  private Answer send(String model, String spec, Weights weights, String encoding) {
    return new Multipart()
        .part("spec", spec)
        .part("weights", weights.bytes())
        .json("encoding", encoding)
        .post(http, "/v1/models/" + model + "/versions");
  }

  @Test
  void anEncodingScalesAndLabels() {
    send("encoded", ENCODED.formatted("encoded"), WEIGHTS, ENCODING).expect(201);

    String answer =
        http.post(
                "/v1/models/encoded/predict", "{\"instances\": [{\"a\": 14, \"city\": \"rome\"}]}")
            .text();
    // softmax of (14 − 2) / 4 = 3 and 0
    assertThat(answer).contains("\"s\":7").contains("\"7\":0.95257413");
  }

  /** Two columns of one unit: what an expression compares, or a time and an event. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {"raw, ``", "survival, `\"type\": \"survival\", `"})
  void targetsThatOnlyTheLossComparesAreImported(String kind, String type) {
    String model = "imported-" + kind;
    String encoding =
        """
        {"inputs": {"x": {"type": "float32", "shape": [1], "columns": [
           {"column": "a", "type": "number", "scale": "standard", "impute": "error", "offset": 2, "span": 4}]}},
         "targets": {"s": {"output": "d", "kind": "%s", "values": {"type": "float32", "shape": [2], "columns": [
           {"column": "u", "type": "number", "scale": "none", "impute": "error"},
           {"column": "v", "type": "integer", "scale": "none", "impute": "error"}]}}}}
        """
            .formatted(kind);
    String spec =
        """
        {"name": "%s", "inputs": {"x": {"columns": ["a"], "scale": "standard"}},
         "targets": {"s": {%s"columns": ["u", "v"]}},
         "network": {"layers": [{"type": "dense", "name": "d", "units": 1, "bias": false}]}}
        """
            .formatted(model, type);
    Weights weights = new Weights().with("d.weight", Shape.of(1, 1), 3);
    send(model, spec, weights, encoding).expect(201);
    JsonNode version = http.get("/v1/models/" + model + "/versions/1").expect(200).json();
    assertThat(version.at("/encoding/targets/s/kind").stringValue()).isEqualTo(kind);
    assertThat(
            send(model, spec, weights, version.get("encoding").toString())
                .expect(201)
                .json()
                .get("encoding"))
        .isEqualTo(Http.given(version.get("encoding")));
    JsonNode answer =
        http.post("/v1/models/" + model + "/predict", "{\"instances\": [{\"a\": 14}]}")
            .expect(200)
            .json();
    // 3 · (14 − 2) / 4
    assertThat(answer.at("/predictions/0/s").doubleValue()).as(answer.toString()).isEqualTo(9);
    http.upload(model, "a,u,v\n14,2,1\n2,5,0\n6,1,1\n");
    Answer evaluated =
        http.post(
            "/v1/models/" + model + "/versions/1/evaluation",
            "{\"dataset\": {\"name\": \"" + model + "\"}}");
    if (kind.equals("raw")) {
      evaluated.expectProblem(422, "no_targets");
    } else {
      // Of risks 9, 0 and 3 with times 2, 5 and 1, the pairs are right but (3 before 9).
      assertThat(evaluated.expect(200).json().at("/metrics/concordance").doubleValue())
          .isCloseTo(2.0 / 3, within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'offset': 2,|`` | /encoding/inputs/x/columns/0/offset | y = (x − offset) / span",
        "'span': 4| 'span': -4 | /encoding/inputs/x/columns/0/span | above 0",
        "'scale': 'standard'| 'scale': 'none' | /encoding/inputs/x/columns/0/offset | the offset"
            + " 0.0",
        "'scale': 'standard'| 'scale': 'log' | /encoding/inputs/x/columns/0/scale | One of none",
        "'impute': 'error'| 'impute': 'mean' | /encoding/inputs/x/columns/0/fill | is required",
        "'impute': 'error'| 'impute': {'constant': 'k'} | /encoding/inputs/x/columns/0/impute | A"
            + " text",
        "'type': 'number'| 'type': 'string' | /encoding/inputs/x/columns/0/categories | needs its",
        "'type': 'number'| 'type': 'tensor' | /encoding/inputs/x/columns/0/shape | is required",
        "'column': 'a'| 'column': 'q' | /encoding/inputs/x/columns | the spec [a, city]",
        "'column': 'a'| 'column': 'city' | /encoding/inputs/x/columns/1/column | named twice",
        "'bern', 'rome'| 'rome', 'rome' | /encoding/inputs/x/columns/1/categories/1 | listed twice",
        "'bern', 'rome'| 'rome' | /encoding/inputs/x/shape | give 2 elements",
        "'bern', 'rome'| 'rome', [] | /encoding/inputs/x/columns/1/categories/1 | a list",
        "'encode': 'one_hot'| 'encode': 'index' | /encoding/inputs/x/columns/1/encode | one_hot"
            + " columns",
        "'encode': 'one_hot',|`` | /encoding/inputs/x/columns/1/encode | is required",
        "'unknown': 'error'| 'unknwon': 'error' | /encoding/inputs/x/columns/1/unknwon | Unknown"
            + " member",
        "'type': 'float32'| 'type': 'float64' | /encoding/inputs/x/type | float32 or int64",
        "[3]| [65536, 65536, 9] | /encoding/inputs/x/shape | At most",
        "'classes': [7, 9]| 'classes': [7, 9.5] | /encoding/targets/s/classes/1 | of type integer",
        "'classes': [7, 9]| 'classes': [7] | /encoding/targets/s/classes | A list of 2",
        "'classes': [7, 9]| 'classes': [7, 8, 9] | /spec/targets/s | has 3 classes",
        "'output': 'd'| 'output': 'e' | /encoding/targets/s/output | the spec d",
        "'kind': 'class'| 'kind': 'number' | /encoding/targets/s/values | is required",
        "'kind': 'class'| 'kind': 'input', 'input': 'q' | /encoding/targets/s/column | Unknown"
            + " member",
        "{'x'| {'z' | /encoding/inputs | [z]",
      })
  void everyFaultOfAnEncodingHasItsPlace(String part, String other, String pointer, String detail) {
    String encoding = ENCODING.replace('"', '\'');
    assertThat(encoding).contains(part);
    String changed = encoding.replace(part, other).replace('\'', '"');
    Answer answer = send("faulty", ENCODED.formatted("faulty"), WEIGHTS, changed).expect(422);
    assertThat(answer.pointers()).as(answer.text()).contains(pointer);
    assertThat(answer.text()).contains(detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "typed-i | [10, 20]       | \"s\":20",
        "typed-b | [false, true]  | \"s\":true",
        "typed-n | [0.5, 1.5]     | \"s\":1.5",
        "typed-t | [\"no\", \"yes\"] | \"s\":\"yes\""
      })
  void classesOfTheSpecKeepTheirTypesWithoutAnEncoding(String name, String classes, String label) {
    http.importVersion(name, classifier(name, ", \"classes\": " + classes, "sigmoid"), unit());
    assertThat(http.post("/v1/models/" + name + "/predict", "{\"instances\": [{\"a\": 3}]}").text())
        .contains(label);
  }

  private static String classifier(String name, String classes, String activation) {
    return """
    {"name": "%s", "inputs": {"x": {"columns": ["a"]}},
     "targets": {"s": {"column": "s", "type": "class"%s}},
     "network": {"layers": [{"type": "dense", "name": "d", "units": 1, "activation": "%s"}]}}
    """
        .formatted(name, classes, activation);
  }

  private static Weights unit() {
    return new Weights().with("d.weight", Shape.of(1, 1), 1).with("d.bias", Shape.of(1), 0);
  }

  @Test
  void aLinearOutputOfAClassGivesLogits() {
    http.importVersion("logits", classifier("logits", "", "linear"), unit());
    assertThat(http.post("/v1/models/logits/predict", "{\"instances\": [{\"a\": -2}]}").text())
        .contains("{\"s\":\"0\",\"probabilities\":{\"0\":0.8807971,\"1\":0.11920292}}");
  }

  @Test
  void aGuessedEncodingYieldsToTheDataAndGivenClassesStay() {
    http.upload("finer", "a,s\n1,yes\n2,no\n3,yes\n4,no\n");
    String job =
        """
        {"model": %s, "dataset": {"name": "finer"}, "initial_weights": {"version": 1},
         "training": {"loss": "binary_crossentropy", "epochs": 1, "optimizer": {"type": "sgd", "learning_rate": 1e-9}}}
        """;
    String guessed = classifier("guessed", "", "sigmoid");
    http.importVersion("guessed", guessed, unit());
    http.train(job.formatted(guessed));
    String given = classifier("given", ", \"classes\": [\"yes\", \"no\"]", "sigmoid");
    http.importVersion("given", given, unit());
    http.train(job.formatted(classifier("given", "", "sigmoid")));

    String instances = "{\"instances\": [{\"a\": 3}]}";
    assertThat(http.post("/v1/models/guessed/versions/latest/predict", instances).text())
        .contains("\"s\":\"yes\"");
    assertThat(http.post("/v1/models/given/versions/latest/predict", instances).text())
        .contains("\"s\":\"no\"");
  }

  @Test
  void integerLabelsAreFineTuned() {
    http.upload("digits-few", "a,s\n1,0\n2,1\n3,0\n4,1\n");
    String spec = classifier("integers", ", \"classes\": [1, 0]", "sigmoid");
    http.importVersion("integers", spec, unit());
    http.train(
        """
        {"model": "integers", "dataset": {"name": "digits-few"}, "initial_weights": {"version": 1},
         "training": {"loss": "binary_crossentropy", "epochs": 1, "optimizer": {"type": "sgd", "learning_rate": 1e-9}}}
        """);
    assertThat(
            http.post(
                    "/v1/models/integers/versions/latest/predict", "{\"instances\": [{\"a\": 3}]}")
                .text())
        .contains("\"s\":0");
  }

  @Test
  void anInputLikeAVersionsIsImportedWithItsEncoding() {
    send("copied", ENCODED.formatted("copied"), WEIGHTS, ENCODING).expect(201);
    http.importVersion(
        "copying",
        """
        {"name": "copying", "inputs": {"x": {"like": "copied@latest"}},
         "targets": {"y": {"column": "y"}}, "network": {"layers": [{"type": "dense", "name": "d", "units": 1}]}}
        """,
        new Weights().with("d.weight", Shape.of(1, 3), 1, 10, 100).with("d.bias", Shape.of(1), 0));
    assertThat(
            http.post(
                    "/v1/models/copying/predict",
                    "{\"instances\": [{\"a\": 6, \"city\": \"rome\"}]}")
                .text())
        .contains("{\"y\":101.0}");
  }

  private static final String TWO_LAYERS =
      """
      {"name": "%s", "network": {"inputs": {"x": {"shape": [1]}}, "layers": [
        {"type": "dense", "name": "h", "units": 2, "activation": "relu"},
        {"type": "dense", "name": "o", "units": 1}]}}
      """;

  private static Weights twoLayers(String first, String second) {
    return new Weights()
        .with(second + "weight", Shape.of(1, 2), 1, 10)
        .with(second + "bias", Shape.of(1), 0)
        .with(first + "weight", Shape.of(2, 1), 1, 2)
        .with(first + "bias", Shape.of(2), 0, 0);
  }

  private Answer renamed(String model, Weights weights, String rename) {
    return new Multipart()
        .part("spec", TWO_LAYERS.formatted(model))
        .part("weights", weights.bytes())
        .json("rename", rename)
        .post(http, "/v1/models/" + model + "/versions");
  }

  @Test
  void namesOfASequentialFitInOrderOrAreRenamed() {
    http.importVersion("ordered", TWO_LAYERS.formatted("ordered"), twoLayers("2.", "10."));
    http.importVersion("inside", TWO_LAYERS.formatted("inside"), twoLayers("net.0.", "net.2."));
    renamed(
            "renamed",
            twoLayers("body.first.", "out."),
            "{\"body.first\": \"h\", \"out.weight\": \"o.weight\", \"out.bias\": \"o.bias\"}")
        .expect(201);
    renamed("dropped", twoLayers("module.h.", "module.o."), "{\"module\": \"\"}").expect(201);
    for (String model : new String[] {"ordered", "inside", "renamed", "dropped"}) {
      assertThat(http.post("/v1/models/" + model + "/predict", "{\"instances\": [[1]]}").text())
          .contains("[[21.0]]");
    }
  }

  @Test
  void namesThatDoNotFitTeachToRename() {
    Answer answer =
        new Multipart()
            .part("spec", TWO_LAYERS.formatted("unnamed"))
            .part("weights", twoLayers("2.", "0.").bytes())
            .post(http, "/v1/models/unnamed/versions");
    answer.expectProblem(422, "weights_mismatch").expectFault("/weights", "{\"2\": \"h\"}");
    renamed("unnamed", twoLayers("h.", "o."), "{\"q\": \"h\", \"h.weight\": \"h.bias\", \"o\": 3}")
        .expect(422);
    assertThat(
            renamed(
                    "unnamed",
                    twoLayers("h.", "o."),
                    "{\"q\": \"h\", \"h.weight\": \"h.bias\", \"o\": 3}")
                .pointers())
        .containsExactlyInAnyOrder("/rename/q", "/rename/o", "/rename/h.weight");
  }

  @Test
  void otherFilesAndPrecisionsTeachToConvert() {
    assertThat(
            weights(
                    "PK\u0003\u0004..........archive/data.pkl"
                        .getBytes(StandardCharsets.ISO_8859_1))
                .text())
        .contains(".pt")
        .contains("save_file(model.state_dict()");
    assertThat(weights(new byte[] {(byte) 0x80, 2, '}', 'q', 0, '.'}).text())
        .contains("save_file(model.state_dict()");
    assertThat(weights(new byte[] {(byte) 0x89, 'H', 'D', 'F', 13, 10, 26, 10}).text())
        .contains("HDF5");
    assertThat(weights(half("BF16", 2)).text())
        .contains("'o.bias' has dtype")
        .contains("tensor.float()");
    assertThat(weights(half("F64", 8)).text())
        .contains("'o.bias' holds F64")
        .contains("tensor.float()");
  }

  private Answer weights(byte[] file) {
    return new Multipart()
        .part("spec", TWO_LAYERS.formatted("foreign"))
        .part("weights", file)
        .post(http, "/v1/models/foreign/versions")
        .expectProblem(422, "weights_mismatch");
  }

  /** A file with one tensor of one element. */
  private static byte[] half(String type, int bytes) {
    byte[] header =
        Http.utf8(
            "{\"o.bias\": {\"dtype\": \"%s\", \"shape\": [1], \"data_offsets\": [0, %d]}}"
                .formatted(type, bytes));
    return ByteBuffer.allocate(8 + header.length + bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  @Test
  void outputsThatNoTargetFitsAreRefused() {
    String spec =
        """
        {"name": "misfits", "inputs": {"x": {"columns": ["a"]}},
         "targets": {"s": {"column": "s", "type": "class", "classes": ["k", "l", "m"]}},
         "network": {"layers": [{"type": "dense", "name": "d", "units": 1}]}}
        """;
    new Multipart()
        .part("spec", spec)
        .part("weights", unit().bytes())
        .post(http, "/v1/models/misfits/versions")
        .expectFault("/spec/targets/s", "has 3 classes, but its output 'd' gives [1]");
    new Multipart()
        .part(
            "spec",
            spec.replace("\"columns\": [\"a\"]", "\"columns\": [\"a\"], \"encode\": \"index\""))
        .part("weights", unit().bytes())
        .post(http, "/v1/models/misfits/versions")
        .expectFault("/spec/network/layers/0", "computes on numbers");
  }
}
