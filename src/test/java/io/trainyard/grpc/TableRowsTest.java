package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Rows as they are in the table are predicted, with the columns that the version does not read. */
@ServiceTest
@Timeout(120)
class TableRowsTest {
  private static final int ROWS = 8;

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;
  @Autowired private JdbcClient jdbc;

  private int dataset;
  private double expected;

  @BeforeEach
  void train() {
    StringBuilder csv = new StringBuilder("id,always,a,seen,b,y\n");
    for (int i = 0; i < ROWS; i++) {
      csv.append("row %d,5,%d,2025-05-%02d,%d,%d\n".formatted(i, i, i + 1, i % 3, 2 * i + i % 3));
    }
    dataset = http.upload("table", csv.toString()).get("version").intValue();
    http.delete("/v1/models/table");
    http.train(
        """
        {"model": {"name": "table", "inputs": {"x": {"columns": ["a", "b"], "scale": "standard"}},
           "targets": {"y": {"column": "y"}},
           "network": {"layers": [{"type": "dense", "name": "d", "units": 1}]}},
         "dataset": {"name": "table"},
         "training": {"loss": "mse", "epochs": 2, "seed": 3}}
        """);
    expected = predicted("table", "{\"a\": 2, \"b\": 3}");
  }

  private double predicted(String model, String instance) {
    return post(model, instance).expect(200).json().at("/predictions/0/y").doubleValue();
  }

  private Http.Answer post(String model, String instance) {
    return http.post("/v1/models/" + model + "/predict", "{\"instances\": [" + instance + "]}");
  }

  private static String row(String more) {
    return "{\"a\": 2, \"b\": 3, \"id\": \"row\", \"always\": [5], \"y\": {}, \"seen\": null%s}"
        .formatted(more);
  }

  @Test
  void aRowOfTheTableIsPredictedOnEveryRoute() {
    JsonNode rows =
        http.get("/v1/datasets/table/versions/" + dataset + "/rows").expect(200).json().get("rows");
    assertThat(rows).hasSize(ROWS);
    assertThat(rows.get(2).propertyNames()).contains("id", "always", "seen", "y");
    http.post("/v1/models/table/predict", "{\"instances\": %s}".formatted(rows)).expect(200);
    assertThat(predicted("table", row(""))).isEqualTo(expected);
    http.post(
            "/v1/models/table/predict", "{\"instances\": [%s], \"explain\": {}}".formatted(row("")))
        .expect(200);
    post("table", row(", \"colour\": 1")).expectFault("/instances/0/colour", "Unknown column");

    String columns = "{\"inputs\": {\"id\": [\"q\"], \"a\": [2], \"y\": [1], \"b\": [%s]%s}}";
    JsonNode columnar =
        http.post("/v1/models/table:predict", columns.formatted("3", "")).expect(200).json();
    assertThat(columnar.toString()).contains(String.valueOf(expected));
    http.post("/v1/models/table:predict", columns.formatted("\"u\"", ""))
        .expectFault("/inputs/b", "number");
    http.post("/v1/models/table:predict", columns.formatted("3", ", \"colour\": [1]"))
        .expectFault("/inputs/colour", "no input 'colour'");

    JsonNode inferred =
        http.post("/v2/models/table/infer", tensors("a", "id", "b")).expect(200).json();
    assertThat(inferred.at("/outputs/0/data/0").doubleValue()).isCloseTo(expected, within(1e-5));
    assertThat(http.post("/v2/models/table/infer", tensors("a", "id", "colour", "b")).text())
        .contains("/inputs/2: The model has no input 'colour'");
    assertThat(called("a", "id", "always", "b")).isCloseTo(expected, within(1e-5));
    assertThatThrownBy(() -> called("a", "colour", "b"))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("no input 'colour'");
  }

  /** Texts for the columns of texts. */
  private static String tensors(String... names) {
    StringBuilder inputs = new StringBuilder();
    for (String name : names) {
      inputs.append(inputs.isEmpty() ? "" : ", ");
      inputs.append(
          name.equals("id")
              ? "{\"name\": \"id\", \"datatype\": \"BYTES\", \"shape\": [1], \"data\": [\"q\"]}"
              : "{\"name\": \"%s\", \"datatype\": \"FP64\", \"shape\": [1], \"data\": [%s]}"
                  .formatted(name, name.equals("b") ? 3 : 2));
    }
    return "{\"inputs\": [" + inputs + "]}";
  }

  private double called(String... names) {
    var request = ModelInferRequest.newBuilder().setModelName("table");
    for (String name : names) {
      InferTensorContents.Builder contents = InferTensorContents.newBuilder();
      if (name.equals("id")) {
        contents.addBytesContents(ByteString.copyFromUtf8("q"));
      } else {
        contents.addFp64Contents(name.equals("b") ? 3 : 2);
      }
      request.addInputs(
          InferInputTensor.newBuilder()
              .setName(name)
              .setDatatype(name.equals("id") ? "BYTES" : "FP64")
              .addShape(1)
              .setContents(contents));
    }
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      return GRPCInferenceServiceGrpc.newBlockingStub(channel)
          .modelInfer(request.build())
          .getOutputs(0)
          .getContents()
          .getFp32Contents(0);
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aVersionKeepsTheColumnsWithoutItsDataset() {
    byte[] archive = http.get("/v1/models/table/versions/1/archive").expect(200).bytes();
    http.delete("/v1/models/table-brought");
    new Multipart()
        .part("archive", archive)
        .post(http, "/v1/models/table-brought/versions")
        .expect(201);
    http.delete("/v1/datasets/table/versions/" + dataset).expect(204);
    assertThat(predicted("table", row(""))).isEqualTo(expected);
    assertThat(predicted("table-brought", row(""))).isEqualTo(expected);
    post("table-brought", row(", \"colour\": 1")).expectFault("/instances/0/colour", "Unknown");
  }

  /** As an earlier release stored it. */
  @Test
  void anOlderVersionAsksItsDataset() {
    String stored =
        jdbc.sql("select provenance from model_versions where provenance like '%\"table@%'")
            .query(String.class)
            .single();
    String facts = "\"table\":{\"unread\":[\"id\",\"always\",\"seen\"],\"mean_times\":{}},";
    assertThat(stored).contains(facts);
    jdbc.sql("update model_versions set provenance = :old where provenance = :stored")
        .param("old", stored.replace(facts, ""))
        .param("stored", stored)
        .update();
    // Another alias of the same version reads it from the database.
    http.put("/v1/models/table/aliases/old", "{\"version\": 1}").expect(200);
    assertThat(
            http.post(
                    "/v1/models/table/versions/old/predict",
                    "{\"instances\": [%s]}".formatted(row("")))
                .expect(200)
                .json()
                .at("/predictions/0/y")
                .doubleValue())
        .isEqualTo(expected);
  }
}
