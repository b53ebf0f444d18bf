package io.trainyard.dataset.encoding;

import io.trainyard.spec.Imputation;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes an {@link Encoding} in its stored form. {@link EncodingReader} reads it. */
final class EncodingWriter {
  private EncodingWriter() {}

  static ObjectNode write(Encoding encoding) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (encoding.isAssumed()) {
      json.put("assumed", true);
    }
    ObjectNode inputs = json.putObject("inputs");
    encoding.inputs().forEach((name, input) -> write(input, inputs.putObject(name)));
    ObjectNode targets = json.putObject("targets");
    encoding.targets().forEach((name, target) -> write(target, targets.putObject(name)));
    return json;
  }

  private static void write(InputEncoding input, ObjectNode json) {
    json.put("type", lower(input.type()));
    json.set("shape", write(input.shape()));
    RowWindow window = input.window();
    if (window != null) {
      json.putObject("window")
          .put("length", window.length())
          .put("stride", window.stride())
          .put("group", window.group())
          .put("order_by", window.orderBy());
    }
    if (input.layout() != null) {
      json.put("layout", lower(input.layout()));
    }
    ArrayNode columns = json.putArray("columns");
    for (ColumnEncoding column : input.columns()) {
      ObjectNode one = columns.addObject().put("column", column.column());
      one.put("type", lower(column.type()));
      switch (column) {
        case ColumnEncoding.Numeric number -> write(number, one);
        case ColumnEncoding.Category category -> {
          one.put("encode", category.form().word());
          one.put("unknown", lower(category.unknown()));
          if (category.missing()) {
            one.put("missing", true);
          }
          category.categories().forEach(one.putArray("categories")::add);
          if (!(category.imputation() instanceof Imputation.Refuse)) {
            write(category.imputation(), one);
            if (category.fill() != null) {
              one.put("fill", category.fill());
            }
          }
        }
      }
    }
  }

  private static void write(ColumnEncoding.Numeric number, ObjectNode json) {
    if (number.shape() != null) {
      json.set("shape", write(number.shape()));
    }
    if (number.isTime()) {
      ArrayNode features = json.putArray("features");
      number.traits().times().forEach(feature -> features.add(feature.word()));
    }
    if (number.traits().indicator()) {
      json.put("missing_indicator", true);
    }
    switch (number.scaling()) {
      case Scaling.None() -> json.put("scale", "none");
      case Scaling.Standard() -> json.put("scale", "standard");
      case Scaling.MinMax() -> json.put("scale", "minmax");
      case Scaling.Unit() -> json.put("scale", "unit");
      case Scaling.Robust() -> json.put("scale", "robust");
      case Scaling.Quantile() -> json.put("scale", "quantile");
      case Scaling.Divide(double by) -> json.putObject("scale").put("divide", by);
    }
    write(number.imputation(), json);
    ColumnEncoding.Learned learned = number.learned();
    if (number.traits().clipped()) {
      json.put("clip", "seen");
    }
    if (learned != null) {
      if (learned.scale() instanceof FittedScale.Quantile(double[] quantiles)) {
        ArrayNode list = json.putArray("quantiles");
        for (double quantile : quantiles) {
          list.add(quantile);
        }
      } else {
        json.put("offset", learned.scale().line().offset());
        json.put("span", learned.scale().line().span());
      }
      if (!number.refusesMissing()) {
        json.put("fill", learned.fill());
      }
      if (learned.seen() != null) {
        json.put("min", learned.seen().min());
        json.put("max", learned.seen().max());
      }
    }
  }

  private static void write(Imputation imputation, ObjectNode json) {
    switch (imputation) {
      case Imputation.Refuse() -> json.put("impute", "error");
      case Imputation.Mean() -> json.put("impute", "mean");
      case Imputation.Median() -> json.put("impute", "median");
      case Imputation.MostFrequent() -> json.put("impute", "most_frequent");
      case Imputation.Constant(double element) -> json.putObject("impute").put("constant", element);
      case Imputation.Text(String text) -> json.putObject("impute").put("constant", text);
    }
  }

  private static void write(TargetEncoding target, ObjectNode json) {
    json.put("output", target.output());
    switch (target) {
      case TargetEncoding.ClassTarget labels -> {
        json.put("kind", "class").put("column", labels.column());
        json.put("type", lower(labels.type()));
        labels.classes().forEach(json.putArray("classes")::add);
        if (labels.scores() != Scores.PROBABILITY) {
          json.put("scores", lower(labels.scores()));
        }
        Decision decision = labels.decision();
        if (!decision.equals(Decision.DEFAULT)) {
          json.put("positive", labels.classes().get(decision.positive()));
          json.put("threshold", decision.threshold());
          json.put("best", decision.best());
        }
        if (labels.calibration() != null) {
          write(labels.calibration(), json.putObject("calibration"));
        }
        if (labels.sets() != null) {
          write(labels.sets(), json.putObject("intervals"));
        }
      }
      case TargetEncoding.NumberTarget numbers -> {
        json.put("kind", "number");
        write(numbers.encoding(), json.putObject("values"));
        if (numbers.interval() != null) {
          write(numbers.interval(), json.putObject("intervals"));
        }
      }
      case TargetEncoding.RawTarget raw -> {
        json.put("kind", raw.survival() ? "survival" : "raw");
        write(raw.encoding(), json.putObject("values"));
      }
      case TargetEncoding.InputTarget input ->
          json.put("kind", "input").put("input", input.input());
      case TargetEncoding.LayerTarget layer ->
          json.put("kind", "layer").put("layer", layer.layer());
    }
  }

  private static void write(Calibration calibration, ObjectNode json) {
    switch (calibration) {
      case Calibration.Temperature(double temperature, _, _) ->
          json.put("type", "temperature").put("temperature", temperature);
      case Calibration.Isotonic(List<Calibration.Curve> curves, _, _) -> {
        ArrayNode list = json.put("type", "isotonic").putArray("curves");
        for (Calibration.Curve curve : curves) {
          ObjectNode one = list.addObject();
          write(curve.x(), one.putArray("x"));
          write(curve.y(), one.putArray("y"));
        }
      }
    }
    json.put("rows", calibration.rows());
    if (calibration.assumed()) {
      json.put("assumed", true);
    }
  }

  private static void write(double[] numbers, ArrayNode list) {
    for (double number : numbers) {
      list.add(number);
    }
  }

  private static void write(Interval interval, ObjectNode json) {
    json.put("coverage", interval.coverage()).put("rows", interval.rows());
    switch (interval) {
      case Interval.Sets(_, _, Double score, boolean assumed) -> {
        json.put("score", score);
        if (assumed) {
          json.put("assumed", true);
        }
      }
      case Interval.Around(_, _, List<Double> halfWidths) -> {
        if (halfWidths == null) {
          json.putNull("half_widths");
        } else {
          halfWidths.forEach(json.putArray("half_widths")::add);
        }
      }
      case Interval.Between(_, _, String name, String high, Double margin) ->
          json.put("name", name).put("high", high).put("margin", margin);
    }
  }

  private static ArrayNode write(Shape shape) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    shape.dims().forEach(list::add);
    return list;
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
