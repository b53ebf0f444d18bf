package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.SumNetwork;
import io.trainyard.Weights;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.InferParameter;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import io.trainyard.grpc.protocol.ModelInferRequest.InferRequestedOutputTensor;
import io.trainyard.grpc.protocol.ModelInferResponse;
import io.trainyard.grpc.protocol.ModelMetadataRequest;
import io.trainyard.grpc.protocol.ModelReadyRequest;
import io.trainyard.grpc.protocol.ModelStatisticsRequest;
import io.trainyard.grpc.protocol.RepositoryIndexRequest;
import io.trainyard.grpc.protocol.RepositoryModelLoadRequest;
import io.trainyard.grpc.protocol.RepositoryModelUnloadRequest;
import io.trainyard.grpc.protocol.ServerLiveRequest;
import io.trainyard.grpc.protocol.ServerMetadataRequest;
import io.trainyard.grpc.protocol.ServerReadyRequest;
import io.trainyard.onnx.format.OnnxDraft;
import io.trainyard.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/**
 * The protocol over gRPC, by the generated client. The network of {@link SumNetwork} answers [1, 1]
 * with 3.5 and [-2, 3] with 24.5.
 */
@ServiceTest
@Timeout(120)
class InferenceServiceTest {
  @Autowired private Http http;
  @Autowired private GrpcServerLifecycle server;
  @Autowired private CallLimits limits;

  private ManagedChannel channel;
  private GRPCInferenceServiceBlockingStub service;

  @BeforeEach
  void connect() {
    SumNetwork.importAs(http, "grpc-sum");
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    service =
        GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  private static InferInputTensor.Builder input(String type, long... shape) {
    InferInputTensor.Builder input = InferInputTensor.newBuilder().setName("x").setDatatype(type);
    for (long dim : shape) {
      input.addShape(dim);
    }
    return input;
  }

  private static InferInputTensor typed() {
    return input("FP32", 2, 2)
        .setContents(InferTensorContents.newBuilder().addAllFp32Contents(List.of(1f, 1f, -2f, 3f)))
        .build();
  }

  private static ModelInferRequest.Builder request() {
    return ModelInferRequest.newBuilder().setModelName("grpc-sum");
  }

  @Test
  void theServerTellsHealthAndItsModels() {
    assertThat(service.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(service.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
    var metadata = service.serverMetadata(ServerMetadataRequest.getDefaultInstance());
    assertThat(metadata.getName()).isEqualTo("trainyard");
    assertThat(metadata.getExtensionsList()).contains("binary_tensor_data", "model_repository");
    for (String name : List.of("", "inference.GRPCInferenceService")) {
      assertThat(
              HealthGrpc.newBlockingStub(channel)
                  .check(HealthCheckRequest.newBuilder().setService(name).build())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
    var ready = ModelReadyRequest.newBuilder().setName("grpc-sum");
    assertThat(service.modelReady(ready.build()).getReady()).isTrue();
    var model =
        service.modelMetadata(ModelMetadataRequest.newBuilder().setName("grpc-sum").build());
    assertThat(model.getVersionsList()).contains("1");
    assertThat(model.getInputs(0).getName()).isEqualTo("x");
    assertThat(model.getInputs(0).getShapeList()).containsExactly(-1L, 2L);
    assertThat(model.getOutputs(0).getDatatype()).isEqualTo("FP32");
  }

  /** p(yes) of −1 is 0.27. */
  @Test
  void aThresholdAmongTheParametersDecidesTwoClasses() {
    http.importVersion(
        "grpc-decided",
        """
        {"name": "grpc-decided", "inputs": {"x": {"columns": ["a"]}},
         "targets": {"y": {"column": "y", "type": "class", "classes": ["no", "yes"]}},
         "network": {"layers": [
           {"type": "dense", "name": "d", "units": 1, "activation": "sigmoid"}]}}
        """,
        new Weights().with("d.weight", Shape.of(1, 1), 1).with("d.bias", Shape.of(1), 0));
    InferParameter number = InferParameter.newBuilder().setDoubleParam(0.2).build();
    InferParameter byTarget = InferParameter.newBuilder().setStringParam("{\"y\": 0.2}").build();
    for (InferParameter threshold : List.of(number, byTarget)) {
      var label = decided(threshold).getOutputs(0);
      assertThat(label.getContents().getBytesContents(0).toStringUtf8()).isEqualTo("yes");
      assertThat(label.getParametersOrThrow("threshold").getDoubleParam()).isEqualTo(0.2);
      assertThat(label.getParametersOrThrow("positive").getStringParam()).isEqualTo("yes");
    }
    assertThatThrownBy(() -> decided(InferParameter.newBuilder().setInt64Param(7).build()))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("A probability from 0 to 1 was expected");
  }

  @Test
  void survivalIsAnsweredAsALogRisk() {
    http.importVersion(
        "grpc-survival",
        """
        {"name": "grpc-survival", "inputs": {"x": {"columns": ["a", "b"]}},
         "targets": {"risk": {"type": "survival", "columns": ["time", "died"]}},
         "network": {"layers": [{"type": "dense", "name": "d", "units": 1, "bias": false}]}}
        """,
        new Weights().with("d.weight", Shape.of(1, 2), 2, -1));
    var metadata =
        service.modelMetadata(ModelMetadataRequest.newBuilder().setName("grpc-survival").build());
    assertThat(metadata.getOutputsList()).hasSize(1);
    assertThat(metadata.getOutputs(0).getName()).isEqualTo("risk");
    assertThat(metadata.getOutputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(metadata.getOutputs(0).getShapeList()).containsExactly(-1L, 1L);
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder().setModelName("grpc-survival");
    double[][] columns = {{1, 0.5}, {-1, 3}};
    for (int i = 0; i < columns.length; i++) {
      request.addInputs(
          InferInputTensor.newBuilder()
              .setName(i == 0 ? "a" : "b")
              .setDatatype("FP64")
              .addShape(2)
              .setContents(
                  InferTensorContents.newBuilder()
                      .addFp64Contents(columns[i][0])
                      .addFp64Contents(columns[i][1])));
    }
    var risk = service.modelInfer(request.build()).getOutputs(0);
    assertThat(risk.getName()).isEqualTo("risk");
    assertThat(risk.getShapeList()).containsExactly(2L, 1L);
    assertThat(risk.getContents().getFp32ContentsList()).containsExactly(3f, -2f);
    assertThat(
            http.post(
                    "/v1/models/grpc-survival/predict",
                    "{\"instances\": [{\"a\": 1, \"b\": -1}, {\"a\": 0.5, \"b\": 3}]}")
                .expect(200)
                .json()
                .get("predictions")
                .findValues("risk")
                .toString())
        .isEqualTo("[3.0, -2.0]");
  }

  private ModelInferResponse decided(InferParameter threshold) {
    return service.modelInfer(
        ModelInferRequest.newBuilder()
            .setModelName("grpc-decided")
            .putParameters("threshold", threshold)
            .addInputs(
                InferInputTensor.newBuilder()
                    .setName("a")
                    .setDatatype("FP64")
                    .addShape(1)
                    .setContents(InferTensorContents.newBuilder().addFp64Contents(-1)))
            .build());
  }

  @Test
  void callHasAnIdAndGoesOnWithItsTrace() {
    Metadata.Key<String> id = Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);
    Metadata.Key<String> trace = Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
    Metadata sent = new Metadata();
    sent.put(id, "mine-1");
    sent.put(trace, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    GRPCInferenceServiceBlockingStub traced =
        service.withInterceptors(
            MetadataUtils.newAttachHeadersInterceptor(sent),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));
    assertThat(traced.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(value(headers, id)).isEqualTo("mine-1");
    assertThat(value(headers, trace))
        .startsWith("00-0af7651916cd43dd8448eb211c80319c-")
        .doesNotContain("b7ad6b7169203331");
    var absent = ModelMetadataRequest.newBuilder().setName("grpc-absent").build();
    assertThatThrownBy(() -> traced.modelMetadata(absent))
        .isInstanceOf(StatusRuntimeException.class);
    assertThat(value(trailers, id)).as("a refusal has no headers").isEqualTo("mine-1");
  }

  private static @Nullable String value(
      AtomicReference<Metadata> metadata, Metadata.Key<String> key) {
    return Objects.requireNonNull(metadata.get()).get(key);
  }

  @Test
  void reflectionListsTheServices() throws InterruptedException {
    BlockingQueue<ServerReflectionResponse> answers = new LinkedBlockingQueue<>();
    var requests =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable failure) {}

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    ServerReflectionResponse listed =
        Objects.requireNonNull(answers.poll(30, TimeUnit.SECONDS), "an answer");
    assertThat(listed.getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .contains("inference.GRPCInferenceService", "grpc.health.v1.Health");
    requests.onNext(
        ServerReflectionRequest.newBuilder()
            .setFileContainingSymbol("inference.GRPCInferenceService")
            .build());
    ServerReflectionResponse file =
        Objects.requireNonNull(answers.poll(30, TimeUnit.SECONDS), "an answer");
    assertThat(file.getFileDescriptorResponse().getFileDescriptorProtoCount()).isPositive();
    requests.onCompleted();
  }

  /** That of older clients, such as grpcurl before 1.8.8. */
  @Test
  void formerReflectionListsTheServices() {
    String name = "grpc.reflection.v1alpha.ServerReflection";
    var answers =
        ClientCalls.blockingServerStreamingCall(
            channel,
            io.grpc.reflection.v1alpha.ServerReflectionGrpc.getServerReflectionInfoMethod()
                .toBuilder()
                .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                .build(),
            CallOptions.DEFAULT.withDeadlineAfter(Duration.ofSeconds(30)),
            io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
                .setListServices("")
                .build());
    assertThat(answers.next().getListServicesResponse().getServiceList())
        .extracting(io.grpc.reflection.v1alpha.ServiceResponse::getName)
        .contains("inference.GRPCInferenceService", "grpc.reflection.v1.ServerReflection", name);
  }

  @Test
  void typedContentsAreAnsweredByTypedContents() {
    ModelInferResponse answer =
        service.modelInfer(request().setModelVersion("1").setId("abc").addInputs(typed()).build());
    assertThat(answer.getModelName()).isEqualTo("grpc-sum");
    assertThat(answer.getModelVersion()).isEqualTo("1");
    assertThat(answer.getId()).isEqualTo("abc");
    assertThat(answer.getOutputs(0).getName()).isEqualTo("o");
    assertThat(answer.getOutputs(0).getShapeList()).containsExactly(2L, 1L);
    assertThat(answer.getOutputs(0).getContents().getFp32ContentsList())
        .containsExactly(3.5f, 24.5f);
    assertThat(answer.getRawOutputContentsCount()).isZero();
  }

  @Test
  void everyFieldOfWholeNumbersIsRead() {
    for (String type :
        List.of("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64")) {
      InferTensorContents.Builder contents = InferTensorContents.newBuilder();
      switch (type) {
        case "INT64" -> contents.addInt64Contents(1).addInt64Contents(1);
        case "UINT64" -> contents.addUint64Contents(1).addUint64Contents(1);
        case "UINT8", "UINT16", "UINT32" -> contents.addUintContents(1).addUintContents(1);
        default -> contents.addIntContents(1).addIntContents(1);
      }
      ModelInferResponse answer =
          service.modelInfer(request().addInputs(input(type, 1, 2).setContents(contents)).build());
      assertThat(answer.getOutputs(0).getContents().getFp32Contents(0)).as(type).isEqualTo(3.5f);
    }
  }

  @Test
  void rawContentsAreAnsweredByRawContentsAndLayersCanBeAskedFor() {
    ByteBuffer rows = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    rows.putFloat(1).putFloat(1).putFloat(-2).putFloat(3);
    ModelInferResponse answer =
        service.modelInfer(
            request()
                .addInputs(input("FP32", 2, 2))
                .addRawInputContents(ByteString.copyFrom(rows.array()))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("h:pre"))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("o"))
                .build());
    assertThat(answer.getOutputsList()).allMatch(output -> !output.hasContents());
    assertThat(answer.getOutputs(0).getShapeList()).containsExactly(2L, 2L);
    ByteBuffer o =
        answer.getRawOutputContents(1).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    assertThat(o.getFloat()).isEqualTo(3.5f);
    assertThat(o.getFloat()).isEqualTo(24.5f);
    assertThat(answer.getId()).hasSize(36);
  }

  private Status refusal(ModelInferRequest.Builder request) {
    return catchThrowableOfType(
            StatusRuntimeException.class, () -> service.modelInfer(request.build()))
        .getStatus();
  }

  private void refuses(ModelInferRequest.Builder request, Status code, String part) {
    Status refusal = refusal(request);
    assertThat(refusal.getCode()).as(refusal.toString()).isEqualTo(code.getCode());
    assertThat(refusal.getDescription()).contains(part);
  }

  @Test
  void faultsAreNamedWithTheirPlace() {
    refuses(request().setModelName("nobody").addInputs(typed()), Status.NOT_FOUND, "nobody");
    refuses(request().setModelVersion("77").addInputs(typed()), Status.NOT_FOUND, "77");
    refuses(request(), Status.INVALID_ARGUMENT, "At least one input");
    refuses(
        request().addInputs(typed()).addInputs(typed()), Status.INVALID_ARGUMENT, "given twice");
    refuses(
        request().addInputs(typed().toBuilder().setDatatype("FP33")),
        Status.INVALID_ARGUMENT,
        "/inputs/0/datatype");
    refuses(
        request().addInputs(typed().toBuilder().setDatatype("FP16")),
        Status.INVALID_ARGUMENT,
        "raw_input_contents");
    refuses(
        request().addInputs(typed().toBuilder().setDatatype("FP64")),
        Status.INVALID_ARGUMENT,
        "fp64_contents");
    refuses(
        request().addInputs(typed().toBuilder().setShape(0, 3)),
        Status.INVALID_ARGUMENT,
        "6 elements");
    refuses(
        request().addInputs(typed().toBuilder().setShape(0, -1)),
        Status.INVALID_ARGUMENT,
        "/inputs/0/shape");
    refuses(
        request().addInputs(typed().toBuilder().setShape(0, 1L << 33)),
        Status.INVALID_ARGUMENT,
        "/inputs/0/shape");
    refuses(
        request()
            .addInputs(
                input("INT8", 1, 2)
                    .setContents(
                        InferTensorContents.newBuilder().addIntContents(1).addIntContents(128))),
        Status.INVALID_ARGUMENT,
        "Element 1 is 128, not of the type INT8");
    refuses(
        request().addInputs(typed()).addRawInputContents(ByteString.copyFrom(new byte[16])),
        Status.INVALID_ARGUMENT,
        "got both");
    refuses(
        request()
            .addInputs(input("FP32", 2, 2))
            .addRawInputContents(ByteString.copyFrom(new byte[15])),
        Status.INVALID_ARGUMENT,
        "/raw_input_contents/0: 16 bytes were expected");
    refuses(
        request()
            .addInputs(typed())
            .addOutputs(InferRequestedOutputTensor.newBuilder().setName("z")),
        Status.INVALID_ARGUMENT,
        "/outputs/0: The model has no output 'z'");
  }

  @Test
  void aCallPastItsDeadlineIsDropped() {
    Status late =
        catchThrowableOfType(
                StatusRuntimeException.class,
                () ->
                    service
                        .withDeadlineAfter(1, TimeUnit.NANOSECONDS)
                        .modelInfer(request().addInputs(typed()).build()))
            .getStatus();
    assertThat(late.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void theRepositoryIsTritonsAndKServes() {
    var statistics = ModelStatisticsRequest.newBuilder().setName("grpc-sum");
    service.modelInfer(request().addInputs(typed()).build());
    var before = service.modelStatistics(statistics.build()).getModelStats(0);
    assertThat(before.getInferenceStats().getSuccess().getCount()).isPositive();
    var unloaded =
        service.repositoryModelUnload(
            RepositoryModelUnloadRequest.newBuilder().setModelName("grpc-sum").build());
    assertThat(unloaded.getIsUnloaded()).isTrue();
    assertThat(service.modelStatistics(statistics.build()).getModelStats(0).getInferenceCount())
        .isZero();
    var loaded =
        service.repositoryModelLoad(
            RepositoryModelLoadRequest.newBuilder().setRepositoryName("grpc-sum").build());
    assertThat(loaded.getModelName()).isEqualTo("grpc-sum");
    var index = service.repositoryIndex(RepositoryIndexRequest.newBuilder().setReady(true).build());
    assertThat(index.getModelsList()).anyMatch(entry -> entry.getName().equals("grpc-sum"));
  }

  @Test
  void theMemoryOfRequestsIsGivenBack() throws InterruptedException {
    for (int i = 0; i < 20; i++) {
      service.modelInfer(request().addInputs(typed()).build());
      refusal(request());
    }
    for (int i = 0; i < 200 && limits.bytes() != 0; i++) {
      Thread.sleep(10); // a stream is closed after its caller has its answer
    }
    assertThat(limits.bytes()).isZero();
  }

  /** An answer that a watch or another call got, or the reason why it has none. */
  private static final class Heard<A> implements StreamObserver<A> {
    private final CompletableFuture<Status.Code> end = new CompletableFuture<>();
    private final CountDownLatch answered = new CountDownLatch(1);

    @Override
    public void onNext(A answer) {
      answered.countDown();
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(Status.fromThrowable(failure).getCode());
      answered.countDown();
    }

    @Override
    public void onCompleted() {
      end.complete(Status.Code.OK);
      answered.countDown();
    }
  }

  /** One address has half of the places for calls without a key, and those of others stay free. */
  @Test
  void watchesRefuseOnlyOneAnother() throws Exception {
    HealthGrpc.HealthStub health = HealthGrpc.newStub(channel);
    List<Heard<HealthCheckResponse>> watches = new ArrayList<>();
    for (int i = 0; i < 130; i++) {
      Heard<HealthCheckResponse> heard = new Heard<>();
      health.watch(HealthCheckRequest.getDefaultInstance(), heard);
      watches.add(heard);
    }
    for (Heard<HealthCheckResponse> watch : watches) {
      assertThat(watch.answered.await(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(watches.stream().filter(watch -> watch.end.isDone()))
        .hasSize(5)
        .allSatisfy(
            watch -> assertThat(watch.end).isCompletedWithValue(Status.Code.RESOURCE_EXHAUSTED));
    assertThat(service.modelInfer(request().addInputs(typed()).build()).getOutputsCount())
        .isEqualTo(1);
  }

  @Test
  void longShapesAreRefusedAsOverHttp() {
    for (int rank : List.of(3, 16, 17, 999, 1000, 5000)) {
      long[] shape = new long[rank];
      Arrays.fill(shape, 1);
      String sent =
          "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": %s, \"data\": [1]}]}"
              .formatted(Arrays.toString(shape));
      String http = this.http.post("/v2/models/grpc-sum/infer", sent).expect(400).text();
      ModelInferRequest asked =
          request()
              .addInputs(
                  input("FP32", shape)
                      .setContents(InferTensorContents.newBuilder().addFp32Contents(1)))
              .build();
      assertThatThrownBy(() -> service.modelInfer(asked))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                String detail = String.valueOf(e.getStatus().getDescription());
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                assertThat(http).contains(detail.substring(detail.indexOf(": ") + 2));
                assertThat(detail.contains("At most 16 axes were expected, got " + rank))
                    .isEqualTo(rank > 16);
              });
    }
  }

  /** Half of a request, and nothing more of it. */
  @Test
  void aCallHasADeadline() throws Exception {
    Heard<ModelInferResponse> heard = new Heard<>();
    ClientCall<ModelInferRequest, ModelInferResponse> call =
        channel.newCall(GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            heard.onError(status.asRuntimeException());
          }
        },
        new Metadata());
    call.request(1);
    Heard<HealthCheckResponse> watch = new Heard<>();
    HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), watch);
    assertThat(watch.answered.await(10, TimeUnit.SECONDS)).isTrue();
    limits.endLate(System.nanoTime() + Duration.ofSeconds(29).toNanos());
    assertThat(heard.end).isNotDone();
    limits.endLate(System.nanoTime() + Duration.ofSeconds(32).toNanos());
    assertThat(heard.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    limits.endLate(System.nanoTime() + Duration.ofMinutes(59).toNanos());
    assertThat(watch.end).isNotDone();
    limits.endLate(System.nanoTime() + Duration.ofMinutes(61).toNanos());
    assertThat(watch.end.get(10, TimeUnit.SECONDS)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void tooMuchMetadataCostsOnlyItsCall() throws Exception {
    Heard<HealthCheckResponse> watch = new Heard<>();
    HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), watch);
    assertThat(watch.answered.await(10, TimeUnit.SECONDS)).isTrue();
    for (int size : List.of(15_000, 17_000, 40_000, 100_000, 150_000, 400_000)) {
      Metadata metadata = new Metadata();
      metadata.put(Metadata.Key.of("x-large", Metadata.ASCII_STRING_MARSHALLER), "v".repeat(size));
      GRPCInferenceServiceBlockingStub large =
          service.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
      if (size < 16_384) {
        assertThat(large.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
      } else if (size > 128 << 10) {
        // The client knows the limit of the connection, and does not send it.
        assertThatThrownBy(() -> large.serverLive(ServerLiveRequest.getDefaultInstance()))
            .hasMessageStartingWith("INTERNAL");
      } else {
        assertThatThrownBy(() -> large.serverLive(ServerLiveRequest.getDefaultInstance()))
            .hasMessageContaining(
                "RESOURCE_EXHAUSTED: The metadata of a call may have 16384 bytes");
      }
    }
    assertThat(watch.end).as("the connection goes on").isNotDone();
  }

  @Test
  void allFaultsOfARequestAreToldAtOnce() {
    ModelInferRequest request =
        request()
            .addInputs(input("FP31", 2, 2))
            .addInputs(input("FP32", -1, 2).setName("q"))
            .addOutputs(InferRequestedOutputTensor.newBuilder().setName("nothing"))
            .putParameters("threshold", InferParameter.newBuilder().setStringParam("{").build())
            .build();
    assertThatThrownBy(() -> service.modelInfer(request))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("/inputs/0/datatype")
        .hasMessageContaining("/inputs/1/shape")
        .hasMessageContaining("/inputs/1: ")
        .hasMessageContaining("/outputs/0")
        .hasMessageContaining("/parameters/threshold");
  }

  /** Numbers beyond a double's whole ones. */
  @Test
  void outputsOfImportedFilesKeepTheirTypes() {
    long big = (1L << 53) + 1;
    byte[] file =
        new OnnxDraft(17)
            .input("x", 7, -1, 2)
            .output("y", 7, -1, 2)
            .node("Neg", List.of("x"), List.of("y"))
            .toBytes();
    new Multipart().part("onnx", file).post(http, "/v1/models/grpc-whole/versions").expect(201);
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder()
            .setModelName("grpc-whole")
            .addInputs(
                input("INT64", 1, 2)
                    .setContents(
                        InferTensorContents.newBuilder().addAllInt64Contents(List.of(big, 1L))));
    ModelInferResponse answer = service.modelInfer(request.build());
    assertThat(answer.getOutputs(0).getDatatype()).isEqualTo("INT64");
    assertThat(answer.getOutputs(0).getContents().getInt64ContentsList())
        .containsExactly(-big, -1L);
  }
}
