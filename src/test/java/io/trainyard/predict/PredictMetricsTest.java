package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.error.ErrorCode;
import io.trainyard.model.ModelVersion;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PredictMetricsTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final PredictMetrics metrics = new PredictMetrics(meters);

  @Test
  void rejectionsAndEvictionsAreThereBeforeTheFirst() {
    assertThat(rejections(ErrorCode.QUEUE_FULL)).isZero();
    assertThat(rejections(ErrorCode.LOADING)).isZero();
    assertThat(meters.get("trainyard.predict.evictions").tag("reason", "room").counter().count())
        .isZero();
    metrics.refused(ErrorCode.QUEUE_FULL);
    metrics.refused(ErrorCode.INVALID_BODY);
    metrics.refused(ErrorCode.INVALID_BODY);
    assertThat(rejections(ErrorCode.QUEUE_FULL)).isEqualTo(1);
    assertThat(rejections(ErrorCode.INVALID_BODY)).isEqualTo(2);
  }

  private double rejections(ErrorCode code) {
    return meters.get("trainyard.predict.rejections").tag("reason", code.code()).counter().count();
  }

  @Test
  void theMetersOfAVersionGoWithIt() {
    LoadedModel model =
        TestModels.loaded(
            "{'name':'m','network':{'inputs':{'x':{'shape':[2]}},'layers':[{'type':'dense','units':1}]}}",
            null);
    metrics.answered(model, 3, 1_000_000);
    assertThat(latencies()).hasSize(2);
    metrics.forget(model.version());
    assertThat(latencies()).as("that of all others stays").hasSize(1);
    metrics.answered(model, 3, 1_000_000);
    model.network().evict();
    metrics.answered(model, 3, 1_000_000);
    assertThat(latencies()).as("an answer after its eviction").hasSize(1);
    assertThat(meters.get("trainyard.predict.rows").counter().count()).isEqualTo(9);
  }

  @Test
  void manyModelsShareALatencyInTheEnd() {
    LoadedModel model =
        TestModels.loaded(
            "{'name':'m','network':{'inputs':{'x':{'shape':[2]}},'layers':[{'type':'dense','units':1}]}}",
            null);
    List<ModelVersion> versions =
        IntStream.range(0, 300).mapToObj(id -> TestModels.version(id, "m" + id)).toList();
    for (int turn = 0; turn < 2; turn++) {
      versions.forEach(version -> metrics.answered(model.as(version), 1, 1_000_000));
    }
    assertThat(latencies()).hasSize(PredictMetrics.MOST_VERSIONS + 1);
    assertThat(
            meters
                .get("trainyard.predict.latency")
                .tag("model", PredictMetrics.OTHER)
                .timer()
                .count())
        .isEqualTo(2 * (300 - PredictMetrics.MOST_VERSIONS));
    versions.forEach(metrics::forget);
    assertThat(latencies()).hasSize(1);
    metrics.answered(model.as(versions.getLast()), 1, 1_000_000);
    assertThat(latencies()).as("there is room again").hasSize(2);
  }

  private List<Meter> latencies() {
    return meters.getMeters().stream()
        .filter(meter -> meter.getId().getName().equals("trainyard.predict.latency"))
        .toList();
  }

  @Test
  void stepsAndWaitsAreCounted() {
    metrics.forwarded(3);
    metrics.forwarded(40);
    metrics.queued(2_000_000);
    assertThat(meters.get("trainyard.predict.batch.rows").summary().totalAmount()).isEqualTo(43);
    assertThat(meters.get("trainyard.predict.queue").timer().count()).isEqualTo(1);
  }
}
