package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.encoding.Calibration;
import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.FittedCertainty;
import io.trainyard.dataset.encoding.Interval;
import io.trainyard.dataset.encoding.Predictions;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.engine.Golden;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.Certainty;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Calibrations and intervals are those of scipy, scikit-learn and numpy, and answered so. */
class CertaintyTest {
  /** Probabilities are answered as 32-bit numbers. */
  private static final double TOLERANCE = 2e-6;

  private static final Certainty.Intervals NINETY = new Certainty.Intervals(0.9, List.of());

  private static Stream<JsonNode> cases(String kind) {
    return Golden.read("certainty.json").get(kind).valueStream();
  }

  static Stream<JsonNode> temperatures() {
    return cases("temperature");
  }

  static Stream<JsonNode> isotonics() {
    return cases("isotonic");
  }

  static Stream<JsonNode> sets() {
    return cases("sets");
  }

  static Stream<JsonNode> numbers() {
    return cases("numbers");
  }

  static Stream<JsonNode> decided() {
    return cases("decided");
  }

  static Stream<JsonNode> pairs() {
    return cases("pairs");
  }

  @ParameterizedTest
  @MethodSource("temperatures")
  void theTemperatureIsThatOfTheSmallestLikelihood(JsonNode golden) {
    ClassCase given = ClassCase.of(golden);
    Calibration learned = given.learn(Certainty.Method.TEMPERATURE, null).calibrations().get("y");
    assertThat(learned).isInstanceOf(Calibration.Temperature.class);
    var temperature = (Calibration.Temperature) Objects.requireNonNull(learned);
    assertThat(temperature.temperature())
        .isCloseTo(golden.get("temperature").doubleValue(), within(1e-5));
    assertThat(temperature.rows()).isEqualTo(given.rows());
    assertThat(temperature.assumed()).isFalse();
    given.assertAnswers(golden, learned);
  }

  @ParameterizedTest
  @MethodSource("isotonics")
  void isotonicCurvesAreThoseOfScikitLearn(JsonNode golden) {
    ClassCase given = ClassCase.of(golden);
    Calibration learned = given.learn(Certainty.Method.ISOTONIC, null).calibrations().get("y");
    given.assertAnswers(golden, Objects.requireNonNull(learned));
  }

  @ParameterizedTest
  @MethodSource("sets")
  void setsHoldTheClassesAboveTheQuantile(JsonNode golden) {
    ClassCase given = ClassCase.of(golden);
    double coverage = golden.get("coverage").doubleValue();
    Interval learned =
        given
            .learn(Certainty.Method.NONE, new Certainty.Intervals(coverage, List.of()))
            .intervals()
            .get("y");
    var sets = (Interval.Sets) Objects.requireNonNull(learned);
    assertThat(sets.score()).isEqualTo(nullable(golden.get("score")));
    var labels = given.encoding(null, sets);
    assertThat(sure(labels, given.output(), "set"))
        .isEqualTo(sets.score() == null ? nulls(given.rows()) : members(golden.get("members")));
    MeasuredTarget target = given.target().sure(null, sets);
    assertMeasured(golden, target, given.output(), given.truth());
  }

  @ParameterizedTest
  @MethodSource("decided")
  void aSetHasTheClassThatAThresholdDecides(JsonNode golden) {
    ClassCase given = ClassCase.of(golden);
    Interval.Sets sets =
        new Interval.Sets(
            golden.get("coverage").doubleValue(),
            given.rows(),
            nullable(golden.get("score")),
            false);
    Decision decision = new Decision(1, golden.get("threshold").doubleValue(), null);
    Encoding encoding =
        given
            .encoding(null, null)
            .published(Map.of("y", decision), new FittedCertainty(Map.of(), Map.of("y", sets)));
    assertThat(sure(encoding, given.output(), "set")).isEqualTo(members(golden.get("members")));
    MeasuredTarget target = given.target().sure(null, sets).decidedBy(decision);
    assertMeasured(golden, target, given.output(), given.truth());
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void intervalsAreAsWideAsTheQuantileOfTheErrors(JsonNode golden) {
    HostTensor output = Golden.tensor(golden.get("output"));
    HostTensor truth = Golden.tensor(golden.get("target"));
    Encoding encoding =
        encoding(
            """
            {"output": "y", "kind": "number", "values": {"type": "float32", "shape": [2],
             "columns": [
               {"column": "a", "type": "number", "scale": "standard", "offset": 100.0, "span": 3.0},
               {"column": "b", "type": "number", "scale": "standard", "offset": -2.0, "span": 0.5}]}}
            """);
    MeasuredTarget target =
        MeasuredTargets.scaled(
            "\"mse\"",
            "[\"coverage\",\"interval_width\"]",
            false,
            Shape.of(2),
            Function.LINEAR,
            encoding.units("y"),
            encoding.offsets("y"));
    double coverage = golden.get("coverage").doubleValue();
    PartCertainty certainty =
        new PartCertainty(
            new Certainty(Certainty.Method.NONE, new Certainty.Intervals(coverage, List.of())),
            List.of(target),
            encoding,
            output.shape().axis(0),
            1);
    certainty.add("y", output, truth);
    FittedCertainty learned = certainty.learned();
    var around = (Interval.Around) Objects.requireNonNull(learned.intervals().get("y"));
    List<Double> halves = around.halfWidths();
    JsonNode expected = golden.get("half_widths");
    assertThat(halves == null).isEqualTo(expected.isNull());
    for (int i = 0; halves != null && i < 2; i++) {
      assertThat(halves.get(i)).isCloseTo(expected.get(i).doubleValue(), within(1e-12));
    }
    assertThat(certainty.notes()).hasSize(halves == null ? 1 : 0);
    assertMeasured(golden, target.sure(null, around), output, truth);
    Encoding sure = encoding.sure(learned);
    JsonNode first = Predictions.of(sure, Map.of("y", output), output.shape().axis(0)).get(0);
    if (halves == null) {
      assertThat(first.at("/interval/y").isNull()).isTrue();
    } else {
      double a = first.at("/y/a").doubleValue();
      assertThat(first.at("/interval/y/a/0").doubleValue()).isEqualTo(a - halves.getFirst());
      assertThat(first.at("/interval/y/a/1").doubleValue()).isEqualTo(a + halves.getFirst());
    }
    assertThat(Encoding.fromJson(sure.toJson()).toJson()).isEqualTo(sure.toJson());
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void twoQuantilesAreMovedOutwards(JsonNode golden) {
    HostTensor low = Golden.tensor(golden.get("low"));
    HostTensor high = Golden.tensor(golden.get("high"));
    HostTensor truth = Golden.tensor(golden.get("target"));
    int rows = low.shape().axis(0);
    Encoding encoding =
        Encoding.fromJson(
            StrictJson.parse(
                "{\"inputs\": {}, \"targets\": {\"low\": %s, \"high\": %s}}"
                    .formatted(number("low"), number("high"))));
    List<MeasuredTarget> targets = List.of(quantile("low", 0.1), quantile("high", 0.8));
    double coverage = golden.get("coverage").doubleValue();
    PartCertainty certainty =
        new PartCertainty(
            new Certainty(
                Certainty.Method.NONE, new Certainty.Intervals(coverage, List.of("low", "high"))),
            targets,
            encoding,
            rows,
            1);
    certainty.add("low", low, truth);
    certainty.add("high", high, truth);
    FittedCertainty learned = certainty.learned();
    assertThat(learned.intervals()).containsOnlyKeys("low");
    var between = (Interval.Between) Objects.requireNonNull(learned.intervals().get("low"));
    assertThat(between.name()).isEqualTo("price");
    Double expected = nullable(golden.get("margin"));
    assertThat(between.margin() == null).isEqualTo(expected == null);
    if (expected != null) {
      assertThat(between.margin()).isCloseTo(expected, within(1e-12));
    }
    PartMetrics metrics =
        new PartMetrics(
            targets.stream()
                .map(each -> each.sure(null, learned.intervals().get(each.target())))
                .toList(),
            rows);
    for (int from = 0; from < rows; from += 7) {
      int count = Math.min(7, rows - from);
      metrics.add("low", low.rows(from, count), truth.rows(from, count));
      metrics.add("high", high.rows(from, count), truth.rows(from, count));
    }
    MeasuredValues values = new MeasuredValues();
    metrics.putInto(values, "");
    for (String name : List.of("low_", "high_")) {
      assertClose(values.values().get(name + "coverage"), golden.get("held"));
      assertClose(values.values().get(name + "interval_width"), golden.get("width"));
    }
    Encoding sure = encoding.sure(learned);
    JsonNode first = Predictions.of(sure, Map.of("low", low, "high", high), rows).get(0);
    if (between.margin() != null) {
      assertThat(first.at("/interval/price/0").doubleValue())
          .isLessThanOrEqualTo(first.at("/interval/price/1").doubleValue());
    }
    assertThat(Encoding.fromJson(sure.toJson()).toJson()).isEqualTo(sure.toJson());
  }

  /** By hand: 19 rows give 0.9 by the 18th smallest, 8 rows nothing. */
  @Test
  void theRankIsByHand() {
    double[] scores = IntStream.rangeClosed(1, 19).mapToDouble(i -> i).toArray();
    assertThat(Interval.quantile(scores, 0.9)).isEqualTo(18);
    assertThat(Interval.quantile(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 0.9)).isNull();
    assertThat(Interval.leastRows(0.9)).isEqualTo(9);
    assertThat(Interval.leastRows(0.95)).isEqualTo(19);
    assertThat(Interval.leastRows(0.5)).isEqualTo(1);
    // A prediction that is not a number is infinitely far off.
    scores[3] = Double.NaN;
    assertThat(Interval.quantile(scores, 0.9)).isEqualTo(19);
    assertThat(Interval.quantile(scores, 0.95)).isNull();
  }

  /** Rows that are all right have no best temperature. */
  @Test
  void rowsThatAreAllRightStayAsTheyAre() {
    ClassCase all =
        new ClassCase(
            "sigmoid", HostTensor.ofFloats(Shape.of(3, 1), 0.9f, 0.2f, 0.6f), List.of(1, 0, 1));
    PartCertainty certainty = all.certainty(Certainty.Method.TEMPERATURE, null);
    assertThat(certainty.learned()).isEqualTo(FittedCertainty.NONE);
    assertThat(certainty.notes()).singleElement().asString().contains("all 3 validation rows");
  }

  /** From 200 rows on each half learns one of the two; fewer are shared. */
  @Test
  void calibrationAndSetsHaveRowsOfTheirOwn() {
    for (int rows : new int[] {199, 200, 201}) {
      float[] p = new float[rows];
      List<Integer> truth = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        p[i] = 0.05f + 0.9f * (i * 37 % rows) / rows;
        truth.add(i * 53 % rows < rows * p[i] ? 1 : 0);
      }
      ClassCase given = new ClassCase("sigmoid", HostTensor.ofFloats(Shape.of(rows, 1), p), truth);
      FittedCertainty learned = given.learn(Certainty.Method.TEMPERATURE, NINETY);
      Calibration calibration = Objects.requireNonNull(learned.calibrations().get("y"));
      Interval sets = Objects.requireNonNull(learned.intervals().get("y"));
      assertThat(calibration.rows()).isEqualTo(rows < 200 ? rows : rows / 2);
      assertThat(sets.rows()).isEqualTo(rows < 200 ? rows : rows - rows / 2);
      assertThat(calibration.assumed()).isEqualTo(rows < 200);
      assertThat(given.learn(Certainty.Method.TEMPERATURE, NINETY)).isEqualTo(learned);
    }
  }

  private static void assertMeasured(
      JsonNode golden, MeasuredTarget target, HostTensor output, HostTensor truth) {
    int rows = output.shape().axis(0);
    for (int batch : new int[] {rows, 7}) {
      TargetMetrics metrics = new TargetMetrics(target, rows);
      MeasuredTargets.add(metrics, output, truth, batch);
      Map<String, Double> values = MeasuredTargets.values(metrics);
      assertClose(values.get("coverage"), golden.get("held"));
      assertClose(values.get("interval_width"), golden.get("width"));
    }
    PartEvaluation report =
        new PartEvaluation(List.of(target), Map.of("y", List.of("a", "b", "c")), rows);
    report.add("y", output, truth);
    JsonNode json =
        report
            .of(Part.TEST, places -> places, new MeasuredValues(), true)
            .toJson()
            .at("/intervals/y");
    assertThat(json.isMissingNode()).isEqualTo(golden.get("held").isNull());
    if (!json.isMissingNode()) {
      assertClose(json.get("coverage").doubleValue(), golden.get("held"));
      assertThat(json.get("wanted_coverage")).isEqualTo(golden.get("coverage"));
    }
  }

  private static void assertClose(@Nullable Double value, JsonNode expected) {
    if (expected.isNull()) {
      assertThat(value).isNaN();
    } else {
      assertThat(value).isCloseTo(expected.doubleValue(), within(1e-6));
    }
  }

  private static @Nullable Double nullable(JsonNode number) {
    return number.isNull() ? null : (Double) number.doubleValue();
  }

  private static String number(String output) {
    return """
    {"output": "%s", "kind": "number", "values": {"type": "float32", "shape": [1], "columns": [
      {"column": "price", "type": "number", "scale": "standard", "offset": 0.0, "span": 3.0}]}}
    """
        .formatted(output);
  }

  private static MeasuredTarget quantile(String name, double q) {
    MeasuredTarget target =
        MeasuredTargets.scaled(
            "{\"type\": \"quantile\", \"q\": %s}".formatted(q),
            "[\"coverage\",\"interval_width\"]",
            false,
            Shape.of(1),
            Function.LINEAR,
            new double[] {3},
            new double[] {0});
    return new MeasuredTarget(
        name,
        target.output(),
        target.metrics(),
        name + "_",
        target.units(),
        target.offsets(),
        target.ranges(),
        target.decision(),
        null,
        null);
  }

  private static Encoding encoding(String target) {
    return Encoding.fromJson(
        StrictJson.parse("{\"inputs\": {}, \"targets\": {\"y\": %s}}".formatted(target)));
  }

  /** What each prediction says under a member. */
  private static List<String> sure(Encoding encoding, HostTensor output, String member) {
    int rows = output.shape().axis(0);
    JsonNode decoded = Predictions.of(encoding, Map.of("y", output), rows);
    return decoded.valueStream().map(each -> each.at("/" + member + "/y").toString()).toList();
  }

  private static List<String> nulls(int rows) {
    return IntStream.range(0, rows).mapToObj(_ -> "null").toList();
  }

  private static List<String> members(JsonNode members) {
    return members
        .valueStream()
        .map(
            row ->
                IntStream.range(0, row.size())
                    .filter(i -> row.get(i).intValue() == 1)
                    .mapToObj(i -> "\"" + "abcd".charAt(i) + "\"")
                    .collect(Collectors.joining(",", "[", "]")))
        .toList();
  }

  /** Outputs of a class target with the true classes. */
  private record ClassCase(String kind, HostTensor output, List<Integer> labels) {
    static ClassCase of(JsonNode golden) {
      return new ClassCase(
          golden.path("kind").asString("softmax"),
          Golden.tensor(golden.get("output")),
          golden.get("target").valueStream().map(JsonNode::intValue).toList());
    }

    int rows() {
      return labels.size();
    }

    HostTensor truth() {
      if (output.shape().last() == 1) {
        HostTensor truth = HostTensor.allocate(output.type(), Shape.of(rows(), 1));
        for (int i = 0; i < rows(); i++) {
          truth.setFloat(i, labels.get(i));
        }
        return truth;
      }
      return HostTensor.ofLongs(
          Shape.of(rows()), labels.stream().mapToLong(Integer::longValue).toArray());
    }

    MeasuredTarget target() {
      boolean logits = kind.endsWith("logits");
      String loss = output.shape().last() == 1 ? "binary_crossentropy" : "categorical_crossentropy";
      return MeasuredTargets.of(
          "{\"type\": \"%s\", \"from_logits\": %s}".formatted(loss, logits),
          "[\"accuracy\",\"log_loss\",\"coverage\",\"interval_width\"]",
          true,
          output.shape().row(),
          logits ? Function.LINEAR : loss.startsWith("b") ? Function.SIGMOID : Function.SOFTMAX);
    }

    Encoding encoding(@Nullable Calibration calibration, Interval.@Nullable Sets sets) {
      int classes = Math.max(2, output.shape().last());
      String names =
          IntStream.range(0, classes)
              .mapToObj(i -> "\"" + "abcd".charAt(i) + "\"")
              .collect(Collectors.joining(","));
      Encoding plain =
          CertaintyTest.encoding(
              """
              {"output": "y", "kind": "class", "column": "y", "type": "string", "classes": [%s],
               "scores": "%s"}
              """
                  .formatted(names, kind.endsWith("logits") ? "logit" : "probability"));
      Encoding sure =
          plain.sure(
              new FittedCertainty(
                  calibration == null ? Map.of() : Map.of("y", calibration),
                  sets == null ? Map.of() : Map.of("y", sets)));
      assertThat(Encoding.fromJson(sure.toJson()).toJson()).isEqualTo(sure.toJson());
      return sure;
    }

    PartCertainty certainty(Certainty.Method method, Certainty.@Nullable Intervals intervals) {
      PartCertainty certainty =
          new PartCertainty(
              new Certainty(method, intervals), List.of(target()), encoding(null, null), rows(), 7);
      HostTensor truth = truth();
      for (int from = 0; from < rows(); from += 11) {
        int count = Math.min(11, rows() - from);
        certainty.add("y", output.rows(from, count), truth.rows(from, count));
      }
      return certainty;
    }

    FittedCertainty learn(Certainty.Method method, Certainty.@Nullable Intervals intervals) {
      return certainty(method, intervals).learned();
    }

    /** Answers and metrics are of the corrected probabilities. */
    void assertAnswers(JsonNode golden, Calibration learned) {
      Encoding sure = encoding(learned, null);
      JsonNode decoded = Predictions.of(sure, Map.of("y", output), rows());
      double loss = 0;
      int right = 0;
      for (int row = 0; row < rows(); row++) {
        JsonNode expected = golden.get("probabilities").get(row);
        int likeliest = 0;
        for (int label = 0; label < expected.size(); label++) {
          double p = expected.get(label).doubleValue();
          assertThat(decoded.get(row).at("/probabilities/" + "abcd".charAt(label)).doubleValue())
              .as("row %d of %s", row, golden.get("name"))
              .isCloseTo(p, within(TOLERANCE));
          likeliest = p > expected.get(likeliest).doubleValue() ? label : likeliest;
        }
        String decided = decoded.get(row).get("y").stringValue();
        right += decided.charAt(0) == "abcd".charAt(labels.get(row)) ? 1 : 0;
        loss -= Math.log(expected.get(labels.get(row)).doubleValue());
      }
      MeasuredTarget target = target().sure(learned, null);
      TargetMetrics metrics = new TargetMetrics(target, rows());
      MeasuredTargets.add(metrics, output, truth(), 7);
      Map<String, Double> values = MeasuredTargets.values(metrics);
      assertThat(values.get("log_loss")).isCloseTo(loss / rows(), within(1e-4));
      assertThat(values.get("accuracy")).isEqualTo((double) right / rows());
      var labelled = (TargetEncoding.ClassTarget) Objects.requireNonNull(sure.targets().get("y"));
      HostTensor answered = sure.inTargetUnits("y", output);
      int width = output.shape().last();
      assertThat(answered.doubleAt(0))
          .isEqualTo(labelled.shares(output, 0, width)[width == 1 ? 1 : 0]);
    }
  }
}
