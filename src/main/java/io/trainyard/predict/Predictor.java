package io.trainyard.predict;

import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NewVersion;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.WeightStore;
import io.trainyard.spec.Signature;
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

  public Predictor(
      VersionResolver versions,
      WeightStore weights,
      NetworkLoader loader,
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
        new LoadedModels(
            weights, loader, this::warmUp, loading, properties.loadedBytes().toBytes());
    this.targets = new AliasTargets(models);
    metrics.watch(models, queue);
  }

  /** Loads and warms a version before anyone is sent to it. */
  public void load(ModelVersion version) {
    models.load(version, properties.loadTimeout());
  }

  /**
   * Loads and warms a version that an alias will point at as soon as it is published.
   *
   * @throws ServiceException LOADING when that takes longer than a caller would wait
   */
  public PreloadedVersion prepare(NewVersion version) {
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
    PreloadedVersion prepared = new PreloadedVersion(models, provisional);
    try {
      load(provisional);
      return prepared;
    } catch (RuntimeException e) {
      prepared.close();
      throw e;
    }
  }

  /**
   * Answers one request.
   *
   * @param version a number, an alias, {@code latest}, or null for the alias production, else the
   *     newest
   * @param patience how long the caller waits, if it said so
   */
  public Prediction predict(
      String model, @Nullable String version, Request request, @Nullable Duration patience) {
    long start = System.nanoTime();
    Duration timeout =
        patience != null && patience.compareTo(properties.timeout()) < 0
            ? patience
            : properties.timeout();
    try {
      ModelVersion found = targets.current(model, version, resolved.resolve(model, version));
      LoadedModel loaded = models.hold(found, shorter(timeout, properties.loadTimeout()));
      try {
        Prediction prediction = answer(loaded, request, timeout, start);
        metrics.answered(loaded.version(), prediction.rows(), System.nanoTime() - start);
        return prediction;
      } finally {
        loaded.release();
      }
    } catch (ServiceException e) {
      metrics.refused(e.code());
      throw e;
    }
  }

  private Prediction answer(LoadedModel model, Request request, Duration timeout, long start) {
    Map<String, HostTensor> inputs = request.inputs(model);
    int rows = inputs.values().iterator().next().shape().axis(0);
    List<String> wanted = new ArrayList<>(model.outputs());
    request.outputs().stream().filter(name -> !wanted.contains(name)).forEach(wanted::add);
    OutputNames.check(request.outputs(), model.blueprint());
    if (rows == 0) {
      throw ServiceException.invalid("/instances", "At least one instance was expected, got none");
    }
    Duration left = timeout.minusNanos(System.nanoTime() - start);
    Map<String, HostTensor> outputs =
        queue.call(() -> model.forward(inputs, wanted), left.isNegative() ? Duration.ZERO : left);
    return new Prediction(model.version(), model.blueprint(), rows, outputs);
  }

  /** The first row through a network is slow; it should not be a caller's. */
  private void warmUp(LoadedModel model) {
    Signature signature = model.blueprint().signature();
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    signature
        .inputs()
        .forEach(
            (name, input) ->
                inputs.put(name, HostTensor.allocate(input.type(), input.shape().batched(1))));
    queue.call(() -> model.forward(inputs, model.outputs()), properties.loadTimeout());
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  @Override
  public void close() {
    queue.close();
    models.close();
  }

  /** What a caller asks, whatever protocol it came by. */
  public interface Request {
    /** The input tensors [rows, ...] of that model; throws what is wrong with them. */
    Map<String, HostTensor> inputs(LoadedModel model);

    /** Layers asked for beside the network's own outputs. */
    List<String> outputs();
  }
}
