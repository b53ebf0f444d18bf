package io.trainyard.api.infer;

import static io.trainyard.api.infer.InferCalls.binary;
import static io.trainyard.api.infer.InferCalls.error;
import static io.trainyard.api.infer.InferCalls.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * The Open Inference Protocol as its specification says, with requests written by hand. The network
 * of {@link SumNetwork} answers [1, 1] with 3.5 and [-2, 3] with 24.5.
 */
@ServiceTest
@Timeout(120)
class InferHttpTest {
  private static final String SUM = "/v2/models/infer-sum/infer";

  @Autowired private Http http;

  @BeforeEach
  void importSum() {
    SumNetwork.importAs(http, "infer-sum");
  }

  @Test
  void theServerTellsHealthAndExtensions() {
    assertThat(http.get("/v2/health/live").expect(200).json().get("live").booleanValue()).isTrue();
    JsonNode ready = http.get("/v2/health/ready").expect(200).json();
    assertThat(ready.toString()).isEqualTo("{\"live\":true,\"ready\":true}");
    for (String path : List.of("/v2", "/v2/")) {
      JsonNode server = http.get(path).expect(200).json();
      assertThat(server.get("name").stringValue()).isEqualTo("trainyard");
      assertThat(server.get("version").stringValue()).isNotBlank();
      assertThat(server.get("extensions").toString()).contains("binary_tensor_data");
    }
    assertThat(http.get("/v2/models").json().get("models").toString()).contains("\"infer-sum\"");
  }

  @Test
  void aModelTellsItsTensors() {
    JsonNode model = http.get("/v2/models/infer-sum").expect(200).json();
    assertThat(model.get("versions").toString()).startsWith("[\"1\"");
    assertThat(model.get("inputs").toString())
        .isEqualTo("[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,2]}]");
    assertThat(model.get("outputs").toString())
        .isEqualTo("[{\"name\":\"o\",\"datatype\":\"FP32\",\"shape\":[-1,1]}]");
    assertThat(http.get("/v2/models/infer-sum/ready").expect(200).json().toString())
        .isEqualTo("{\"name\":\"infer-sum\",\"ready\":true}");
    assertThat(http.get("/v2/models/infer-sum/versions/1/ready").expect(200).json().toString())
        .isEqualTo("{\"name\":\"infer-sum\",\"ready\":true}");
    assertThat(error(http.get("/v2/models/nobody/ready"), 404)).contains("nobody");
    assertThat(error(http.get("/v2/models/infer-sum/versions/77"), 404)).contains("77");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'shape': [2, 2], 'datatype': 'FP32', 'data': [1, 1, -2, 3]",
        "'shape': [2, 2], 'datatype': 'FP64', 'data': [[1, 1], [-2, 3]]",
        "'data': [[1, 1], [-2, 3]], 'datatype': 'INT8', 'shape': [2, 2]",
        "'shape': [2, 2], 'datatype': 'INT64', 'data': [1.0, 1, -2, 3], 'unknown': {'a': [1]}",
      })
  void dataAreNestedOrFlatAndInAnyOrder(String input) {
    JsonNode answer =
        http.post(
                "/v2/models/infer-sum/versions/1/infer",
                ("{'id': 'abc', 'parameters': {}, 'other': 1, 'inputs': [{'name': 'x', "
                        + input
                        + "}]}")
                    .replace('\'', '"'))
            .expect(200)
            .json();
    assertThat(answer.toString())
        .isEqualTo(
            "{\"model_name\":\"infer-sum\",\"model_version\":\"1\",\"id\":\"abc\",\"outputs\":"
                + "[{\"name\":\"o\",\"datatype\":\"FP32\",\"shape\":[2,1],\"data\":[3.5,24.5]}]}");
  }

  @Test
  void anyContentTypeIsJsonAndAnIdIsMadeUp() {
    byte[] body =
        Http.utf8(
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,1]}]}");
    Answer answer = http.post(SUM, "application/x-www-form-urlencoded", body).expect(200);
    assertThat(answer.contentType()).startsWith("application/json");
    assertThat(answer.json().get("id").stringValue()).hasSize(36);
  }

  @Test
  void layersCanBeAskedFor() {
    JsonNode answer =
        http.post(
                "/v2/models/infer-sum/versions/latest/infer",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,1]}],"
                    + "\"outputs\":[{\"name\":\"h:pre\"},{\"name\":\"o\"}]}")
            .expect(200)
            .json();
    assertThat(answer.at("/outputs/0/name").stringValue()).isEqualTo("h:pre");
    assertThat(answer.at("/outputs/0/data").toString()).isEqualTo("[3.5,-1.0]");
    assertThat(answer.at("/outputs/1/data").toString()).isEqualTo("[3.5]");
  }

  /** The same numbers as 16-, 32- and 64-bit floats and as integers, in bytes. */
  @ParameterizedTest
  @CsvSource({"FP16, 2", "FP32, 4", "FP64, 8", "INT8, 1", "INT16, 2", "INT32, 4", "INT64, 8"})
  void binaryTensorsGoInAndComeOut(String type, int width) {
    ByteBuffer data = ByteBuffer.allocate(4 * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int number : new int[] {1, 1, -2, 3}) {
      switch (type) {
        case "FP16" -> data.putShort(Float.floatToFloat16(number));
        case "FP32" -> data.putFloat(number);
        case "FP64" -> data.putDouble(number);
        case "INT8" -> data.put((byte) number);
        case "INT16" -> data.putShort((short) number);
        case "INT32" -> data.putInt(number);
        default -> data.putLong(number);
      }
    }
    String json =
        "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],"
            + "\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%d}}]}"
                .formatted(type, data.capacity());
    Answer answer = binary(http, SUM, json, data.array()).expect(200);
    assertThat(answer.contentType()).isEqualTo("application/octet-stream");
    int length = Integer.parseInt(answer.header("Inference-Header-Content-Length"));
    JsonNode head = json(answer, length);
    assertThat(head.at("/outputs/0/parameters/binary_data_size").intValue()).isEqualTo(8);
    assertThat(head.at("/outputs/0/data").isMissingNode()).isTrue();
    ByteBuffer numbers = ByteBuffer.wrap(answer.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(answer.bytes()).hasSize(length + 8);
    assertThat(numbers.getFloat(length)).isEqualTo(3.5f);
    assertThat(numbers.getFloat(length + 4)).isEqualTo(24.5f);
  }

  @Test
  void oneOutputIsBinaryAndAnotherIsNot() {
    Answer answer =
        http.post(
                SUM,
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,1]}],"
                    + "\"outputs\":[{\"name\":\"h\",\"parameters\":{\"binary_data\":true}},"
                    + "{\"name\":\"o\"}]}")
            .expect(200);
    int length = Integer.parseInt(answer.header("Inference-Header-Content-Length"));
    JsonNode head = json(answer, length);
    assertThat(head.at("/outputs/1/data").toString()).isEqualTo("[3.5]");
    assertThat(ByteBuffer.wrap(answer.bytes()).order(ByteOrder.LITTLE_ENDIAN).getFloat(length))
        .isEqualTo(3.5f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                                    | inputs",
        "{'inputs': []}                                                        | At least one",
        "{'inputs': 3}                                                         | list of tensors",
        "{'inputs': [3]}                                                       | /inputs/0: An"
            + " object",
        "{'inputs': [{'shape': [1,2], 'datatype': 'FP32', 'data': [1,1]}]}     | 'name' is"
            + " required",
        "{'inputs': [{'name':'x', 'datatype': 'FP32', 'data': [1,1]}]}         | 'shape' is"
            + " required",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'data': [1,1]}]}             | 'datatype' is"
            + " required",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32'}]}        | 'data' is"
            + " required",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'F32', 'data': [1,1]}]} | got 'F32'",
        "{'inputs': [{'name':'x', 'shape': [1,-1], 'datatype': 'FP32', 'data': [1,1]}]} | whole"
            + " numbers",
        "{'inputs': [{'name':'x', 'shape': [1,3], 'datatype': 'FP32', 'data': [1,1]}]} | the data"
            + " have 2",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32', 'data': [1,1,1]}]} | the data"
            + " have 3",
        "{'inputs': [{'name':'x', 'shape': [1,3], 'datatype': 'FP32', 'data': [1,1,1]}]} | Rows of"
            + " shape [2]",
        "{'inputs': [{'name':'x', 'shape': [1000000,1000000], 'datatype': 'FP32', 'data': [1]}]} |"
            + " have fewer",
        "{'inputs': [{'name':'x', 'shape': [2000000000,2000000000,2000000000], 'datatype': 'FP32',"
            + " 'data': [1]}]} | too many",
        "{'inputs': [{'name':'q', 'shape': [1,2], 'datatype': 'FP32', 'data': [1,1]}]} | no input"
            + " 'q'; it has x",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32', 'data': [1,'a']}]} | Element"
            + " 1",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32', 'data': [1,1e39]}]} | Element"
            + " 1",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'UINT8', 'data': [1,256]}]} | Element"
            + " 1 is 256",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'INT8', 'data': [1,1.5]}]} | Element"
            + " 1",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'BYTES', 'data': ['a','b']}]} | not"
            + " texts",
        "{'inputs': [{'name':'x', 'shape': [0,2], 'datatype': 'FP32', 'data': []}]} | at least one"
            + " row",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32', 'data': [1,1]},{'name':'x',"
            + " 'shape': [1,2], 'datatype': 'FP32', 'data': [1,1]}]} | twice",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32', 'data': [1,1]}], 'outputs':"
            + " [{'name':'z'}]} | no output 'z'",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32', 'data': [1,1]}], 'outputs':"
            + " [{}]} | 'name'",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32', 'parameters':"
            + " {'binary_data_size': 8}}]} | 0 bytes left",
        "{'inputs': [{'name':'x', 'shape': [1,2], 'datatype': 'FP32', 'data': [1,NaN]}]} | not"
            + " valid JSON",
      })
  void faultsAreNamed(String body, String text) {
    Answer answer = http.post(SUM, body.replace('\'', '"'));
    assertThat(error(answer, 400)).contains(text);
  }

  @Test
  void brokenBinaryBodiesAreRefused() {
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\","
            + "\"parameters\":{\"binary_data_size\":8}}]}";
    assertThat(error(binary(http, SUM, json, new byte[7]), 400)).contains("7 bytes left");
    assertThat(error(binary(http, SUM, json, new byte[9]), 400)).contains("1 bytes behind");
    assertThat(error(binary(http, SUM, json.replace(":8", ":9"), new byte[9]), 400))
        .contains("8 bytes");
    for (String length : List.of("0", "-1", "abc", "99999", "99999999999")) {
      assertThat(
              error(
                  http.send(
                      "POST", SUM, Http.utf8(json), "Inference-Header-Content-Length", length),
                  400))
          .contains("Inference-Header-Content-Length");
    }
    assertThat(error(http.post("/v2/models/nobody/infer", "{\"inputs\":[]}"), 404))
        .contains("nobody");
    error(http.get("/v2/nothing"), 404);
    error(http.get("/v2/models/infer-sum/infer"), 405);
  }

  @Test
  void statisticsCountAnswersAndRefusals() {
    SumNetwork.importAs(http, "infer-counted");
    String path = "/v2/models/infer-counted/stats";
    JsonNode before = http.get(path).expect(200).json().at("/model_stats/0");
    assertThat(before.get("execution_count").intValue()).isZero();
    String rows =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[3,2],\"datatype\":\"FP32\","
            + "\"data\":[1,1,1,1,1,1]}]}";
    String infer = "/v2/models/infer-counted/infer";
    http.post(infer, rows).expect(200);
    http.post("/v1/models/infer-counted/predict", "{\"instances\": [[1, 1]]}").expect(200);
    http.post(infer, "{\"inputs\": []}").expect(400);
    JsonNode after = http.get(path).json().at("/model_stats/0");
    assertThat(after.get("execution_count").intValue()).isEqualTo(2);
    assertThat(after.get("inference_count").intValue()).isEqualTo(4);
    assertThat(after.get("last_inference").longValue()).isPositive();
    assertThat(after.get("inference_stats").propertyNames())
        .containsExactly(
            "success", "fail", "queue", "compute_input", "compute_infer", "compute_output");
    assertThat(after.at("/inference_stats/success/count").intValue()).isEqualTo(2);
    assertThat(after.at("/inference_stats/fail/count").intValue()).isEqualTo(1);
    for (String part : List.of("compute_input", "compute_infer", "compute_output", "queue")) {
      assertThat(after.at("/inference_stats/" + part + "/count").intValue()).as(part).isEqualTo(2);
      assertThat(after.at("/inference_stats/" + part + "/ns").longValue()).as(part).isPositive();
    }
    assertThat(http.get("/v2/models/stats").json().get("model_stats").findValuesAsString("name"))
        .contains("infer-sum");
  }

  @Test
  void theRepositoryIsListedLoadedAndUnloaded() {
    assertThat(http.post("/v2/repository/index").expect(200).json().toString())
        .contains("{\"name\":\"infer-sum\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}");
    http.post("/v2/repository/models/infer-sum/unload", "{}").expect(200);
    assertThat(error(http.post(SUM, "{}"), 503)).contains("was unloaded");
    for (String path : List.of("/ready", "/versions/1/ready")) {
      assertThat(http.get("/v2/models/infer-sum" + path).expect(503).text())
          .contains("infer-sum")
          .doesNotContain("\"ready\":true");
    }
    assertThat(http.post("/v2/repository/index").expect(200).json().toString())
        .contains("{\"name\":\"infer-sum\",\"version\":\"1\",\"state\":\"UNAVAILABLE\"");
    http.post("/v2/repository/models/infer-sum/load", "{}").expect(200);
    http.get("/v2/models/infer-sum/ready").expect(200);
    assertThat(error(http.post(SUM, "{}"), 400)).contains("/inputs");
    assertThat(error(http.post("/v2/repository/models/nobody/load", "{}"), 404)).contains("nobody");
  }
}
