package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.InputSpec.Encode;
import io.trainyard.spec.InputSpec.Unknown;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads one input of a model: its columns, and how their values become numbers. */
final class InputReader {
  private static final int MAX_AXES = 8;
  private static final int MAX_COLUMNS = 100_000;
  private static final int MAX_WINDOW = 1_000_000;

  private InputReader() {}

  static @Nullable InputSpec read(JsonObject input) {
    if (input.has("like")) {
      return like(input);
    }
    Map<String, List<TimeFeature>> times = new LinkedHashMap<>();
    List<String> columns = columns(input, times);
    Shape shape = shape(input);
    DataFormat layout = layout(input, shape);
    Unknown unknown = input.choice("unknown", Unknown.ERROR);
    int minCount = minCount(input, unknown);
    ByColumn<Scaling> scale = Scaling.byColumn(input, columns);
    ByColumn<Imputation> impute = Imputation.byColumn(input, columns);
    ByColumn<Boolean> indicator =
        ByColumn.read(
            input,
            "missing_indicator",
            columns,
            false,
            _ -> false,
            (object, column) -> object.bool(column, false));
    RowWindow window = window(input);
    InputSpec.Encodes encode = encodes(input, columns);
    if (columns == null) {
      return null;
    }
    boolean alone = input.has("column");
    return new InputSpec(
        columns, times, alone, shape, layout, encode, unknown, minCount, scale, impute, indicator,
        window, null);
  }

  /** Whether an input has a window, or may have one as it is another model's input. */
  static boolean mayHaveWindow(JsonNode input) {
    return !input.isObject() || input.hasNonNull("window") || input.hasNonNull("like");
  }

  /** {@code like} copies another version's input, so no other member is allowed. */
  private static @Nullable InputSpec like(JsonObject input) {
    String like = input.text("like");
    if (like == null) {
      return null;
    }
    if (input.build(input.pointer("like"), () -> ModelReference.parse(like)) == null) {
      return null;
    }
    return new InputSpec(
        List.of(),
        Map.of(),
        false,
        null,
        null,
        InputSpec.Encodes.DEFAULT,
        Unknown.ERROR,
        1,
        ByColumn.all(new Scaling.None()),
        ByColumn.all(new Imputation.Refuse()),
        ByColumn.all(false),
        null,
        like);
  }

  /**
   * {@code encode}: a word, or an object by column.
   *
   * @param columns null when they were refused; empty for "*"
   */
  private static InputSpec.Encodes encodes(JsonObject input, @Nullable List<String> columns) {
    JsonNode encode = input.get("encode");
    if (encode == null) {
      return InputSpec.Encodes.DEFAULT;
    }
    if (!encode.isObject()) {
      return new InputSpec.Encodes(
          input.choice("encode", Encode.ONE_HOT, " or one by column, {\"city\": \"index\"},"),
          Map.of());
    }
    return new InputSpec.Encodes(
        null,
        ByColumn.read(
                input,
                "encode",
                columns,
                Encode.ONE_HOT,
                _ -> false,
                (object, column) -> object.choice(column, Encode.ONE_HOT))
            .named());
  }

  /** Rare categories are unknown ones, which must then be something. */
  private static int minCount(JsonObject input, Unknown unknown) {
    int minCount = input.integer("min_count", 1, 1, Integer.MAX_VALUE);
    if (minCount > 1 && unknown == Unknown.ERROR) {
      input.violate(
          "min_count",
          "With \"unknown\": \"error\" the rows of rare categories would be refused: set 'unknown'"
              + " to index or zeros, or leave 'min_count' out");
    }
    return minCount;
  }

  /** {@code window}: an object, or a bare number for the length. */
  private static @Nullable RowWindow window(JsonObject input) {
    JsonNode window = input.get("window");
    if (window == null) {
      return null;
    }
    if (window.isNumber()) {
      return new RowWindow(input.integer("window", 1, 1, MAX_WINDOW), 1, null, null);
    }
    JsonObject object = JsonObject.of(window, input.pointer("window"), input.violations());
    int length = object.requiredInteger("length", 1, MAX_WINDOW);
    int stride = object.integer("stride", 1, 1, MAX_WINDOW);
    String group = object.text("group");
    String orderBy = object.text("order_by");
    object.finish();
    return object.build(() -> new RowWindow(length, stride, group, orderBy));
  }

  /**
   * The columns in {@code column} or {@code columns}; empty for "*"; null when refused.
   *
   * @param times gets the features of columns of timestamps
   */
  private static @Nullable List<String> columns(
      JsonObject input, Map<String, List<TimeFeature>> times) {
    JsonNode columns = input.get("columns");
    if (input.has("column")) {
      if (columns != null) {
        input.violate("column", "Either 'column' or 'columns' was expected, got both");
        return null;
      }
      String column = input.text("column");
      return column == null ? null : checked(input, "column", List.of(column));
    }
    if (columns == null) {
      input.violate("columns", "'columns' (a list of names, or \"*\") or 'column' is required");
      return null;
    }
    if (columns.isString() && columns.stringValue().equals("*")) {
      return List.of();
    }
    List<String> names = names(input, columns, times);
    if (names != null && names.isEmpty() && columns.isEmpty()) {
      input.violate("columns", "At least one column was expected, got an empty list");
      return null;
    }
    return names == null ? null : checked(input, "columns", names);
  }

  /** Names, and objects with the features of a column of timestamps; null when refused. */
  private static @Nullable List<String> names(
      JsonObject input, JsonNode columns, Map<String, List<TimeFeature>> times) {
    long before = input.violations().count();
    if (!columns.isArray() || columns.valueStream().noneMatch(JsonNode::isObject)) {
      List<String> texts = input.texts("columns");
      return input.violations().count() > before ? null : texts;
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      JsonNode each = columns.get(i);
      if (each.isString()) {
        names.add(each.stringValue());
      } else if (each.isObject()) {
        JsonObject entry =
            JsonObject.of(each, Violation.pointer(input.pointer("columns"), i), input.violations());
        String name = entry.requiredText("column");
        List<TimeFeature> features = TimeFeature.read(entry);
        entry.finish();
        names.add(name);
        if (features != null) {
          times.putIfAbsent(name, features);
        }
      } else {
        input.violate(
            "columns",
            i,
            "A column name was expected, or {\"column\": \"at\", \"features\": [\"hour\"]} for a"
                + " column of timestamps; got "
                + JsonObject.describe(each));
      }
    }
    return input.violations().count() > before ? null : names;
  }

  /** Refuses empty and repeated column names. */
  static @Nullable List<String> checked(JsonObject owner, String member, List<String> columns) {
    if (columns.size() > MAX_COLUMNS) {
      owner.violate(
          member, "At most %d were expected, got %d".formatted(MAX_COLUMNS, columns.size()));
      return null;
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < columns.size(); i++) {
      String at =
          member.equals("columns")
              ? Violation.pointer(owner.pointer(member), i)
              : owner.pointer(member);
      if (columns.get(i).isBlank()) {
        owner.violations().add(at, "A column name was expected, got an empty string");
        return null;
      }
      if (!seen.add(columns.get(i))) {
        owner
            .violations()
            .add(at, "The column '" + JsonObject.shorten(columns.get(i)) + "' is named twice");
        return null;
      }
    }
    return columns;
  }

  /** The {@code shape} member; null when there is none. */
  static @Nullable Shape shape(JsonObject owner) {
    long before = owner.violations().count();
    List<Integer> dims = owner.integers("shape", 1, Integer.MAX_VALUE);
    if (dims == null || owner.violations().count() > before) {
      return null;
    }
    if (dims.isEmpty() || dims.size() > MAX_AXES) {
      owner.violate(
          "shape", "From 1 to %d axes were expected, got %d".formatted(MAX_AXES, dims.size()));
      return null;
    }
    return owner.build(owner.pointer("shape"), () -> new Shape(dims));
  }

  /** The {@code layout} of a tensor column; null when there is none, or when it is refused. */
  private static @Nullable DataFormat layout(JsonObject input, @Nullable Shape shape) {
    if (!input.has("layout")) {
      return null;
    }
    DataFormat layout = input.choice("layout", DataFormat.CHANNELS_LAST);
    String fault =
        input.has("window")
            ? "'layout' and 'window' cannot be given together; a 'permute' layer moves axes"
            : !input.has("shape")
                ? "'layout' says where the column has its channels, so 'shape' is required: the"
                    + " axes as the network reads them"
                : shape != null && shape.rank() < 2
                    ? "'layout' needs a 'shape' of two axes or more, got " + shape
                    : null;
    if (fault != null) {
      input.violate("layout", fault);
      return null;
    }
    return layout;
  }
}
