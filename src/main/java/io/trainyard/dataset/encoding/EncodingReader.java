package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the stored form of an {@link Encoding}, which {@link EncodingWriter} writes. */
final class EncodingReader {
  private EncodingReader() {}

  static Encoding read(JsonNode json) {
    try {
      Map<String, InputEncoding> inputs = new LinkedHashMap<>();
      json.path("inputs").properties().forEach(e -> inputs.put(e.getKey(), input(e.getValue())));
      Map<String, TargetEncoding> targets = new LinkedHashMap<>();
      json.path("targets").properties().forEach(e -> targets.put(e.getKey(), target(e.getValue())));
      return new Encoding(inputs, targets);
    } catch (IllegalArgumentException | tools.jackson.core.JacksonException e) {
      throw new ServiceException(
          ErrorCode.INVALID_BODY, "This is not an encoding: " + e.getMessage(), e);
    }
  }

  private static InputEncoding input(JsonNode json) {
    List<ColumnEncoding> columns = new ArrayList<>();
    for (JsonNode column : json.path("columns")) {
      columns.add(column(column));
    }
    InputEncoding input =
        new InputEncoding(
            constant(ElementType.class, json, "type"), requireShape(json), columns, window(json));
    int width = columns.stream().mapToInt(ColumnEncoding::width).sum();
    if ((long) width * input.rows() != input.width()) {
      throw new IllegalArgumentException(
          "columns of " + width + " elements do not fill the shape " + input.shape());
    }
    return input;
  }

  private static @Nullable RowWindow window(JsonNode json) {
    JsonNode window = json.path("window");
    if (!window.isObject()) {
      return null;
    }
    return new RowWindow(
        (int) number(window, "length"),
        (int) number(window, "stride"),
        window.path("group").isString() ? text(window, "group") : null,
        window.path("order_by").isString() ? text(window, "order_by") : null);
  }

  private static ColumnEncoding column(JsonNode json) {
    String name = text(json, "column");
    ColumnType type = constant(ColumnType.class, json, "type");
    if (json.has("categories")) {
      return new ColumnEncoding.Category(
          name,
          type,
          texts(json.path("categories")),
          text(json, "encode").equals("one_hot"),
          constant(Unknown.class, json, "unknown"));
    }
    ColumnEncoding.Learned learned = null;
    if (json.has("span")) {
      learned =
          new ColumnEncoding.Learned(
              new Affine(number(json, "offset"), number(json, "span")),
              json.has("fill") ? number(json, "fill") : Double.NaN);
    }
    return new ColumnEncoding.Numeric(
        name,
        type,
        shape(json),
        scaling(json.path("scale")),
        imputation(json.path("impute")),
        learned);
  }

  private static Scaling scaling(JsonNode json) {
    if (json.isObject()) {
      return new Scaling.Divide(number(json, "divide"));
    }
    return switch (json.asString("none")) {
      case "none" -> new Scaling.None();
      case "standard" -> new Scaling.Standard();
      case "minmax" -> new Scaling.MinMax();
      case "unit" -> new Scaling.Unit();
      default -> throw new IllegalArgumentException("unknown scale '" + json.asString() + "'");
    };
  }

  private static Imputation imputation(JsonNode json) {
    if (json.isObject()) {
      return new Imputation.Constant(number(json, "constant"));
    }
    return switch (json.asString("error")) {
      case "error" -> new Imputation.Refuse();
      case "mean" -> new Imputation.Mean();
      case "median" -> new Imputation.Median();
      default -> throw new IllegalArgumentException("unknown impute '" + json.asString() + "'");
    };
  }

  private static TargetEncoding target(JsonNode json) {
    String output = text(json, "output");
    return switch (text(json, "kind")) {
      case "class" ->
          new TargetEncoding.ClassTarget(
              output,
              text(json, "column"),
              constant(ColumnType.class, json, "type"),
              texts(json.path("classes")),
              json.path("logits").asBoolean(false));
      case "number" -> new TargetEncoding.NumberTarget(output, input(json.path("values")));
      case "input" -> new TargetEncoding.InputTarget(output, text(json, "input"));
      case "layer" -> new TargetEncoding.LayerTarget(output, text(json, "layer"));
      default -> throw new IllegalArgumentException("unknown kind '" + text(json, "kind") + "'");
    };
  }

  private static Shape requireShape(JsonNode json) {
    Shape shape = shape(json);
    if (shape == null) {
      throw new IllegalArgumentException("'shape' is missing");
    }
    return shape;
  }

  private static @Nullable Shape shape(JsonNode json) {
    if (!json.has("shape")) {
      return null;
    }
    List<Integer> dims = new ArrayList<>();
    for (JsonNode dim : json.path("shape")) {
      if (!dim.isIntegralNumber()) {
        throw new IllegalArgumentException("'shape' must hold whole numbers");
      }
      dims.add(dim.intValue());
    }
    return new Shape(dims);
  }

  private static String text(JsonNode json, String member) {
    if (!json.path(member).isString()) {
      throw new IllegalArgumentException("'" + member + "' must be a string");
    }
    return json.path(member).stringValue();
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list) {
      if (!item.isString()) {
        throw new IllegalArgumentException("categories and classes must be strings");
      }
      texts.add(item.stringValue());
    }
    return texts;
  }

  private static double number(JsonNode json, String member) {
    if (!json.path(member).isNumber()) {
      throw new IllegalArgumentException("'" + member + "' must be a number");
    }
    return json.path(member).doubleValue();
  }

  private static <E extends Enum<E>> E constant(Class<E> type, JsonNode json, String member) {
    try {
      return Enum.valueOf(type, text(json, member).toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + member + "' has the unknown value '" + text(json, member) + "'", e);
    }
  }
}
