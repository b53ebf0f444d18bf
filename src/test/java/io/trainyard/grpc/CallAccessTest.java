package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import io.trainyard.KeyedService;
import io.trainyard.SumNetwork;
import io.trainyard.access.KeyText;
import io.trainyard.access.Scope;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelMetadataRequest;
import io.trainyard.grpc.protocol.ModelReadyRequest;
import io.trainyard.grpc.protocol.ModelStatisticsRequest;
import io.trainyard.grpc.protocol.RepositoryIndexRequest;
import io.trainyard.grpc.protocol.RepositoryModelLoadRequest;
import io.trainyard.grpc.protocol.RepositoryModelUnloadRequest;
import io.trainyard.grpc.protocol.ServerLiveRequest;
import io.trainyard.grpc.protocol.ServerMetadataRequest;
import io.trainyard.grpc.protocol.ServerReadyRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
  private ManagedChannel channel;

  private static final Map<String, Consumer<GRPCInferenceServiceBlockingStub>> CALLS =
      Map.ofEntries(
          Map.entry("ServerLive", s -> s.serverLive(ServerLiveRequest.getDefaultInstance())),
          Map.entry("ServerReady", s -> s.serverReady(ServerReadyRequest.getDefaultInstance())),
          Map.entry(
              "ServerMetadata", s -> s.serverMetadata(ServerMetadataRequest.getDefaultInstance())),
          Map.entry("ModelReady", s -> s.modelReady(ModelReadyRequest.getDefaultInstance())),
          Map.entry(
              "ModelMetadata", s -> s.modelMetadata(ModelMetadataRequest.getDefaultInstance())),
          Map.entry("ModelInfer", s -> s.modelInfer(ModelInferRequest.getDefaultInstance())),
          Map.entry(
              "ModelStatistics",
              s -> s.modelStatistics(ModelStatisticsRequest.getDefaultInstance())),
          Map.entry(
              "RepositoryIndex",
              s -> s.repositoryIndex(RepositoryIndexRequest.getDefaultInstance())),
          Map.entry(
              "RepositoryModelLoad",
              s -> s.repositoryModelLoad(RepositoryModelLoadRequest.getDefaultInstance())),
          Map.entry(
              "RepositoryModelUnload",
              s -> s.repositoryModelUnload(RepositoryModelUnloadRequest.getDefaultInstance())));

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

  @Test
  void everyCallAsksEveryCallerForItsScope() {
    Set<String> methods =
        Set.copyOf(
            GRPCInferenceServiceGrpc.getServiceDescriptor().getMethods().stream()
                .map(method -> String.valueOf(method.getBareMethodName()))
                .toList());
    assertThat(CALLS.keySet()).containsAll(methods);
    Map<Scope, String> keys = new HashMap<>();
    for (Scope scope : Scope.values()) {
      keys.put(
          scope, makeKey("\"scopes\": [\"%s\"]".formatted(scope.word())).get("key").stringValue());
    }
    for (String method : methods) {
      Set<Scope> any = Objects.requireNonNull(CallAccess.RULES.get(method), "a rule for " + method);
      var call = Objects.requireNonNull(CALLS.get(method));
      for (String wrong : List.of("", "Bearer " + KeyText.random(), "Basic x", "Bearer")) {
        assertThat(code(call, calling(wrong)))
            .as(method + " with '" + wrong + "'")
            .isEqualTo(any.isEmpty() ? Status.Code.OK : Status.Code.UNAUTHENTICATED);
      }
      keys.forEach(
          (scope, key) -> {
            Status.Code code = code(call, calling("Bearer " + key));
            boolean allowed = any.isEmpty() || any.contains(scope) || scope == Scope.ADMIN;
            assertThat(code == Status.Code.PERMISSION_DENIED)
                .as(method + " with " + scope + ": " + code)
                .isNotEqualTo(allowed);
            assertThat(code).isNotEqualTo(Status.Code.UNAUTHENTICATED);
          });
    }
    HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
  }

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
}
