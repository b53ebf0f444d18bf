package io.trainyard.predict;

import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.VersionResolver;
import io.trainyard.tensor.HostTensor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Answers from model versions. The caller's thread reads the request and writes the answer; only
 * the network itself runs on a compute thread.
 */
public final class Predictor implements AutoCloseable {
  private final ResolvedVersions resolved;
  private final LoadedModels models;
  private final AliasTargets targets;
  private final AtomicLong provisionalIds = new AtomicLong();
  private final ComputeQueue queue;
  private final PredictMetrics metrics;
  private final PredictProperties properties;

  /**
   * Starts without loaded models.
   *
   * @param loading runs the loading of versions
   */
  public Predictor(
      VersionResolver versions,
      VersionLoader loader,
      ComputeQueue queue,
      PredictMetrics metrics,
      PredictProperties properties,
      Executor loading) {
    this.resolved =
        new ResolvedVersions(versions, properties.resolvedFor().toNanos(), System::nanoTime);
    this.queue = queue;
    this.metrics = metrics;
    this.properties = properties;
    this.models =
        new LoadedModels(loader, this::warmUp, loading, properties.loadedBytes().toBytes());
    this.targets = new AliasTargets(models);
    metrics.watch(models, queue);
  }

  /** What a caller asks, in any protocol. */
  public interface Request {
    /** The input tensors [rows, ...] for a model; throws the faults that it finds. */
    Map<String, HostTensor> inputs(LoadedModel model);

    /** Layers wanted in addition to the network's own outputs; known after {@link #inputs}. */
    List<String> outputs();
  }

  /**
   * Answers one request.
   *
   * @param version a number, an alias, {@code latest}, or null for the alias production, else the
   *     newest
   */
  public Prediction predict(String model, @Nullable String version, Request request) {
    long start = System.nanoTime();
    try {
      ModelVersion found = targets.current(model, version, resolved.resolve(model, version));
      LoadedModel loaded =
          models.hold(found, shorter(properties.timeout(), properties.loadTimeout()));
      try {
        Prediction prediction = answer(loaded, request, start);
        metrics.answered(loaded.version(), prediction.rows(), System.nanoTime() - start);
        return prediction;
      } finally {
        loaded.network().release();
      }
    } catch (ServiceException e) {
      metrics.refused(e.code());
      throw e;
    }
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private Prediction answer(LoadedModel model, Request request, long start) {
    Map<String, HostTensor> inputs = request.inputs(model);
    int rows = inputs.values().iterator().next().shape().axis(0);
    List<String> wanted = new ArrayList<>(model.outputs());
    request.outputs().stream().filter(name -> !wanted.contains(name)).forEach(wanted::add);
    OutputNames.check(request.outputs(), model.definition());
    if (rows == 0) {
      throw ServiceException.invalid("/instances", "At least one instance was expected, got none");
    }
    Duration left = properties.timeout().minusNanos(System.nanoTime() - start);
    Map<String, HostTensor> outputs =
        queue.call(
            () -> model.network().forward(inputs, wanted),
            left.isNegative() ? Duration.ZERO : left);
    return new Prediction(model.version(), model.definition(), rows, outputs);
  }

  /** Loads and warms a version before callers are sent to it. */
  public void load(ModelVersion version) {
    models.load(version, properties.loadTimeout());
  }

  /**
   * Loads and warms a version before it is published under an alias.
   *
   * @throws ServiceException LOADING when it is not loaded in time
   */
  public PreloadedVersion preload(NewVersion version) {
    ModelVersion provisional =
        new ModelVersion(
            provisionalIds.decrementAndGet(),
            version.model(),
            0,
            version.spec(),
            version.encoding(),
            version.metrics(),
            version.provenance(),
            version.weights(),
            List.of(),
            Instant.EPOCH);
    PreloadedVersion preloaded = new PreloadedVersion(models, provisional);
    try {
      load(provisional);
      return preloaded;
    } catch (RuntimeException e) {
      preloaded.close();
      throw e;
    }
  }

  /** The first row through a network is slow, so a row of zeros goes before the callers' rows. */
  private void warmUp(LoadedModel model) {
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    model
        .definition()
        .signature()
        .inputs()
        .forEach(
            (name, input) ->
                inputs.put(name, HostTensor.allocate(input.type(), input.shape().batched(1))));
    queue.call(() -> model.network().forward(inputs, model.outputs()), properties.loadTimeout());
  }

  @Override
  public void close() {
    queue.close();
    models.close();
  }
}
