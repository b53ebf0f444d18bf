package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Golden;
import io.trainyard.engine.TestEngine;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.Metric;
import io.trainyard.tensor.HostTensor;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every metric has scikit-learn's value, in whatever batches the rows come. */
class GoldenMetricsTest {
  /** Expressions are computed by libtorch. */
  @BeforeAll
  static void loadEngine() {
    TestEngine.get();
  }

  /** Outputs are 32-bit floats, and so are the probabilities that scikit-learn ranks. */
  private static final double TOLERANCE = 2e-6;

  static Stream<JsonNode> cases() {
    return Golden.read("metrics.json").get("cases").valueStream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void metricsHaveTheValuesOfScikitLearn(JsonNode golden) {
    HostTensor output = Golden.tensor(golden.get("output"));
    HostTensor target = Golden.tensor(golden.get("target"));
    int rows = output.shape().dims().getFirst();
    Map<String, Double> expected = expected(golden);
    for (int batch : new int[] {rows, 7, 1}) {
      TargetMetrics metrics = metrics(golden, output, rows);
      MeasuredTargets.add(metrics, output, target, batch);

      Map<String, Double> values = MeasuredTargets.values(metrics);
      for (JsonNode undefined : golden.get("absent")) {
        assertThat(values.remove(undefined.stringValue())).isNaN();
      }
      assertThat(values).containsOnlyKeys(expected.keySet());
      values.forEach(
          (name, value) -> {
            double wanted = Objects.requireNonNull(expected.get(name));
            assertThat(value)
                .as(golden.get("name").asString() + ", " + name)
                .isCloseTo(wanted, within(TOLERANCE * (1 + Math.abs(wanted))));
          });
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCheckpointKeepsEveryBit(JsonNode golden) {
    HostTensor output = Golden.tensor(golden.get("output"));
    HostTensor target = Golden.tensor(golden.get("target"));
    int rows = output.shape().dims().getFirst();
    TargetMetrics whole = metrics(golden, output, rows);
    MeasuredTargets.add(whole, output.rows(0, 3), target.rows(0, 3), 3);
    TargetMetrics resumed = metrics(golden, output, rows);
    MeasuredTargets.add(resumed, output, target, 2);
    resumed.restore(whole.state());
    MeasuredTargets.add(whole, output.rows(3, rows - 3), target.rows(3, rows - 3), 4);
    MeasuredTargets.add(resumed, output.rows(3, rows - 3), target.rows(3, rows - 3), 4);

    assertThat(MeasuredTargets.values(resumed)).isEqualTo(MeasuredTargets.values(whole));

    whole.clear();
    MeasuredTargets.add(whole, output, target, rows);
    TargetMetrics fresh = metrics(golden, output, rows);
    MeasuredTargets.add(fresh, output, target, rows);
    assertThat(MeasuredTargets.values(whole)).isEqualTo(MeasuredTargets.values(fresh));
  }

  @Test
  void everyMetricHasAGoldenCase() {
    Set<Metric> missing = EnumSet.allOf(Metric.class);
    // PartialLikelihoodTest has its cases.
    missing.remove(Metric.CONCORDANCE);
    // CertaintyTest has its cases.
    missing.removeIf(Metric::isOfIntervals);
    cases()
        .flatMap(golden -> golden.get("values").valueStream())
        .map(pair -> pair.get(0))
        .map(metric -> metric.isString() ? metric.asString() : metric.get("type").asString())
        .forEach(word -> missing.removeIf(metric -> metric.word().equals(word)));
    assertThat(missing).isEmpty();
  }

  private static TargetMetrics metrics(JsonNode golden, HostTensor output, int rows) {
    return new TargetMetrics(
        MeasuredTargets.of(
            golden.get("loss").toString(),
            listed(golden),
            golden.get("classes").booleanValue(),
            output.shape().row(),
            Function.valueOf(golden.get("activation").asString().toUpperCase(Locale.ROOT))),
        rows);
  }

  /** The metrics with a value and the others, as a job lists them. */
  private static String listed(JsonNode golden) {
    Stream<String> defined = golden.get("values").valueStream().map(pair -> pair.get(0).toString());
    Stream<String> absent = golden.get("absent").valueStream().map(JsonNode::toString);
    return Stream.concat(defined, absent).toList().toString();
  }

  private static Map<String, Double> expected(JsonNode golden) {
    Map<String, Double> expected = new HashMap<>();
    for (JsonNode pair : golden.get("values")) {
      JsonNode metric = pair.get(0);
      expected.put(
          metric.isString() ? metric.asString() : metric.get("name").asString(),
          pair.get(1).doubleValue());
    }
    return expected;
  }
}
