package io.trainyard.predict;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.trainyard.error.ErrorCode;
import io.trainyard.model.ModelVersion;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/** The metrics of predictions. */
public final class PredictMetrics {
  private final MeterRegistry meters;
  private final Counter rowCount;
  private final ConcurrentMap<Long, Timer> latencies = new ConcurrentHashMap<>();

  public PredictMetrics(MeterRegistry meters) {
    this.meters = meters;
    this.rowCount =
        Counter.builder("trainyard.predict.rows").description("Rows answered").register(meters);
  }

  void watch(LoadedModels models, ComputeQueue queue, ByteBudget memory) {
    Gauge.builder("trainyard.predict.requests", memory, ByteBudget::used)
        .description("Memory of the inputs and outputs of predictions under way")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
    Gauge.builder("trainyard.predict.loaded.models", models, LoadedModels::count)
        .description("Model versions in memory")
        .register(meters);
    Gauge.builder("trainyard.predict.loaded", models, LoadedModels::bytes)
        .description("Memory of loaded model versions")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
    Gauge.builder("trainyard.predict.queue.depth", queue, ComputeQueue::depth)
        .description("Predictions waiting for a compute thread")
        .register(meters);
  }

  void answered(LoadedModel model, int rows, long nanos) {
    ModelVersion version = model.version();
    latencies
        .computeIfAbsent(version.id(), id -> latency(version))
        .record(nanos, TimeUnit.NANOSECONDS);
    rowCount.increment(rows);
    if (model.network().isEvicted()) {
      forget(version); // evicted between the answer and its count
    }
  }

  /** Removes the meters of a version that is no longer in memory. */
  void forget(ModelVersion version) {
    Timer latency = latencies.remove(version.id());
    if (latency != null) {
      var _ = meters.remove(latency);
    }
  }

  private Timer latency(ModelVersion version) {
    return Timer.builder("trainyard.predict.latency")
        .description("Time from a request in memory to its answer, before writing")
        .tags("model", version.model(), "version", String.valueOf(version.version()))
        .serviceLevelObjectives(
            Duration.ofNanos(100_000),
            Duration.ofNanos(250_000),
            Duration.ofNanos(500_000),
            Duration.ofMillis(1),
            Duration.ofMillis(2),
            Duration.ofMillis(5),
            Duration.ofMillis(10),
            Duration.ofMillis(25),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10))
        .register(meters);
  }

  void refused(ErrorCode code) {
    meters.counter("trainyard.predict.rejections", Tags.of("reason", code.code())).increment();
  }
}
