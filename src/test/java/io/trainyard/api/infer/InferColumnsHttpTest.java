package io.trainyard.api.infer;

import static io.trainyard.api.infer.InferCalls.binary;
import static io.trainyard.api.infer.InferCalls.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
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
 * Columns as tensors: one for each in the inference protocol, whole ones in TensorFlow Serving's.
 */
@ServiceTest
@Timeout(120)
class InferColumnsHttpTest {
  @Autowired private Http http;

  @BeforeEach
  void importSum() {
    SumNetwork.importAs(http, "infer-sum");
  }

  @Test
  void columnsAreTensorsAndTargetsAreAnswered() {
    http.sample("iris");
    http.train(
        """
        {"model": {"name": "infer-iris",
          "inputs": {"x": {"columns": ["sepal_length", "sepal_width", "petal_length",
                                       "petal_width"], "scale": "standard"}},
          "targets": {"species": {"column": "species", "type": "class"}},
          "network": {"layers": [{"type": "dense", "units": 3, "activation": "softmax"}]}},
         "dataset": {"name": "iris"},
         "training": {"loss": "categorical_crossentropy", "epochs": 40, "seed": 1,
                      "optimizer": {"type": "adam", "learning_rate": 0.05}}}\
        """);
    JsonNode model = http.get("/v2/models/infer-iris").json();
    assertThat(model.get("inputs")).hasSize(4);
    assertThat(model.at("/inputs/0").toString())
        .isEqualTo("{\"name\":\"sepal_length\",\"datatype\":\"FP64\",\"shape\":[-1,1]}");
    assertThat(model.get("outputs").toString())
        .isEqualTo(
            "[{\"name\":\"species\",\"datatype\":\"BYTES\",\"shape\":[-1,1]},"
                + "{\"name\":\"species_probabilities\",\"datatype\":\"FP32\",\"shape\":[-1,3]}]");
    String columns =
        "{\"inputs\":["
            + column("sepal_length", "[2,1]", "[[5.1],[6.7]]")
            + ","
            + column("sepal_width", "[2]", "[3.5,3.0]")
            + ","
            + column("petal_length", "[2]", "[1.4,5.2]")
            + ","
            + column("petal_width", "[2]", "[0.2,2.3]")
            + "]}";
    JsonNode answer = http.post("/v2/models/infer-iris/infer", columns).expect(200).json();
    assertThat(answer.at("/outputs/0/data").toString()).isEqualTo("[\"setosa\",\"virginica\"]");
    JsonNode own =
        http.post(
                "/v1/models/infer-iris/predict",
                "{\"instances\":[{\"sepal_length\":5.1,\"sepal_width\":3.5,\"petal_length\":1.4,"
                    + "\"petal_width\":0.2}]}")
            .json();
    assertThat(answer.at("/outputs/1/data/0").doubleValue())
        .isCloseTo(own.at("/predictions/0/probabilities/setosa").doubleValue(), within(1e-6));
    String whole =
        "{\"inputs\":["
            + column("x", "[2,4]", "[5.1,3.5,1.4,0.2,6.7,3.0,5.2,2.3]")
            + "],\"outputs\":[{\"name\":\"species\"}]}";
    assertThat(
            http.post("/v2/models/infer-iris/infer", whole).json().at("/outputs/0/data").toString())
        .isEqualTo("[\"setosa\",\"virginica\"]");
    assertThat(
            error(
                http.post(
                    "/v2/models/infer-iris/infer",
                    "{\"inputs\":[" + column("sepal_length", "[1]", "[5.1]") + "]}"),
                400))
        .contains("sepal_width");
    // TensorFlow Serving's columnar form.
    JsonNode columnar =
        http.post(
                "/v1/models/infer-iris:predict",
                "text/plain",
                Http.utf8(
                    "{\"signature_name\":\"serving_default\",\"inputs\":{\"sepal_length\":[5.1],"
                        + "\"sepal_width\":[[3.5]],\"petal_length\":[1.4],\"petal_width\":[0.2]}}"))
            .expect(200)
            .json();
    assertThat(columnar.at("/outputs/species").toString()).isEqualTo("[[\"setosa\"]]");
    assertThat(columnar.at("/outputs/species_probabilities/0")).hasSize(3);
    assertThat(http.get("/v1/models/infer-iris").json().get("ready").booleanValue()).isTrue();
  }

  private static String column(String name, String shape, String data) {
    return "{\"name\":\"%s\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":%s}"
        .formatted(name, shape, data);
  }

  @Test
  void textsTruthsMissingNumbersAndWholeNumbersAreColumns() {
    StringBuilder csv = new StringBuilder("kind,flag,level,size,y\n");
    for (int i = 0; i < 40; i++) {
      csv.append(
          "%s,%s,%d,%s,%s%n"
              .formatted(i % 2 == 0 ? "a" : "b", i % 3 == 0, i % 3, i % 4, i % 2 == 0 ? 1.0 : 3.0));
    }
    http.upload("infer-mixed", csv.toString());
    http.train(
        """
        {"model": {"name": "infer-mixed",
          "inputs": {"a": {"columns": ["kind", "flag", "level"], "encode": {"level": "one_hot"}},
                     "b": {"columns": ["size"], "impute": "mean"}},
          "targets": {"y": {"column": "y", "scale": "standard"}},
          "network": {"layers": [{"type": "concat", "inputs": ["a", "b"]},
                                 {"type": "dense", "units": 1}]}},
         "dataset": {"name": "infer-mixed"},
         "training": {"loss": "mse", "epochs": 60, "seed": 1,
                      "optimizer": {"type": "adam", "learning_rate": 0.05}}}\
        """);
    String instances =
        "{\"instances\":[{\"kind\":\"a\",\"flag\":true,\"level\":2,\"size\":null},"
            + "{\"kind\":\"b\",\"flag\":false,\"level\":0,\"size\":1.5}]}";
    JsonNode expected = http.post("/v1/models/infer-mixed/predict", instances).expect(200).json();
    JsonNode inputs = http.get("/v2/models/infer-mixed").json().get("inputs");
    assertThat(inputs.findValuesAsString("datatype"))
        .containsExactly("BYTES", "BOOL", "INT64", "INT64");
    String nulls =
        "{'inputs':[{'name':'kind','shape':[2],'datatype':'BYTES','data':['a','b']},"
            + "{'name':'flag','shape':[2],'datatype':'BOOL','data':[true,false]},"
            + "{'name':'level','shape':[2],'datatype':'INT64','data':[2,0]},"
            + "{'name':'size','shape':[2],'datatype':'%s','data':[null,1.5]}]}";
    for (String type : List.of("FP64", "FP32", "FP16")) {
      JsonNode given =
          http.post("/v2/models/infer-mixed/infer", nulls.formatted(type).replace('\'', '"'))
              .expect(200)
              .json();
      assertThat(given.at("/outputs/0/data/0").doubleValue())
          .as("null as %s is the mean", type)
          .isCloseTo(expected.at("/predictions/0/y").doubleValue(), within(1e-6));
    }
    for (String type : List.of("INT8", "UINT64", "FP32", "FP64")) {
      String numbers = nulls.formatted("FP64").replace("BOOL", type).replace("true,false", "1,0");
      assertThat(
              http.post("/v2/models/infer-mixed/infer", numbers.replace('\'', '"'))
                  .expect(200)
                  .json()
                  .at("/outputs/0/data/1")
                  .doubleValue())
          .as("0 as %s is false", type)
          .isCloseTo(expected.at("/predictions/1/y").doubleValue(), within(1e-6));
      assertThat(
              error(
                  http.post(
                      "/v2/models/infer-mixed/infer",
                      numbers.replace("[1,0]", "[1,2]").replace('\'', '"')),
                  400))
          .contains("/inputs/1: Row 1: true or false was expected, got 2");
    }
    String refused =
        error(
            http.post(
                "/v2/models/infer-mixed/infer",
                nulls.formatted("FP64").replace("'b'", "null").replace('\'', '"')),
            400);
    assertThat(refused).contains("/inputs/0: Row 1: 'kind' has no value, and nothing is imputed");
    String columnar =
        "{'inputs':{'kind':['a','b'],'flag':[true,false],'level':[2,0],'size':[null,1.5]}}";
    assertThat(
            http.post("/v1/models/infer-mixed:predict", columnar.replace('\'', '"'))
                .expect(200)
                .json()
                .at("/outputs/0/0")
                .doubleValue())
        .isCloseTo(expected.at("/predictions/0/y").doubleValue(), within(1e-6));
    ByteBuffer bytes = ByteBuffer.allocate(10 + 2 + 16 + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(1).put((byte) 'a').putInt(1).put((byte) 'b');
    bytes.put((byte) 1).put((byte) 0);
    bytes.putLong(2).putLong(0);
    bytes.putFloat(Float.NaN).putFloat(1.5f);
    String json =
        "{\"inputs\":["
            + bytes("kind", "BYTES", 10)
            + ","
            + bytes("flag", "BOOL", 2)
            + ","
            + bytes("level", "INT64", 16)
            + ","
            + bytes("size", "FP32", 8)
            + "]}";
    JsonNode answer =
        binary(http, "/v2/models/infer-mixed/infer", json, bytes.array()).expect(200).json();
    assertThat(answer.at("/outputs/0/shape").toString()).isEqualTo("[2,1]");
    for (int row = 0; row < 2; row++) {
      assertThat(answer.at("/outputs/0/data").get(row).doubleValue())
          .isCloseTo(expected.at("/predictions").get(row).get("y").doubleValue(), within(1e-6));
    }
  }

  /** The rows are milliseconds of one minute: FP32 has one number for all of them. */
  @Test
  void narrowFloatsThatRoundColumnsAreRefused() {
    long start = 1_700_000_000_000L;
    StringBuilder csv = new StringBuilder("at,level,y\n");
    for (int i = 0; i < 40; i++) {
      csv.append("%d,%s,%s%n".formatted(start + i * 1500L, 1e9 + i + 0.5, i / 10.0));
    }
    http.upload("infer-epochs", csv.toString());
    http.train(
        """
        {"model": {"name": "infer-epochs",
          "inputs": {"x": {"columns": ["at", "level"], "scale": "standard"}},
          "targets": {"y": {"column": "y"}},
          "network": {"layers": [{"type": "dense", "units": 1}]}},
         "dataset": {"name": "infer-epochs"},
         "training": {"loss": "mse", "epochs": 60, "seed": 1,
                      "optimizer": {"type": "adam", "learning_rate": 0.05}}}\
        """);
    assertThat(
            http.get("/v2/models/infer-epochs").json().get("inputs").findValuesAsString("datatype"))
        .containsExactly("INT64", "FP64");
    JsonNode expected =
        http.post(
                "/v1/models/infer-epochs/predict",
                "{\"instances\":[{\"at\":%d,\"level\":1e9},{\"at\":%d,\"level\":1000000030.5}]}"
                    .formatted(start, start + 30_000))
            .expect(200)
            .json()
            .get("predictions");
    assertThat(expected.at("/0/y").doubleValue())
        .isNotCloseTo(expected.at("/1/y").doubleValue(), within(0.5));
    String body =
        "{'inputs':[{'name':'at','shape':[2],'datatype':'%s','data':[%d,%d]},"
            + "{'name':'level','shape':[2],'datatype':'%s','data':[1e9,1000000030.5]}]}";
    for (String type : List.of("INT64", "UINT64", "FP64")) {
      JsonNode answer =
          http.post(
                  "/v2/models/infer-epochs/infer",
                  body.formatted(type, start, start + 30_000, "FP64").replace('\'', '"'))
              .expect(200)
              .json();
      for (int row = 0; row < 2; row++) {
        assertThat(answer.at("/outputs/0/data").get(row).doubleValue())
            .as(type)
            .isCloseTo(expected.get(row).get("y").doubleValue(), within(1e-6));
      }
    }
    assertThat(
            error(
                http.post(
                    "/v2/models/infer-epochs/infer",
                    body.formatted("FP32", start, start + 30_000, "FP64").replace('\'', '"')),
                400))
        .contains("/inputs/0: 'at': Element 0 is", "up to 16777216 only: send INT64 or FP64");
    assertThat(
            error(
                http.post(
                    "/v2/models/infer-epochs/infer",
                    body.formatted("INT64", start, start + 30_000, "FP32").replace('\'', '"')),
                400))
        .contains("/inputs/1: 'level': Element 0 is", "send FP64");
    ByteBuffer whole = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    whole.putFloat((float) start).putFloat(1e9f).putFloat((float) (start + 30_000)).putFloat(1e9f);
    assertThat(
            error(
                binary(
                    http,
                    "/v2/models/infer-epochs/infer",
                    "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP32\","
                        + "\"parameters\":{\"binary_data_size\":16}}]}",
                    whole.array()),
                400))
        .contains("'x': Element 0 is", "send INT64 or FP64");
    http.post(
            "/v1/models/infer-epochs/predict",
            "application/x-npy",
            Npy.write(
                new HostTensor(
                    ElementType.FLOAT32, Shape.of(2, 2), MemorySegment.ofArray(whole.array()))))
        .expectFault("", "send INT64 or FP64");
  }

  /** In JSON the number is narrowed when it is read: what it was must not be forgotten. */
  @ParameterizedTest
  @CsvSource({"FP32, 16777217, 16777216", "FP16, 2049, 2048"})
  void theFirstIntegerThatATypeRoundsIsRefused(String type, long number, long exact) {
    if (http.get("/v1/models/infer-counts").status() == 404) {
      StringBuilder csv = new StringBuilder("n,x,y\n");
      for (int i = 0; i < 20; i++) {
        csv.append("%d,%s,%s%n".formatted(i * 1_000_000, i + 0.5, i / 10.0));
      }
      http.upload("infer-counts", csv.toString());
      http.train(
          """
          {"model": {"name": "infer-counts", "inputs": {"row": {"columns": ["n", "x"]}},
            "targets": {"y": {"column": "y"}}, "network": {"layers": [{"type": "dense", "units": 1}]}},
           "dataset": {"name": "infer-counts"},
           "training": {"loss": "mse", "epochs": 1, "seed": 1,
                        "optimizer": {"type": "sgd", "learning_rate": 1e-20}}}\
          """);
    }
    String columns =
        "{'inputs':[{'name':'n','shape':[2],'datatype':'%s','data':%s},"
            + "{'name':'x','shape':[2],'datatype':'%1$s','data':[1.5,%d]}]}";
    String whole = "{'inputs':[{'name':'row','shape':[2,2],'datatype':'%s','data':%s}]}";
    String path = "/v2/models/infer-counts/infer";
    // A column of numbers is rounded as any other fraction.
    http.post(path, columns.formatted(type, "[3," + exact + "]", number).replace('\'', '"'))
        .expect(200);
    http.post(path, whole.formatted(type, "[[3," + number + "],[4,5]]").replace('\'', '"'))
        .expect(200);
    for (long given : new long[] {number, -number}) {
      assertThat(
              error(
                  http.post(
                      path, columns.formatted(type, "[3," + given + "]", 1).replace('\'', '"')),
                  400))
          .contains("/inputs/0: 'n': Element 1 becomes", type + " holds the integers of 'n' up to");
      assertThat(
              error(
                  http.post(
                      path, whole.formatted(type, "[[3,1],[" + given + ",5]]").replace('\'', '"')),
                  400))
          .contains("/inputs/0: 'row': Element 2 becomes");
    }
  }

  /** Neighbours that doubles cannot tell apart. */
  @Test
  void integersBeyondDoublesAreTheSameCategoryOnEveryRoute() {
    long first = (1L << 53) + 1;
    StringBuilder csv = new StringBuilder("id,y\n");
    for (int i = 0; i < 40; i++) {
      csv.append("%d,%d%n".formatted(first + i % 4, i % 4));
    }
    http.upload("infer-ids", csv.toString());
    http.train(
        """
        {"model": {"name": "infer-ids",
          "inputs": {"x": {"columns": ["id"], "encode": {"id": "one_hot"}}},
          "targets": {"y": {"column": "y"}},
          "network": {"layers": [{"type": "dense", "units": 1}]}},
         "dataset": {"name": "infer-ids"},
         "training": {"loss": "mse", "epochs": 80, "seed": 1,
                      "optimizer": {"type": "adam", "learning_rate": 0.1}}}\
        """);
    for (long id = first; id < first + 4; id++) {
      double expected =
          http.post("/v1/models/infer-ids/predict", "{\"instances\":[{\"id\":%d}]}".formatted(id))
              .expect(200)
              .json()
              .at("/predictions/0/y")
              .doubleValue();
      assertThat(expected).isCloseTo((double) (id - first), within(0.4));
      for (String type : List.of("INT64", "UINT64")) {
        assertThat(
                http.post(
                        "/v2/models/infer-ids/infer",
                        "{\"inputs\":[{\"name\":\"id\",\"shape\":[1],\"datatype\":\"%s\",\"data\":[%d]}]}"
                            .formatted(type, id))
                    .expect(200)
                    .json()
                    .at("/outputs/0/data/0")
                    .doubleValue())
            .as(type)
            .isCloseTo(expected, within(1e-5));
      }
      assertThat(
              http.post("/v1/models/infer-ids:predict", "{\"inputs\":{\"id\":[%d]}}".formatted(id))
                  .expect(200)
                  .json()
                  .at("/outputs/0/0")
                  .doubleValue())
          .isCloseTo(expected, within(1e-5));
      HostTensor array = HostTensor.allocate(ElementType.INT64, Shape.of(1, 1));
      array.setLong(0, id);
      assertThat(
              http.post("/v1/models/infer-ids/predict", "application/x-npy", Npy.write(array))
                  .expect(200)
                  .json()
                  .at("/predictions/0/y")
                  .doubleValue())
          .isCloseTo(expected, within(1e-5));
    }
  }

  private static String bytes(String name, String type, int length) {
    return ("{\"name\":\"%s\",\"shape\":[2],\"datatype\":\"%s\","
            + "\"parameters\":{\"binary_data_size\":%d}}")
        .formatted(name, type, length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'inputs': [[1, 1], [-2, 3]]}                     | {'outputs':[[3.5],[24.5]]}",
        "{'inputs': {'x': [[1, 1]]}}                       | {'outputs':[[3.5]]}",
        "{'instances': [[1, 1]], 'signature_name': 'any'}  | 'predictions':[[3.5]]",
      })
  void tensorFlowServingsFormsAreAnswered(String body, String answer) {
    assertThat(
            http.post("/v1/models/infer-sum:predict", body.replace('\'', '"')).expect(200).text())
        .contains(answer.replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'inputs': [[1, 1], [2]]}         | /inputs   | one length",
        "{'inputs': [[1, [1]]]}            | /inputs   | one length",
        "{'inputs': {'x': 3}}              | /inputs/x | A list",
        "{'inputs': {'x': [[1, 'a']]}}     | /inputs/x | mixed",
        "{'inputs': {'q': [[1, 1]]}}       | /inputs/q | no input 'q'",
        "{'inputs': [[1, 1]], 'other': 1}  | /other    | Unknown member",
        "{'inputs': [[1, 1, 1]]}           | /inputs   | Rows of shape [2]",
      })
  void faultsOfTheColumnarFormAreNamed(String body, String pointer, String text) {
    http.post("/v1/models/infer-sum:predict", body.replace('\'', '"')).expectFault(pointer, text);
  }
}
