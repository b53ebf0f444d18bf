package io.trainyard.predict;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.trainyard.error.ErrorCode;
import io.trainyard.model.ModelVersion;
import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.trace.Spans;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The metrics of predictions. */
public final class PredictMetrics {
  private static final Duration[] QUEUE_TIMES =
      Stream.of(10, 50, 100, 500, 1_000, 5_000, 20_000, 100_000, 1_000_000)
          .map(micros -> Duration.ofNanos(micros * 1000L))
          .toArray(Duration[]::new);

  private static final Duration[] LOAD_TIMES =
      Stream.of(5, 20, 50, 100, 500, 2_000, 10_000, 60_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  /** The most versions with a latency of their own; the others share one. */
  static final int MOST_VERSIONS = 100;

  /** The label of the others; no model has this name. */
  static final String OTHER = "_other";

  private static final Duration[] LATENCIES =
      Stream.of(
              100,
              250,
              500,
              1_000,
              2_500,
              5_000,
              10_000,
              25_000,
              100_000,
              500_000,
              2_000_000,
              10_000_000)
          .map(micros -> Duration.ofNanos(micros * 1000L))
          .toArray(Duration[]::new);

  private final MeterRegistry meters;
  private final Spans spans;
  private final Counter rowCount;
  private final Timer queued;
  private final Timer loads;
  private final DistributionSummary batches;
  private final Map<ErrorCode, Counter> rejections = new EnumMap<>(ErrorCode.class);
  private final Map<EvictionReason, Counter> evictions = new EnumMap<>(EvictionReason.class);
  private final ConcurrentMap<Long, Timer> latencies = new ConcurrentHashMap<>();
  private final Timer otherLatency;

  /** What {@link Practice} counts, in meters of the same kind that nobody reads. */
  private static final class OfPractice {
    static final PredictMetrics METRICS =
        new PredictMetrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  /** Without traces. */
  public PredictMetrics(MeterRegistry meters) {
    this(meters, Spans.OFF);
  }

  public PredictMetrics(MeterRegistry meters, Spans spans) {
    this.spans = spans;
    this.meters = meters;
    this.rowCount =
        Counter.builder("trainyard.predict.rows").description("Rows answered").register(meters);
    this.queued =
        Timer.builder("trainyard.predict.queue")
            .description("Time from the tensors of a request to the end of its wait for a thread")
            .serviceLevelObjectives(QUEUE_TIMES)
            .register(meters);
    this.loads =
        Timer.builder("trainyard.predict.load")
            .description("Time to load and warm up a version")
            .serviceLevelObjectives(LOAD_TIMES)
            .register(meters);
    this.batches =
        DistributionSummary.builder("trainyard.predict.batch.rows")
            .description("Rows computed in one step")
            .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096)
            .register(meters);
    this.otherLatency = latency(OTHER, OTHER);
    // All reasons are there from the start, so that a rate shows the first rejection.
    for (ErrorCode code : ErrorCode.values()) {
      rejections.put(
          code,
          Counter.builder("trainyard.predict.rejections")
              .description("Predictions that were refused")
              .tag("reason", code.code())
              .register(meters));
    }
    for (EvictionReason reason : EvictionReason.values()) {
      evictions.put(
          reason,
          Counter.builder("trainyard.predict.evictions")
              .description("Versions that left the memory")
              .tag("reason", reason.name().toLowerCase(Locale.ROOT))
              .register(meters));
    }
  }

  /** These, or for {@link Practice} those that count nowhere. */
  PredictMetrics own() {
    return Practice.isOn() ? OfPractice.METRICS : this;
  }

  /** The span of a prediction that begins; null where it is not traced. */
  @Nullable PredictSpan begin(String model, long start) {
    return PredictSpan.begin(spans, model, start);
  }

  /** Rows went through a network in one step. */
  void forwarded(int rows) {
    batches.record(rows);
  }

  void queued(long nanos) {
    queued.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** A version was loaded and is warm. */
  void loaded(Duration time) {
    loads.record(time);
  }

  void evicted(EvictionReason reason) {
    Objects.requireNonNull(evictions.get(reason)).increment();
  }

  void watch(LoadedModels models, ComputeQueue queue, ByteBudget memory) {
    Gauge.builder("trainyard.predict.requests", memory::used)
        .description("Memory of the inputs and outputs of predictions under way")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
    Gauge.builder("trainyard.predict.loaded.models", models::count)
        .description("Model versions in memory")
        .register(meters);
    Gauge.builder("trainyard.predict.loaded", models::bytes)
        .description("Memory of loaded model versions")
        .baseUnit(BaseUnits.BYTES)
        .register(meters);
    Gauge.builder("trainyard.predict.queue.depth", queue::depth)
        .description("Predictions waiting for a compute thread")
        .register(meters);
  }

  void answered(LoadedModel model, int rows, long nanos) {
    ModelVersion version = model.version();
    latency(version).record(nanos, TimeUnit.NANOSECONDS);
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
    Timer own = latencies.get(version.id());
    if (own != null) {
      return own;
    }
    return latencies.size() < MOST_VERSIONS
        ? latencies.computeIfAbsent(
            version.id(), _ -> latency(version.model(), String.valueOf(version.version())))
        : otherLatency;
  }

  private Timer latency(String model, String version) {
    return Timer.builder("trainyard.predict.latency")
        .description("Time from a request in memory to its answer, before writing")
        .tags("model", model, "version", version)
        .serviceLevelObjectives(LATENCIES)
        .register(meters);
  }

  /** Reasons are bounded: there is one for each code of an error. */
  void refused(ErrorCode code) {
    Objects.requireNonNull(rejections.get(code)).increment();
  }
}
