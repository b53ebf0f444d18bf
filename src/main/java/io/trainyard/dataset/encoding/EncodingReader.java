package io.trainyard.dataset.encoding;

import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the form of an {@link Encoding} that {@link EncodingWriter} writes and that callers send
 * with an import: strictly, so that what it accepts can be computed with.
 */
final class EncodingReader {
  /** As many elements as {@link RowShape} allows. */
  private static final int MAX_ELEMENTS = Integer.MAX_VALUE / 8;

  private static final int MAX_AXES = 16;
  private static final int MAX_WINDOW = 1_000_000;

  private EncodingReader() {}

  /** Null when there are violations. */
  static @Nullable Encoding read(JsonNode json, String pointer, Violations violations) {
    long before = violations.count();
    JsonObject encoding = JsonObject.of(json, pointer, violations);
    boolean assumed = encoding.bool("assumed", false);
    Map<String, InputEncoding> inputs = named(encoding, "inputs", EncodingReader::input);
    Map<String, TargetEncoding> targets = named(encoding, "targets", EncodingReader::target);
    encoding.finish();
    targets.forEach(
        (name, target) -> {
          if (target instanceof TargetEncoding.NumberTarget(_, _, Interval.Between between)) {
            checkHigh(
                targets.get(between.high()),
                Violation.pointer(pointer + "/targets", name) + "/intervals/high",
                violations);
          }
          if (target instanceof TargetEncoding.InputTarget(String _, String input)) {
            checkInput(
                inputs.get(input),
                input,
                Violation.pointer(pointer + "/targets", name),
                violations);
          }
        });
    return violations.count() > before ? null : new Encoding(inputs, targets, assumed);
  }

  private static void checkHigh(@Nullable TargetEncoding high, String at, Violations violations) {
    if (!(high instanceof TargetEncoding.NumberTarget numbers) || numbers.encoding().width() != 1) {
      violations.add(at, "Another target of one number was expected");
    }
  }

  private static void checkInput(
      @Nullable InputEncoding input, String name, String at, Violations violations) {
    String fault =
        input == null
            ? "The encoding has no input '" + name + "'"
            : TargetEncodingBuilder.notEqualled(name, input);
    if (fault != null) {
      violations.add(at + "/input", fault);
    }
  }

  private static <T> Map<String, T> named(
      JsonObject owner, String member, Function<JsonObject, @Nullable T> reader) {
    Map<String, T> all = new LinkedHashMap<>();
    JsonObject object = owner.object(member);
    if (object == null) {
      return all;
    }
    for (String name : object.names()) {
      JsonObject each = JsonObject.of(object.get(name), object.pointerTo(name), owner.violations());
      T read = reader.apply(each);
      each.finish();
      if (read != null) {
        all.put(name, read);
      }
    }
    return all;
  }

  private static @Nullable InputEncoding input(JsonObject json) {
    return input(json, false);
  }

  /**
   * @param ofTarget whether booleans are numbers, 0 or 1
   */
  private static @Nullable InputEncoding input(JsonObject json, boolean ofTarget) {
    long before = json.violations().count();
    ElementType type = type(json);
    Shape shape = shape(json);
    RowWindow window = window(json);
    List<ColumnEncoding> columns = columns(json, type, ofTarget);
    if (shape == null || columns.isEmpty() || json.violations().count() > before) {
      return null;
    }
    long width = columns.stream().mapToLong(ColumnEncoding::width).sum();
    long rows = window == null ? 1 : window.length();
    if (width > MAX_ELEMENTS || width * rows != shape.elements()) {
      json.violate(
          "shape",
          "The columns give %d elements%s, but the shape %s holds %d"
              .formatted(
                  width,
                  window == null ? "" : " for each of " + rows + " rows",
                  shape,
                  shape.elements()));
      return null;
    }
    long faults = json.violations().count();
    DataFormat layout = layout(json, shape, columns, window);
    return json.violations().count() > faults
        ? null
        : new InputEncoding(type, shape, columns, window, layout);
  }

  private static @Nullable DataFormat layout(
      JsonObject json, Shape shape, List<ColumnEncoding> columns, @Nullable RowWindow window) {
    if (!json.has("layout")) {
      return null;
    }
    boolean tensor = columns.size() == 1 && columns.getFirst().shape() != null;
    if (!tensor || window != null || shape.rank() < 2) {
      json.violate("layout", "'layout' is for one column of tensors, without a window");
    }
    return json.choice("layout", DataFormat.CHANNELS_LAST);
  }

  private static ElementType type(JsonObject json) {
    ElementType type = json.choice("type", ElementType.FLOAT32);
    if (!json.has("type")) {
      json.violate("type", "'type' is required: float32, or int64 for indices");
    } else if (type != ElementType.FLOAT32 && type != ElementType.INT64) {
      json.violate("type", "float32 or int64 was expected");
      return ElementType.FLOAT32;
    }
    return type;
  }

  static @Nullable Shape shape(JsonObject json) {
    long before = json.violations().count();
    List<Integer> dims = json.integers("shape", 1, MAX_ELEMENTS);
    if (dims == null) {
      if (!json.has("shape")) {
        json.violate("shape", "'shape' is required");
      }
      return null;
    }
    long elements = 1;
    for (int i = 0; i < dims.size() && elements <= MAX_ELEMENTS; i++) {
      elements *= dims.get(i);
    }
    if (dims.size() > MAX_AXES || elements > MAX_ELEMENTS) {
      json.violate(
          "shape",
          "At most %d axes and %d elements were expected".formatted(MAX_AXES, MAX_ELEMENTS));
    }
    return json.violations().count() > before ? null : new Shape(dims);
  }

  private static @Nullable RowWindow window(JsonObject json) {
    JsonObject window = json.object("window");
    if (window == null) {
      return null;
    }
    int length = window.requiredInteger("length", 1, MAX_WINDOW);
    int stride = window.integer("stride", 1, 1, MAX_WINDOW);
    String group = window.text("group");
    String orderBy = window.text("order_by");
    window.finish();
    return window.build(() -> new RowWindow(length, stride, group, orderBy));
  }

  private static List<ColumnEncoding> columns(JsonObject json, ElementType type, boolean ofTarget) {
    JsonNode list = json.get("columns");
    if (list == null || !list.isArray() || list.isEmpty()) {
      json.violate("columns", "A list of columns was expected, got " + JsonObject.describe(list));
      return List.of();
    }
    List<ColumnEncoding> columns = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < list.size(); i++) {
      String at = Violation.pointer(json.pointer("columns"), i);
      JsonObject each = JsonObject.of(list.get(i), at, json.violations());
      ColumnEncoding column = new ColumnEncodingReader(each, type, ofTarget).read();
      each.finish();
      if (column != null && !names.add(column.column())) {
        each.violate(
            "column", "The column '" + JsonObject.shorten(column.column()) + "' is named twice");
      } else if (column != null) {
        columns.add(column);
      }
    }
    return columns;
  }

  private enum Kind {
    CLASS,
    NUMBER,
    RAW,
    SURVIVAL,
    INPUT,
    LAYER
  }

  private static @Nullable TargetEncoding target(JsonObject json) {
    long before = json.violations().count();
    String output = json.requiredText("output");
    json.requiredText("kind");
    TargetEncoding target =
        switch (json.choice("kind", Kind.CLASS)) {
          case CLASS -> classes(json, output);
          case NUMBER -> {
            InputEncoding own = numbers(json);
            Interval interval = CertaintyReader.interval(json, own);
            yield own == null ? null : new TargetEncoding.NumberTarget(output, own, interval);
          }
          case RAW -> {
            InputEncoding own = numbers(json);
            yield own == null ? null : new TargetEncoding.RawTarget(output, own, false);
          }
          case SURVIVAL -> {
            InputEncoding own = survival(json);
            yield own == null ? null : new TargetEncoding.RawTarget(output, own, true);
          }
          case INPUT -> new TargetEncoding.InputTarget(output, json.requiredText("input"));
          case LAYER -> new TargetEncoding.LayerTarget(output, json.requiredText("layer"));
        };
    return json.violations().count() > before ? null : target;
  }

  private static @Nullable TargetEncoding classes(JsonObject json, String output) {
    String column = json.requiredText("column");
    json.requiredText("type");
    ColumnType type = json.choice("type", ColumnType.STRING);
    if (type == ColumnType.TENSOR) {
      json.violate("type", "A class is read from one column of labels");
    }
    List<String> classes = ColumnEncodingReader.labels(json, "classes", type, 2);
    Decision decision = decision(json, classes);
    Scores scores = scores(json);
    Calibration calibration = CertaintyReader.calibration(json, scores);
    Interval.Sets sets = CertaintyReader.sets(json, scores);
    return json.build(
        () ->
            new TargetEncoding.ClassTarget(
                output, column, type, classes, scores, decision, calibration, sets));
  }

  /** What the outputs of a class mean; {@code logits} is the older member. */
  private static Scores scores(JsonObject json) {
    Scores before = json.bool("logits", false) ? Scores.LOGIT : Scores.PROBABILITY;
    if (json.has("scores") && json.has("logits")) {
      json.violate("logits", "'scores' says it already: leave 'logits' out");
    }
    return json.has("scores") ? json.choice("scores", Scores.PROBABILITY) : before;
  }

  /** The default without a rule, as in encodings of before there were thresholds. */
  private static Decision decision(JsonObject json, List<String> classes) {
    JsonNode positive = json.get("positive");
    Double threshold = json.has("threshold") ? json.number("threshold") : null;
    String best = json.text("best");
    String given = positive != null ? "positive" : threshold != null ? "threshold" : "best";
    if (positive == null && threshold == null && best == null) {
      return Decision.DEFAULT;
    }
    int index = positive == null ? 1 : classes.indexOf(TargetSpec.Label.text(positive));
    if (classes.size() != 2) {
      json.violate(given, "It is for two classes; there are " + classes.size());
    } else if (index < 0) {
      json.violate(
          "positive",
          "One of the classes %s was expected, got %s"
              .formatted(classes, JsonObject.describe(positive)));
    } else if (threshold == null && best != null) {
      json.violate("best", "'threshold' is required with 'best': the number that was chosen");
    } else if (best != null && Metric.of(best).filter(Metric::isOfDecisions).isEmpty()) {
      json.violate("best", "A metric of decisions was expected, as f1");
    } else {
      return new Decision(index, threshold, best);
    }
    return Decision.DEFAULT;
  }

  /** A time and an event, as numbers; an event may be false or true. */
  private static @Nullable InputEncoding survival(JsonObject json) {
    InputEncoding values = values(json);
    if (values != null && !SurvivalColumns.are(values)) {
      json.violate(
          "values",
          "Two columns of type float32 were expected: a number without a scale, and an event, 0 or"
              + " 1, or false or true");
    }
    return values;
  }

  private static @Nullable InputEncoding values(JsonObject json) {
    JsonObject own = json.object("values");
    if (own == null) {
      json.violate("values", "'values' is required: type, shape and columns of the numbers");
      return null;
    }
    InputEncoding values = input(own, true);
    own.finish();
    return values;
  }

  private static @Nullable InputEncoding numbers(JsonObject json) {
    InputEncoding values = values(json);
    if (values != null
        && (values.type() != ElementType.FLOAT32
            || values.window() != null
            || values.numbers().size() < values.columns().size())) {
      json.violate("values", "Numbers of type float32 without a window were expected");
    }
    return values;
  }
}
