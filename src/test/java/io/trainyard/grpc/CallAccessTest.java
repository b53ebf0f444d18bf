package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.Http;
import io.trainyard.KeyedService;
import io.trainyard.Rights;
import io.trainyard.SumNetwork;
import io.trainyard.access.KeyText;
import io.trainyard.access.Scope;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.Inference;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelMetadataRequest;
import io.trainyard.grpc.protocol.ModelReadyRequest;
import io.trainyard.grpc.protocol.ModelStatisticsRequest;
import io.trainyard.grpc.protocol.RepositoryIndexRequest;
import io.trainyard.grpc.protocol.RepositoryModelLoadRequest;
import io.trainyard.grpc.protocol.RepositoryModelUnloadRequest;
import io.trainyard.grpc.protocol.ServerMetadataRequest;
import io.trainyard.grpc.protocol.ServerMetadataResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import tools.jackson.databind.JsonNode;

/** Keys over gRPC. */
@Timeout(60)
class CallAccessTest extends KeyedService {
  @Autowired private GrpcServerLifecycle server;
  @Autowired private MeterRegistry registry;
  private ManagedChannel channel;

  /** Those of the proto, by name. */
  private static final Map<String, MethodDescriptor> METHODS =
      Inference.getDescriptor().findServiceByName("GRPCInferenceService").getMethods().stream()
          .collect(Collectors.toMap(MethodDescriptor::getName, method -> method));

  @BeforeEach
  void connect() {
    channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void disconnect() {
    channel.shutdownNow();
  }

  private GRPCInferenceServiceBlockingStub calling(String authorization) {
    GRPCInferenceServiceBlockingStub service =
        GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    if (authorization.isEmpty()) {
      return service;
    }
    Metadata headers = new Metadata();
    headers.put(CallAccess.AUTHORIZATION, authorization);
    return service.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Status.Code code(
      Consumer<GRPCInferenceServiceBlockingStub> call, GRPCInferenceServiceBlockingStub service) {
    StatusRuntimeException refusal =
        catchThrowableOfType(StatusRuntimeException.class, () -> call.accept(service));
    return refusal == null ? Status.Code.OK : refusal.getStatus().getCode();
  }

  /** Which one would count, the service and a proxy before it may see differently. */
  @Test
  void twoAuthorizationsAreNone() {
    Metadata twice = new Metadata();
    twice.put(CallAccess.AUTHORIZATION, "Bearer " + ADMIN_KEY);
    twice.put(CallAccess.AUTHORIZATION, "Bearer " + ADMIN_KEY);
    Consumer<GRPCInferenceServiceBlockingStub> call =
        service -> service.repositoryIndex(RepositoryIndexRequest.getDefaultInstance());
    assertThat(code(call, calling("Bearer " + ADMIN_KEY))).isEqualTo(Status.Code.OK);
    assertThat(
            code(
                call,
                calling("").withInterceptors(MetadataUtils.newAttachHeadersInterceptor(twice))))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  /** Load balancers watch; others behind the same address ask, and need no key either. */
  @Test
  void watchesOfHealthRefuseNoChecks() throws Exception {
    HealthGrpc.HealthStub health = HealthGrpc.newStub(channel);
    CountDownLatch watching = new CountDownLatch(125);
    CountDownLatch refused = new CountDownLatch(1);
    for (int i = 0; i < 130; i++) {
      health.watch(
          HealthCheckRequest.getDefaultInstance(),
          new StreamObserver<>() {
            @Override
            public void onNext(HealthCheckResponse status) {
              watching.countDown();
            }

            @Override
            public void onError(Throwable failure) {
              refused.countDown();
            }

            @Override
            public void onCompleted() {}
          });
    }
    watching.await();
    refused.await();
    HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
    assertThat(status("ServerLive", "", "")).isEqualTo(Status.OK);
  }

  /** Calls a method of the proto with a message that names a model, where it can. */
  private Message call(String method, String model, String authorization) {
    MethodDescriptor described = Objects.requireNonNull(METHODS.get(method), method);
    DynamicMessage.Builder message = DynamicMessage.newBuilder(described.getInputType());
    for (String field : List.of("name", "model_name")) {
      if (described.getInputType().findFieldByName(field) != null) {
        message.setField(described.getInputType().findFieldByName(field), model);
      }
    }
    var unary =
        io.grpc.MethodDescriptor.<Message, Message>newBuilder()
            .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(described.getService().getFullName() + "/" + method)
            .setRequestMarshaller(
                ProtoUtils.marshaller(
                    (Message) DynamicMessage.getDefaultInstance(described.getInputType())))
            .setResponseMarshaller(
                ProtoUtils.marshaller(
                    (Message) DynamicMessage.getDefaultInstance(described.getOutputType())))
            .build();
    return ClientCalls.blockingUnaryCall(
        calling(authorization).getChannel(),
        unary,
        calling(authorization).getCallOptions(),
        message.build());
  }

  private Status status(String method, String model, String authorization) {
    StatusRuntimeException refusal =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> call(method, model, authorization));
    return refusal == null ? Status.OK : refusal.getStatus();
  }

  private static Map<String, Rights> rights() {
    return Rights.all().stream()
        .filter(line -> line.method().equals(Rights.GRPC))
        .collect(Collectors.toMap(Rights::path, line -> line));
  }

  @Test
  void everyCallAsksEveryCallerForItsScope() {
    Map<String, Rights> rights = rights();
    assertThat(rights.keySet()).isEqualTo(METHODS.keySet());
    Map<String, Scope> credentials = new HashMap<>();
    for (Scope scope : Scope.values()) {
      credentials.put(
          makeKey("\"scopes\": [\"%s\"]".formatted(scope.word())).get("key").stringValue(), scope);
      credentials.put(token(scope.word(), List.of("*"), List.of("*")), scope);
    }
    rights.forEach(
        (method, line) -> {
          for (String wrong : List.of("", "Bearer " + KeyText.random(), "Basic x", "Bearer")) {
            assertThat(status(method, "", wrong).getCode())
                .as(method + " with '" + wrong + "'")
                .isEqualTo(line.any().isEmpty() ? Status.Code.OK : Status.Code.UNAUTHENTICATED);
          }
          credentials.forEach(
              (key, scope) -> {
                Status.Code code = status(method, "", "Bearer " + key).getCode();
                boolean allowed =
                    line.any().isEmpty() || line.any().contains(scope) || scope == Scope.ADMIN;
                assertThat(code == Status.Code.PERMISSION_DENIED)
                    .as(method + " with " + scope + ": " + code)
                    .isNotEqualTo(allowed);
                assertThat(code).isNotEqualTo(Status.Code.UNAUTHENTICATED);
              });
        });
    HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
  }

  @Test
  void everyCallKeepsToWhatAKeyIsBoundTo() {
    SumNetwork.importAs(admin(), "yy-theirs");
    admin().post("/v2/models/yy-theirs/infer", INFER).expect(200);
    JsonNode made =
        makeKey(
            "\"scopes\": [\"read\", \"predict\", \"models:write\"], \"models\": [\"yy-mine*\"]");
    keepsToMine("Bearer " + made.get("key").stringValue());
    keepsToMine("Bearer " + token("read predict models:write", List.of("yy-mine*"), List.of("*")));
  }

  private void keepsToMine(String key) {
    rights()
        .forEach(
            (method, line) -> {
              if (line.models().equals("own")) {
                assertThat(call(method, "", key).toString()).as(method).doesNotContain("yy-theirs");
              } else if (!line.models().equals("-")) {
                Status refused = status(method, "yy-theirs", key);
                assertThat(refused.getCode()).as(method).isEqualTo(Status.Code.PERMISSION_DENIED);
                assertThat(String.valueOf(refused.getDescription()).replace("yy-theirs", "M"))
                    .isEqualTo(
                        String.valueOf(status(method, "yy-nobody", key).getDescription())
                            .replace("yy-nobody", "M"));
              }
              assertThat(line.datasets()).isEqualTo("-");
            });
  }

  private static final String INFER =
      "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 2], \"datatype\": \"FP32\","
          + " \"data\": [1, 1]}]}";

  @Test
  void boundKeySeesItsModelAlone() {
    SumNetwork.importAs(admin(), "grpc-bound");
    SumNetwork.importAs(admin(), "grpc-hidden");
    JsonNode made =
        makeKey(
            "\"scopes\": [\"read\", \"predict\", \"models:write\"], \"models\": [\"grpc-bound\"]");
    var service = calling("Bearer " + made.get("key").stringValue());
    assertThat(
            service
                .modelReady(ModelReadyRequest.newBuilder().setName("grpc-bound").build())
                .getReady())
        .isTrue();
    service.repositoryModelLoad(
        RepositoryModelLoadRequest.newBuilder().setModelName("grpc-bound").build());
    assertThat(service.repositoryIndex(RepositoryIndexRequest.getDefaultInstance()).toString())
        .contains("grpc-bound")
        .doesNotContain("grpc-hidden");
    calling("Bearer " + ADMIN_KEY)
        .repositoryModelLoad(
            RepositoryModelLoadRequest.newBuilder().setModelName("grpc-hidden").build());
    assertThat(service.modelStatistics(ModelStatisticsRequest.getDefaultInstance()).toString())
        .doesNotContain("grpc-hidden");
    for (String model : List.of("grpc-hidden", "nowhere")) {
      for (Consumer<GRPCInferenceServiceBlockingStub> call :
          List.<Consumer<GRPCInferenceServiceBlockingStub>>of(
              s -> s.modelReady(ModelReadyRequest.newBuilder().setName(model).build()),
              s -> s.modelMetadata(ModelMetadataRequest.newBuilder().setName(model).build()),
              s -> s.modelInfer(ModelInferRequest.newBuilder().setModelName(model).build()),
              s -> s.modelStatistics(ModelStatisticsRequest.newBuilder().setName(model).build()),
              s ->
                  s.repositoryModelUnload(
                      RepositoryModelUnloadRequest.newBuilder().setModelName(model).build()))) {
        assertThat(code(call, service)).isEqualTo(Status.Code.PERMISSION_DENIED);
      }
    }
    assertThat(admin().get("/v1/audit?caller=" + made.get("id").stringValue()).expect(200).text())
        .contains("gRPC RepositoryModelLoad", "models/grpc-bound");
  }

  /** By the metric that tells who slows the others. */
  @Test
  void callsCountAsTheirCallers() {
    var service = calling("Bearer " + ADMIN_KEY);
    double before = counted();
    for (int call = 0; call < 20; call++) {
      var _ = service.serverMetadata(ServerMetadataRequest.getDefaultInstance());
    }
    await(() -> counted() >= before + 20);
  }

  private double counted() {
    return registry.get("trainyard.callers").functionTimers().stream()
        .mapToDouble(FunctionTimer::count)
        .sum();
  }

  /** A call is over a moment after its answer. */
  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Http.pause(Duration.ofMillis(10));
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  @Test
  void callerIsLimitedAlone() {
    JsonNode made = makeKey("\"scopes\": [\"read\"], \"limits\": {\"requests_per_second\": 1}");
    var limited = calling("Bearer " + made.get("key").stringValue());
    Consumer<GRPCInferenceServiceBlockingStub> call =
        s -> s.serverMetadata(ServerMetadataRequest.getDefaultInstance());
    List<Status.Code> codes =
        List.of(code(call, limited), code(call, limited), code(call, limited), code(call, limited));
    assertThat(codes.getFirst()).isEqualTo(Status.Code.OK);
    assertThat(codes).contains(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(code(call, calling("Bearer " + ADMIN_KEY))).isEqualTo(Status.Code.OK);
  }

  /** A call that is under way ends with its key. */
  @Test
  void callEndsWithItsKey() throws Exception {
    JsonNode made = makeKey("\"scopes\": [\"read\"]");
    BlockingQueue<Status> ended = new LinkedBlockingQueue<>();
    var service = calling("Bearer " + made.get("key").stringValue());
    // The client sends nothing of a unary call before all of it.
    var streaming =
        GRPCInferenceServiceGrpc.getServerMetadataMethod().toBuilder()
            .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
            .build();
    ClientCall<ServerMetadataRequest, ServerMetadataResponse> call =
        service.getChannel().newCall(streaming, service.getCallOptions());
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.add(status);
          }
        },
        new Metadata());
    call.request(1);
    assertThat(ended.poll(1_500, TimeUnit.MILLISECONDS)).isNull();

    admin().delete("/v1/keys/" + made.get("id").stringValue()).expect(204);

    Status end = Objects.requireNonNull(ended.poll(10, TimeUnit.SECONDS));
    assertThat(end.getCode()).as(end.toString()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }
}
