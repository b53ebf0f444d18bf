package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import io.trainyard.grpc.protocol.ModelInferResponse;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.JsonNode;

/** Known, rare and unknown categories have the same answers on every route. */
@ServiceTest
@Timeout(120)
class SameCategoriesTest {
  private static final List<String> TOWNS = List.of("rome", "bonn", "oslo", "ärger", "rare");
  private static final int ROWS = 40;

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;

  private record Row(long zip, String town) {}

  private static List<Row> rows(Random random) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      // 40 and 50 are never in the data, 30 is once; so are "rare" once, and the last never.
      long zip = 10 + 10L * random.nextInt(5);
      int town = random.nextInt(TOWNS.size() + 1);
      rows.add(new Row(zip, town < TOWNS.size() ? TOWNS.get(town) : "on \"the\" moon"));
    }
    return rows;
  }

  private void train(String model, String encode, String layers) {
    StringBuilder csv = new StringBuilder("zip,town,y\n30,rare,5\n");
    for (int i = 0; i < 24; i++) {
      csv.append(10 + i % 2 * 10).append(',').append(TOWNS.get(i % 4)).append(',').append(i);
      csv.append('\n');
    }
    http.upload("same-categories", csv.toString());
    http.train(
        """
        {"model": {"name": "%s", "inputs": {"x": {"columns": ["zip", "town"],
             "encode": {"zip": "%2$s", "town": "%2$s"}, "unknown": "index", "min_count": 2}},
           "targets": {"y": {"column": "y"}},
           "network": {"layers": [%3$s {"type": "dense", "name": "d", "units": 1}]}},
         "dataset": {"name": "same-categories"},
         "training": {"loss": "mse", "epochs": 3, "seed": 3, "optimizer": {"type": "adam", "learning_rate": 0.5}}}
        """
            .formatted(model, encode, layers));
  }

  @Test
  void everyRouteGivesTheSameAnswers() {
    train(
        "same-indices",
        "index",
        "{\"type\": \"embedding\", \"vocabulary\": \"auto\", \"dim\": 3}, {\"type\": \"flatten\"},");
    train("same-one-hot", "one_hot", "");
    List<Row> rows = rows(new Random(5));
    for (String model : List.of("same-indices", "same-one-hot")) {
      List<Double> json = json(model, rows);
      assertThat(json.stream().distinct().count()).as(model).isGreaterThan(10);
      assertAlike(alone(model, rows), json);
      assertAlike(infer(model, rows), json);
      assertAlike(call(model, rows), json);
    }
    assertAlike(npy(rows), json("same-indices", rows));
  }

  private static void assertAlike(List<Double> answers, List<Double> expected) {
    assertThat(answers).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(answers.get(i)).as("row %d", i).isCloseTo(expected.get(i), within(1e-5));
    }
  }

  private static String instance(Row row) {
    return "{\"zip\": %d, \"town\": \"%s\"}".formatted(row.zip(), row.town().replace("\"", "\\\""));
  }

  private List<Double> predicted(String model, String instances) {
    List<Double> answers = new ArrayList<>();
    http.post("/v1/models/" + model + "/predict", "{\"instances\": [" + instances + "]}")
        .expect(200)
        .json()
        .get("predictions")
        .forEach(each -> answers.add(each.get("y").doubleValue()));
    return answers;
  }

  /** The escaped quotes of one instance make the whole body a tree. */
  private List<Double> json(String model, List<Row> rows) {
    return predicted(
        model, rows.stream().map(SameCategoriesTest::instance).collect(Collectors.joining(", ")));
  }

  /** An instance without escapes is read without a tree. */
  private List<Double> alone(String model, List<Row> rows) {
    return rows.stream().map(row -> predicted(model, instance(row)).getFirst()).toList();
  }

  private List<Double> infer(String model, List<Row> rows) {
    String towns =
        rows.stream()
            .map(row -> "\"" + row.town().replace("\"", "\\\"") + "\"")
            .collect(Collectors.joining(","));
    String zips = rows.stream().map(row -> "" + row.zip()).collect(Collectors.joining(","));
    JsonNode answer =
        http.post(
                "/v2/models/" + model + "/infer",
                """
                {"inputs": [{"name": "zip", "datatype": "INT64", "shape": [%1$d], "data": [%2$s]},
                  {"name": "town", "datatype": "BYTES", "shape": [%1$d, 1], "data": [%3$s]}]}
                """
                    .formatted(rows.size(), zips, towns))
            .expect(200)
            .json();
    List<Double> answers = new ArrayList<>();
    answer.at("/outputs/0/data").forEach(each -> answers.add(each.doubleValue()));
    return answers;
  }

  private List<Double> call(String model, List<Row> rows) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    try {
      ModelInferResponse answer =
          GRPCInferenceServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .modelInfer(
                  ModelInferRequest.newBuilder()
                      .setModelName(model)
                      .addInputs(
                          tensor("zip", "INT64")
                              .setContents(
                                  InferTensorContents.newBuilder()
                                      .addAllInt64Contents(rows.stream().map(Row::zip).toList())))
                      .addInputs(
                          tensor("town", "BYTES")
                              .setContents(
                                  InferTensorContents.newBuilder()
                                      .addAllBytesContents(
                                          rows.stream()
                                              .map(row -> ByteString.copyFromUtf8(row.town()))
                                              .toList())))
                      .build());
      List<Double> answers = new ArrayList<>();
      if (answer.getRawOutputContentsCount() == 0) {
        answer
            .getOutputs(0)
            .getContents()
            .getFp32ContentsList()
            .forEach(each -> answers.add((double) each));
      } else {
        var raw =
            answer.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        while (raw.hasRemaining()) {
          answers.add((double) raw.getFloat());
        }
      }
      return answers;
    } finally {
      channel.shutdownNow();
    }
  }

  private static InferInputTensor.Builder tensor(String name, String type) {
    return InferInputTensor.newBuilder().setName(name).setDatatype(type).addShape(ROWS).addShape(1);
  }

  /** In an array a text is the index that the encoding gives it; the last is the unknown one. */
  private List<Double> npy(List<Row> rows) {
    List<String> known = new ArrayList<>();
    http.get("/v1/models/same-indices/versions/latest")
        .json()
        .at("/encoding/inputs/x/columns/1/categories")
        .forEach(each -> known.add(each.stringValue()));
    assertThat(known).containsExactly("bonn", "oslo", "rome", "ärger");
    double[] array = new double[2 * ROWS];
    for (int i = 0; i < ROWS; i++) {
      int index = known.indexOf(rows.get(i).town());
      array[2 * i] = rows.get(i).zip();
      array[2 * i + 1] = index < 0 ? known.size() : index;
    }
    List<Double> answers = new ArrayList<>();
    http.post(
            "/v1/models/same-indices/predict",
            "application/x-npy",
            Npy.write(HostTensor.ofDoubles(Shape.of(ROWS, 2), array)))
        .expect(200)
        .json()
        .get("predictions")
        .forEach(each -> answers.add(each.get("y").doubleValue()));
    return answers;
  }
}
