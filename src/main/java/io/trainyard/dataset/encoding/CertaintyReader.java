package io.trainyard.dataset.encoding;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.training.Certainty;
import io.trainyard.spec.training.Scores;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads how sure a version is: the calibration of a class, the intervals of a target. */
final class CertaintyReader {
  private static final String CALIBRATION = "calibration";
  private static final String INTERVALS = "intervals";
  private static final int MAX_ROWS = Integer.MAX_VALUE;

  private CertaintyReader() {}

  /** The calibration of a target; null without one, or with a violation. */
  static @Nullable Calibration calibration(JsonObject target, Scores scores) {
    JsonObject json = target.object(CALIBRATION);
    if (json == null) {
      return null;
    }
    if (scores != Scores.LOGIT && scores != Scores.PROBABILITY) {
      target.violate(
          CALIBRATION, "Only probabilities are calibrated; 'scores' says that there are none");
    }
    json.requiredText("type");
    Certainty.Method method = json.choice("type", Certainty.Method.TEMPERATURE);
    int rows = json.requiredInteger("rows", 1, MAX_ROWS);
    boolean assumed = json.bool("assumed", false);
    Calibration calibration =
        switch (method) {
          case NONE -> {
            json.violate("type", "Leave 'calibration' out to answer probabilities as they are");
            yield null;
          }
          case TEMPERATURE -> {
            double temperature = json.requiredNumber("temperature");
            yield json.build(
                json.pointer("temperature"),
                () -> new Calibration.Temperature(temperature, rows, assumed));
          }
          case ISOTONIC -> {
            List<Calibration.Curve> curves = curves(json);
            yield curves == null ? null : new Calibration.Isotonic(curves, rows, assumed);
          }
        };
    json.finish();
    return calibration;
  }

  private static @Nullable List<Calibration.Curve> curves(JsonObject json) {
    JsonNode list = json.get("curves");
    if (list == null || !list.isArray()) {
      json.violate(
          "curves", "A curve for each class was expected, got " + JsonObject.describe(list));
      return null;
    }
    List<Calibration.Curve> curves = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      String at = Violation.pointer(json.pointer("curves"), i);
      JsonObject each = JsonObject.of(list.get(i), at, json.violations());
      double[] x = numbers(each, "x");
      double[] y = numbers(each, "y");
      each.finish();
      Calibration.Curve curve = each.build(() -> new Calibration.Curve(x, y));
      if (curve != null) {
        curves.add(curve);
      }
    }
    return curves.size() < list.size() ? null : curves;
  }

  private static double[] numbers(JsonObject json, String member) {
    JsonNode list = json.get(member);
    if (list == null || !list.isArray()) {
      json.violate(member, "A list of numbers was expected, got " + JsonObject.describe(list));
      return new double[0];
    }
    double[] numbers = new double[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode each = list.get(i);
      if (!each.isNumber() || !Double.isFinite(each.doubleValue())) {
        json.violations()
            .add(
                Violation.pointer(json.pointer(member), i),
                "A number was expected, got " + JsonObject.describe(each));
      }
      numbers[i] = each.doubleValue(0);
    }
    return numbers;
  }

  /** The sets of a class target; null without them, or with a violation. */
  static Interval.@Nullable Sets sets(JsonObject target, Scores scores) {
    JsonObject json = target.object(INTERVALS);
    if (json == null) {
      return null;
    }
    if (scores != Scores.LOGIT && scores != Scores.PROBABILITY) {
      target.violate(INTERVALS, "Sets need probabilities; 'scores' says that there are none");
    }
    double coverage = json.requiredNumber("coverage");
    int rows = json.requiredInteger("rows", 0, MAX_ROWS);
    Double score = json.number("score");
    boolean assumed = json.bool("assumed", false);
    json.finish();
    return json.build(() -> new Interval.Sets(coverage, rows, score, assumed));
  }

  /** The interval of a target of numbers; null without one, or with a violation. */
  static @Nullable Interval interval(JsonObject target, @Nullable InputEncoding values) {
    JsonObject json = target.object(INTERVALS);
    if (json == null) {
      return null;
    }
    double coverage = json.requiredNumber("coverage");
    int rows = json.requiredInteger("rows", 0, MAX_ROWS);
    if (values != null && values.width() != values.columns().size()) {
      target.violate(INTERVALS, "Intervals are for columns of one number in each row");
    }
    Interval interval;
    if (json.has("high")) {
      String high = json.requiredText("high");
      String name = json.requiredText("name");
      Double margin = json.number("margin");
      interval = json.build(() -> new Interval.Between(coverage, rows, name, high, margin));
      if (values != null && values.columns().size() != 1) {
        json.violate("high", "Two quantiles are of one column");
      }
    } else {
      List<Double> halfWidths = halfWidths(json, values);
      interval = json.build(() -> new Interval.Around(coverage, rows, halfWidths));
    }
    json.finish();
    return interval;
  }

  private static @Nullable List<Double> halfWidths(
      JsonObject json, @Nullable InputEncoding values) {
    if (!json.has("half_widths")) {
      return null;
    }
    double[] numbers = numbers(json, "half_widths");
    List<Double> halfWidths = new ArrayList<>();
    for (double number : numbers) {
      if (number < 0) {
        json.violate("half_widths", "Numbers of at least 0 were expected, got " + number);
      }
      halfWidths.add(number);
    }
    if (values != null && numbers.length != values.columns().size()) {
      json.violate(
          "half_widths",
          "A number for each of %d columns was expected, got %d"
              .formatted(values.columns().size(), numbers.length));
    }
    return halfWidths;
  }
}
