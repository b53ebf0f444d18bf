package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.trainyard.Cases;
import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.Weights;
import io.trainyard.grpc.RandomServed.Served;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import io.trainyard.grpc.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.trainyard.grpc.protocol.ModelInferResponse;
import io.trainyard.grpc.protocol.ModelInferResponse.InferOutputTensor;
import io.trainyard.judge.Routes;
import io.trainyard.predict.request.DataType;
import io.trainyard.tensor.Shape;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.JsonNode;

/**
 * A request over gRPC has the answer, or the refusal, of the same request over REST; and rows have
 * the same predictions on every route.
 */
@ServiceTest
@Timeout(600)
class InferFuzzTest {
  private static final String COLUMNS_SPEC =
      """
      {"name": "grpc-columns", "inputs": {"x": {"columns": ["a", "b"]}},
       "targets": {"y": {"column": "y"}},
       "network": {"layers": [{"type": "dense", "name": "o", "units": 1}]}}\
      """;

  private static final List<DataType> TYPES = List.of(DataType.values());
  private static final long[] WHOLES = {0, 1, -1, 2, 127, 128, 255, 256, -129, 65_536, 1L << 31};
  private static final double[] NUMBERS = {0, 1, -2, 0.5, 3.25, 1e30, -1e-40};

  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;

  @Test
  void restAndGrpcAgree() {
    compare(7, Cases.all() ? 250 : 80);
  }

  @Test
  @Tag("attack")
  void restAndGrpcAgreeOnManyRequests() {
    compare(3_000_000, 50_000);
  }

  /** Profile {@code generated} draws seven models instead of two. */
  @Test
  void allRoutesAgreeOnRandomModels() {
    int count = Math.max(2, Integer.getInteger("generated.jobs", 100) / 14);
    long seed = Long.getLong("routes.seed", 1);
    RandomServed models = new RandomServed(http);
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    Routes routes =
        new Routes(http, GRPCInferenceServiceGrpc.newBlockingStub(channel), /* precision= */ 1e-5);
    List<String> faults = new ArrayList<>();
    try {
      // Every third one: so the first seven are of seven kinds.
      for (int number = 0; number < 3 * count && faults.size() < 10; number += 3) {
        String place = "number %d of -Droutes.seed=%d: ".formatted(number, seed);
        try {
          faults(routes, models.get(seed, number), number % 2)
              .map(place::concat)
              .forEach(faults::add);
        } catch (AssertionError | IllegalStateException | StatusRuntimeException e) {
          faults.add(place + e);
        }
      }
    } finally {
      channel.shutdownNow();
    }
    assertThat(faults).isEmpty();
    assertThat(routes.asked())
        .contains(
            "kserve",
            "columnar",
            "rest true",
            "grpc true",
            "npy",
            "npy answer",
            "batch",
            "onnx",
            "narrow answered",
            "narrow refused");
  }

  /**
   * What is wrong with a model. All of these networks can be exported.
   *
   * @param version 1; 0: the latest one is asked
   */
  private Stream<String> faults(Routes routes, Served served, int version) {
    String model = served.model();
    http.get("/v1/models/" + model + "/versions/1/onnx").expect(200);
    return Stream.of(
            Optional.ofNullable(routes.fault(model, version, served.instances(), true)),
            Optional.ofNullable(
                routes.narrowFault(model, 1 - version, served.rounded().instances())),
            Optional.ofNullable(
                served.table().isEmpty()
                    ? null
                    : routes.batchFault(
                        model, served.instances(), RandomServed.TABLE, served.table())))
        .flatMap(Optional::stream);
  }

  private void compare(long seed, int count) {
    SumNetwork.importAs(http, "grpc-fuzz");
    http.importVersion(
        "grpc-columns",
        COLUMNS_SPEC,
        new Weights().with("o.weight", Shape.of(1, 2), 1, 2).with("o.bias", Shape.of(1), 0));
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    int answered = 0;
    try {
      GRPCInferenceServiceBlockingStub service = GRPCInferenceServiceGrpc.newBlockingStub(channel);
      for (int i = 0; i < count; i++) {
        ModelInferRequest request = request(new Random(seed + i));
        String rest = overRest(request);
        String grpc = overGrpc(service, request);
        assertThat(grpc).as("%d: %s", seed + i, request).isEqualTo(rest);
        answered += rest.equals("400") || rest.equals("404") ? 0 : 1;
      }
    } finally {
      channel.shutdownNow();
    }
    // Else the requests are too broken to find anything.
    assertThat(answered).isGreaterThan(count / 20);
  }

  private static ModelInferRequest request(Random random) {
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder()
            .setModelName(random.nextBoolean() ? "grpc-fuzz" : "grpc-columns")
            .setModelVersion(random.nextInt(20) == 0 ? "99" : random.nextBoolean() ? "latest" : "")
            .setId("i");
    if (random.nextInt(40) == 0) {
      request.setModelName("grpc-nobody");
    }
    boolean raw = random.nextBoolean();
    boolean columns = random.nextInt(3) == 0;
    int rows = random.nextInt(3) + 1;
    for (int i = 0; i < (columns ? 2 : 1); i++) {
      String name = columns ? (i == 0 ? "a" : "b") : "x";
      DataType type = TYPES.get(random.nextInt(TYPES.size()));
      List<Long> shape = new ArrayList<>(columns ? List.of((long) rows) : List.of((long) rows, 2L));
      long elements = columns ? rows : 2L * rows;
      if (random.nextInt(6) == 0) {
        shape.set(random.nextInt(shape.size()), random.nextInt(5) - 1L);
      }
      if (random.nextInt(8) == 0) {
        elements += random.nextInt(3) - 1;
      }
      // FP16 has no typed field, and JSON takes it.
      if (!raw && type == DataType.FP16) {
        type = DataType.FP32;
      }
      InferInputTensor.Builder input =
          InferInputTensor.newBuilder()
              .setName(random.nextInt(12) == 0 ? "other" : name)
              .setDatatype(random.nextInt(25) == 0 ? "FP7" : type.name())
              .addAllShape(shape);
      if (raw) {
        request.addRawInputContents(bytes(type, elements, random));
      } else {
        input.setContents(contents(type, elements, random));
      }
      request.addInputs(input);
    }
    if (random.nextInt(4) == 0) {
      String output = List.of("o", "h", "h:pre", "y", "none").get(random.nextInt(5));
      request.addOutputs(InferRequestedOutputTensor.newBuilder().setName(output));
    }
    return request.build();
  }

  private static ByteString bytes(DataType type, long elements, Random random) {
    byte[] bytes = new byte[(int) Math.max(0, elements * Math.max(5, type.bytes()))];
    if (type != DataType.BYTES) {
      bytes = new byte[(int) Math.max(0, elements * type.bytes() + random.nextInt(9) / 8)];
      random.nextBytes(bytes);
      return ByteString.copyFrom(bytes);
    }
    for (int i = 0; i + 5 <= bytes.length; i += 5) {
      bytes[i] = (byte) (random.nextInt(10) == 0 ? 2 : 1);
      bytes[i + 4] = (byte) (random.nextInt(10) == 0 ? 200 : '1');
    }
    return ByteString.copyFrom(bytes);
  }

  private static InferTensorContents contents(DataType type, long elements, Random random) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    for (long i = 0; i < elements; i++) {
      long whole = WHOLES[random.nextInt(random.nextInt(3) == 0 ? WHOLES.length : 2)];
      double number = NUMBERS[random.nextInt(NUMBERS.length)];
      switch (type) {
        case BOOL -> contents.addBoolContents(random.nextBoolean());
        case INT8, INT16, INT32 -> contents.addIntContents((int) whole);
        case INT64 -> contents.addInt64Contents(whole);
        case UINT8, UINT16, UINT32 -> contents.addUintContents((int) whole);
        case UINT64 -> contents.addUint64Contents(whole);
        case FP32, FP16 -> contents.addFp32Contents((float) number);
        case FP64 -> contents.addFp64Contents(number);
        case BYTES -> contents.addBytesContents(ByteString.copyFromUtf8("t" + whole));
      }
    }
    return contents.build();
  }

  private static String overGrpc(
      GRPCInferenceServiceBlockingStub service, ModelInferRequest request) {
    ModelInferResponse answer;
    try {
      answer = service.modelInfer(request);
    } catch (StatusRuntimeException e) {
      return switch (e.getStatus().getCode()) {
        case INVALID_ARGUMENT -> "400";
        case NOT_FOUND -> "404";
        default -> e.toString();
      };
    }
    StringBuilder text = new StringBuilder(answer.getModelVersion());
    for (int i = 0; i < answer.getOutputsCount(); i++) {
      InferOutputTensor output = answer.getOutputs(i);
      ByteString raw =
          answer.getRawOutputContentsCount() > 0
              ? answer.getRawOutputContents(i)
              : ByteString.EMPTY;
      List<Float> numbers = new ArrayList<>(output.getContents().getFp32ContentsList());
      var floats = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      while (floats.hasRemaining()) {
        numbers.add(floats.getFloat());
      }
      text.append(
          " %s %s %s %s"
              .formatted(output.getName(), output.getDatatype(), output.getShapeList(), numbers));
    }
    return text.toString();
  }

  private String overRest(ModelInferRequest request) {
    StringBuilder inputs = new StringBuilder();
    ByteString behind = ByteString.EMPTY;
    for (int i = 0; i < request.getInputsCount(); i++) {
      InferInputTensor input = request.getInputs(i);
      String data;
      if (request.getRawInputContentsCount() > 0) {
        ByteString raw = request.getRawInputContents(i);
        behind = behind.concat(raw);
        data = "\"parameters\": {\"binary_data_size\": " + raw.size() + "}";
      } else {
        data = "\"data\": " + data(input.getContents());
      }
      inputs.append(
          "%s{\"name\": \"%s\", \"datatype\": \"%s\", \"shape\": %s, %s}"
              .formatted(
                  i == 0 ? "" : ", ",
                  input.getName(),
                  input.getDatatype(),
                  input.getShapeList(),
                  data));
    }
    String outputs =
        request.getOutputsList().stream()
            .map(output -> "{\"name\": \"" + output.getName() + "\"}")
            .collect(Collectors.joining(", "));
    byte[] json = Http.utf8("{\"inputs\": [" + inputs + "], \"outputs\": [" + outputs + "]}");
    String version =
        request.getModelVersion().isEmpty() ? "" : "/versions/" + request.getModelVersion();
    Answer answer =
        http.send(
            "POST",
            "/v2/models/" + request.getModelName() + version + "/infer",
            ByteString.copyFrom(json).concat(behind).toByteArray(),
            "Inference-Header-Content-Length",
            String.valueOf(json.length));
    if (answer.status() != 200) {
      return String.valueOf(answer.status());
    }
    StringBuilder text = new StringBuilder(answer.json().get("model_version").stringValue());
    for (JsonNode output : answer.json().get("outputs")) {
      List<Long> shape = new ArrayList<>();
      output.get("shape").forEach(dim -> shape.add(dim.longValue()));
      List<Float> numbers = new ArrayList<>();
      output.get("data").forEach(number -> numbers.add(number(number)));
      text.append(
          " %s %s %s %s"
              .formatted(
                  output.get("name").stringValue(),
                  output.get("datatype").stringValue(),
                  shape,
                  numbers));
    }
    return text.toString();
  }

  /** NaN and infinities are texts in JSON. */
  private static float number(JsonNode json) {
    return json.isString() ? Float.parseFloat(json.stringValue()) : (float) json.doubleValue();
  }

  private static String data(InferTensorContents contents) {
    List<Object> all = new ArrayList<>();
    all.addAll(contents.getBoolContentsList());
    all.addAll(contents.getIntContentsList());
    all.addAll(contents.getInt64ContentsList());
    contents.getUintContentsList().forEach(each -> all.add(Integer.toUnsignedString(each)));
    contents.getUint64ContentsList().forEach(each -> all.add(Long.toUnsignedString(each)));
    all.addAll(contents.getFp32ContentsList());
    all.addAll(contents.getFp64ContentsList());
    contents.getBytesContentsList().forEach(each -> all.add('"' + each.toStringUtf8() + '"'));
    return all.toString();
  }
}
