package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Golden;
import io.trainyard.engine.Objective;
import io.trainyard.engine.TestEngine;
import io.trainyard.spec.Specs;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The values are those of {@code src/test/python/baselines.py}. */
class BaselineMetricsTest {
  /** Expressions are computed by libtorch. */
  @BeforeAll
  static void loadEngine() {
    TestEngine.get();
  }

  static Stream<JsonNode> cases() {
    return Golden.read("baselines.json").get("cases").valueStream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheDummyOfScikitLearn(JsonNode golden) {
    String metrics =
        golden.get("metrics").propertyNames().stream()
            .map(name -> "'" + name + "'")
            .collect(Collectors.joining(",", "[", "]"));
    String loss = golden.get("loss").stringValue();
    MeasuredTarget target =
        MeasuredTargets.scaled(
            loss.startsWith("{") ? loss : "'" + loss + "'",
            metrics,
            golden.get("classes").booleanValue(),
            Shape.of(golden.get("width").intValue()),
            Function.valueOf(golden.get("activation").stringValue().toUpperCase(Locale.ROOT)),
            doubles(golden.get("units")),
            doubles(golden.get("offsets")));
    BaselineMetrics baseline =
        of(target, Golden.tensor(golden.get("train")), Golden.tensor(golden.get("test")));

    assertThat(baseline.part()).isEqualTo(Part.TEST);
    assertThat(baseline.metrics()).hasSize(golden.get("metrics").size());
    golden
        .get("metrics")
        .properties()
        .forEach(
            metric ->
                // The outputs are numbers of 32 bits.
                assertThat(baseline.metrics().get(metric.getKey()))
                    .as(metric.getKey())
                    .isCloseTo(metric.getValue().doubleValue(), within(1e-5)));
  }

  private static double[] doubles(JsonNode list) {
    return list.valueStream().mapToDouble(JsonNode::doubleValue).toArray();
  }

  private static BaselineMetrics of(MeasuredTarget target, HostTensor train, HostTensor test) {
    Subset none = new Subset(0, Map.of(), Map.of());
    PreparedData data =
        new PreparedData(
            new Subset(train.shape().axis(0), Map.of(), Map.of("y", train)),
            none,
            new Subset(test.shape().axis(0), Map.of(), Map.of("y", test)),
            Encoding.fromJson(Specs.json("{'inputs':{},'targets':{}}")),
            () -> {});
    Objective objective =
        new Objective(
            "y",
            new TargetSpec.Source.Columns(List.of("y"), false),
            "y",
            target.output().loss(),
            1,
            Function.LINEAR);
    return BaselineMetrics.of(List.of(objective), List.of(target), data, Part.TEST);
  }

  /** By hand: of the labels (1, 1, 0) the first two are in most training rows, the last in few. */
  @Test
  void severalLabelsAreDecidedEachByItsShare() {
    MeasuredTarget target =
        MeasuredTargets.of(
            "'binary_crossentropy'",
            "['accuracy','log_loss']",
            false,
            Shape.of(3),
            Function.SIGMOID);
    HostTensor train = HostTensor.ofFloats(Shape.of(4, 3), 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0);
    HostTensor test = HostTensor.ofFloats(Shape.of(2, 3), 1, 1, 0, 0, 1, 1);
    BaselineMetrics baseline = of(target, train, test);
    assertThat(baseline.metrics().get("accuracy")).isCloseTo(4 / 6.0, within(1e-9));
    assertThat(baseline.metrics().get("log_loss"))
        .isCloseTo(-(4 * Math.log(0.75) + 2 * Math.log(0.25)) / 6, within(1e-6));
  }

  @Test
  void aMetricThatCannotBeComputedIsNull() {
    MeasuredTarget target =
        MeasuredTargets.of("'binary_crossentropy'", "['auc']", true, Shape.of(1), Function.SIGMOID);
    HostTensor one = HostTensor.ofLongs(Shape.of(3), 1, 1, 1);
    BaselineMetrics baseline = of(target, one, one);
    assertThat(baseline.metrics()).containsEntry("auc", null);
    assertThat(baseline.notes().get("auc")).contains("one class");
  }
}
