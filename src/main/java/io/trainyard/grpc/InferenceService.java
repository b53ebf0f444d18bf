package io.trainyard.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.StreamObserver;
import io.trainyard.access.Identity;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferResponse;
import io.trainyard.grpc.protocol.ModelMetadataRequest;
import io.trainyard.grpc.protocol.ModelMetadataResponse;
import io.trainyard.grpc.protocol.ModelReadyRequest;
import io.trainyard.grpc.protocol.ModelReadyResponse;
import io.trainyard.grpc.protocol.ModelStatisticsRequest;
import io.trainyard.grpc.protocol.ModelStatisticsResponse;
import io.trainyard.grpc.protocol.RepositoryIndexRequest;
import io.trainyard.grpc.protocol.RepositoryIndexResponse;
import io.trainyard.grpc.protocol.RepositoryModelLoadRequest;
import io.trainyard.grpc.protocol.RepositoryModelLoadResponse;
import io.trainyard.grpc.protocol.RepositoryModelUnloadRequest;
import io.trainyard.grpc.protocol.RepositoryModelUnloadResponse;
import io.trainyard.grpc.protocol.ServerLiveRequest;
import io.trainyard.grpc.protocol.ServerLiveResponse;
import io.trainyard.grpc.protocol.ServerMetadataRequest;
import io.trainyard.grpc.protocol.ServerMetadataResponse;
import io.trainyard.grpc.protocol.ServerReadyRequest;
import io.trainyard.grpc.protocol.ServerReadyResponse;
import io.trainyard.predict.CallerWait;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.request.NamedTensorsRequest;
import io.trainyard.predict.serving.ServedModels;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** The calls of the protocol. Each runs on a virtual thread of its own. */
@Component
@OnApiRole
class InferenceService extends GRPCInferenceServiceImplBase {
  private final Predictor predictor;
  private final ServedModels models;
  private final ApplicationAvailability availability;
  private final CallFailures failures;
  private final CallAudit audit;
  private final String release;

  InferenceService(
      Predictor predictor,
      ServedModels models,
      ApplicationAvailability availability,
      CallFailures failures,
      CallAudit audit,
      @Nullable BuildProperties build) {
    this.predictor = predictor;
    this.models = models;
    this.availability = availability;
    this.failures = failures;
    this.audit = audit;
    this.release = build == null ? "unknown" : String.valueOf(build.getVersion());
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> caller) {
    answer(caller, () -> ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> caller) {
    answer(
        caller,
        () ->
            ServerReadyResponse.newBuilder()
                .setReady(availability.getReadinessState() == ReadinessState.ACCEPTING_TRAFFIC)
                .build());
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> caller) {
    answer(
        caller,
        () ->
            ServerMetadataResponse.newBuilder()
                .setName(ServedModels.SERVER)
                .setVersion(release)
                .addAllExtensions(ServedModels.EXTENSIONS)
                .build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> caller) {
    answer(
        caller,
        request.getName(),
        () ->
            ModelReadyResponse.newBuilder()
                .setReady(models.isReady(request.getName(), given(request.getVersion())))
                .build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> caller) {
    answer(
        caller,
        request.getName(),
        () ->
            ModelMessages.metadata(
                models.describe(request.getName(), given(request.getVersion()))));
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> caller) {
    answer(caller, request.getModelName(), () -> infer(request));
  }

  private ModelInferResponse infer(ModelInferRequest request) {
    NamedTensorsRequest asked = new NamedTensorsRequest(new InferRequest(request));
    try (Prediction prediction =
        predictor.predict(
            request.getModelName(), given(request.getModelVersion()), asked, callerWait())) {
      return InferResponse.of(request, prediction, asked.named().of(prediction));
    }
  }

  /** A call that is cancelled, or past its deadline, is not computed any more. */
  private static CallerWait callerWait() {
    Context call = Context.current();
    Deadline deadline = call.getDeadline();
    Duration timeout =
        deadline == null
            ? CallerWait.LONGEST.timeout()
            : Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    return new CallerWait(timeout, call::isCancelled);
  }

  @Override
  public void modelStatistics(
      ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> caller) {
    answer(
        caller,
        () ->
            ModelMessages.statistics(
                request.getName().isEmpty()
                    ? models.statistics()
                    : List.of(statistics(request.getName(), given(request.getVersion())))));
  }

  private ServedModels.Usage statistics(String model, @Nullable String version) {
    Identity.current().requireModel(model);
    return models.statistics(model, version);
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> caller) {
    answer(caller, () -> ModelMessages.index(models.index(), request.getReady()));
  }

  @Override
  public void repositoryModelLoad(
      RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> caller) {
    answer(
        caller,
        () -> {
          String model = model(request.getModelName(), request.getRepositoryName());
          audited("RepositoryModelLoad", model, () -> models.load(model));
          return RepositoryModelLoadResponse.newBuilder()
              .setModelName(model)
              .setIsLoaded(true)
              .build();
        });
  }

  @Override
  public void repositoryModelUnload(
      RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> caller) {
    answer(
        caller,
        () -> {
          String model = model(request.getModelName(), request.getRepositoryName());
          audited("RepositoryModelUnload", model, () -> models.unload(model));
          return RepositoryModelUnloadResponse.newBuilder()
              .setModelName(model)
              .setIsUnloaded(true)
              .build();
        });
  }

  private void audited(String method, String model, Runnable change) {
    Identity.current().requireModel(model);
    change.run();
    audit.add(method, model);
  }

  /** KServe's callers name the model in Triton's field for a repository. */
  private static String model(String name, String repository) {
    return name.isEmpty() ? repository : name;
  }

  private static @Nullable String given(String version) {
    return version.isEmpty() ? null : version;
  }

  /** Answers a call about one model, if the caller may use it. */
  private <T> void answer(StreamObserver<T> caller, String model, Supplier<T> call) {
    answer(
        caller,
        () -> {
          Identity.current().requireModel(model);
          return call.get();
        });
  }

  private <T> void answer(StreamObserver<T> caller, Supplier<T> call) {
    T answer;
    try {
      answer = call.get();
    } catch (RuntimeException | OutOfMemoryError e) {
      caller.onError(failures.status(e).asRuntimeException());
      return;
    }
    caller.onNext(answer);
    caller.onCompleted();
  }
}
