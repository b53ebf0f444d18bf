package io.trainyard.dataset.recipe;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violation;
import io.trainyard.spec.InputSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The columns of a table as inputs: numbers and times together, columns of few categories together,
 * and each column of more categories by itself, for an embedding. An input that says more than its
 * columns stays as it is given.
 */
final class Features {
  /** What an input becomes. */
  enum Kind {
    NUMBERS,
    CATEGORIES,
    INDEX
  }

  /**
   * @param features numbers of a row; 0 where they are not counted
   */
  record Group(String input, Kind kind, int features) {}

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");
  private static final Set<String> COLUMNS = Set.of("columns", "column");

  /** A column with more categories, and one for more than every second row, tells rows apart. */
  private static final long FEW = 20;

  private final ObjectNode inputs = RecipeNetwork.object();
  private final List<Group> groups = new ArrayList<>();
  private final RecipeTask task;
  private final TableProfile table;
  private final String scale;
  private final Set<String> taken;

  private Features(RecipeTask task, String scale) {
    this.task = task;
    this.table = task.table();
    this.scale = scale;
    taken = new HashSet<>(task.model().inputs().keySet());
  }

  /** The JSON of all inputs. */
  ObjectNode inputs() {
    return inputs;
  }

  List<Group> groups() {
    return List.copyOf(groups);
  }

  /**
   * Sorts columns into inputs.
   *
   * @param scale of numbers
   */
  static Features of(RecipeTask task, String scale) {
    Features features = new Features(task, scale);
    Map<String, InputSpec> inputs = task.model().inputs();
    if (inputs.isEmpty()) {
      features.add("", features.left(unused(task), task.at()));
    }
    JsonNode given = task.given().path("inputs");
    inputs.forEach((name, input) -> features.add(name, input, given.path(name), unused(task)));
    if (features.groups.isEmpty() && task.violations().isEmpty()) {
      task.violate(
          task.at(),
          "No column is left to predict from: each is a target, empty, the same in all rows, or of"
              + " another category in almost every row");
    }
    return features;
  }

  /** The columns that neither targets, other inputs nor the split use, in file order. */
  static List<Column> unused(RecipeTask task) {
    Set<String> used = task.model().columns();
    used.addAll(task.table().used());
    return task.table().columns().stream().filter(column -> !used.contains(column.name())).toList();
  }

  /** A column without a value that differs: it cannot help. */
  static boolean isConstant(Column column) {
    ColumnProfile profile = column.profile();
    return column.type() != ColumnType.TENSOR
        && profile.nulls() == 0
        && profile.min() != null
        && profile.min().equals(profile.max());
  }

  private boolean isKey(Column column) {
    long distinct = column.profile().distinct();
    return column.type() == ColumnType.STRING && distinct > FEW && distinct > table.rows() / 2;
  }

  /** Of the columns that nobody named, those that can help; a warning says why others are left. */
  private List<Column> left(List<Column> columns, String place) {
    List<Column> left = new ArrayList<>();
    for (Column column : columns) {
      String why =
          column.isEmpty()
              ? "it has no values"
              : isConstant(column)
                  ? "it is the same in all rows"
                  : column.type() == ColumnType.TENSOR
                      ? "it holds tensors, which need layers of their own"
                      : isKey(column)
                          ? "almost every row has a category of its own (%d in %d rows)"
                              .formatted(column.profile().distinct(), table.rows())
                          : "";
      if (why.isEmpty()) {
        left.add(column);
      } else {
        task.warn(
            place,
            "column_left_out",
            "The recipe leaves column '%s' out: %s. To use it, name it in 'inputs'"
                .formatted(column.name(), why));
      }
    }
    return left;
  }

  private void add(String name, InputSpec input, JsonNode given, List<Column> unused) {
    String place = Violation.pointer("/model/inputs", name);
    boolean plain = COLUMNS.containsAll(given.propertyNames()) && input.times().isEmpty();
    List<Column> columns = new ArrayList<>();
    if (input.takesAllColumns()) {
      // Where the caller says how they are encoded, '*' stays and is all of them.
      columns.addAll(plain ? left(unused, place + "/columns") : unused);
    }
    for (int i = 0; i < input.columns().size(); i++) {
      Column column = table.column(input.columns().get(i)).orElse(null);
      if (column == null) {
        plain = false; // the encoding says that there is no such column
        continue;
      }
      columns.add(column);
      if (column.type() == ColumnType.TENSOR) {
        task.violate(
            place + input.placeOf(i),
            "Column '%s' holds tensors; a recipe takes numbers, times and categories: write the 'layers' of a network"
                .formatted(column.name()));
      } else if (isKey(column)) {
        task.warn(
            place + input.placeOf(i),
            "category_per_row",
            "Column '%s' has %d categories in %d rows: what the network learns of one helps with no other row"
                .formatted(column.name(), column.profile().distinct(), table.rows()));
      }
    }
    if (input.like() != null || input.shape() != null) {
      task.violate(
          place + (input.like() != null ? "/like" : "/shape"),
          "A recipe needs the columns of its inputs: name them, or write the 'layers' of a"
              + " network");
    } else if (plain) {
      add(name, columns);
    } else {
      inputs.set(name, given);
      groups.add(new Group(name, kind(input, columns), input.declaredFeatures()));
    }
  }

  /** What an input becomes whose encoding the caller chose. */
  private Kind kind(InputSpec input, List<Column> columns) {
    boolean categories = columns.stream().anyMatch(column -> column.type().isText());
    if (!categories && input.encode().byColumn().isEmpty()) {
      return Kind.NUMBERS;
    }
    boolean index =
        columns.stream()
            .allMatch(
                column ->
                    switch (input.encode().of(column.name())) {
                      case INDEX -> true;
                      case AUTO -> column.type().isText() && isLarge(column);
                      case ONE_HOT -> false;
                    });
    return index ? Kind.INDEX : Kind.CATEGORIES;
  }

  private boolean isLarge(Column column) {
    return table.distinct(column) + (table.hasMissing(column) ? 1 : 0)
        > InputSpec.Encode.MOST_ONE_HOT;
  }

  /**
   * Adds columns that the recipe may encode as it likes.
   *
   * @param name of the caller's input; "" where there is none
   */
  private void add(String name, List<Column> columns) {
    List<Column> numbers = columns.stream().filter(column -> !column.type().isText()).toList();
    List<Column> few =
        columns.stream().filter(column -> column.type().isText() && !isLarge(column)).toList();
    String base = name;
    if (!numbers.isEmpty()) {
      addNumbers(base.isEmpty() ? name("numbers") : base, numbers);
      base = name.isEmpty() ? "" : name + "_categories";
    }
    if (!few.isEmpty()) {
      boolean own = base.equals(name) && !name.isEmpty();
      String input = own ? name : name(name.isEmpty() ? "categories" : base);
      ObjectNode json = inputs.putObject(input);
      ArrayNode list = json.putArray("columns");
      few.forEach(column -> list.add(column.name()));
      json.put("encode", "auto").put("unknown", "zeros");
      groups.add(new Group(input, Kind.CATEGORIES, 0));
      base = name.isEmpty() ? "" : name + "_more";
    }
    for (Column column : columns) {
      if (column.type().isText() && isLarge(column)) {
        boolean own = base.equals(name) && !name.isEmpty();
        String input =
            own ? name : name(NAME.matcher(column.name()).matches() ? column.name() : "category");
        base = name.isEmpty() ? "" : name + "_more";
        ObjectNode json = inputs.putObject(input);
        json.putArray("columns").add(column.name());
        json.put("encode", "auto");
        groups.add(new Group(input, Kind.INDEX, 0));
      }
    }
  }

  private String name(String wanted) {
    return Layers.free(wanted, taken);
  }

  private void addNumbers(String name, List<Column> numbers) {
    ObjectNode json = inputs.putObject(name);
    ArrayNode list = json.putArray("columns");
    int features = 0;
    boolean missing = false;
    for (Column column : numbers) {
      boolean isMissing = table.hasMissing(column);
      missing |= isMissing;
      features += isMissing ? 2 : 1;
      if (column.type() != ColumnType.TIMESTAMP) {
        list.add(column.name());
        continue;
      }
      ObjectNode entry = list.addObject().put("column", column.name());
      List<String> times =
          hasTimesOfDay(column)
              ? List.of("hour", "weekday", "month", "linear")
              : List.of("weekday", "month", "linear");
      times.forEach(entry.putArray("features")::add);
      features += 2 * (times.size() - 1);
    }
    json.put("scale", scale);
    if (missing) {
      json.put("impute", "median").put("missing_indicator", true);
    }
    groups.add(new Group(name, Kind.NUMBERS, features));
  }

  private static boolean hasTimesOfDay(Column column) {
    ColumnProfile profile = column.profile();
    return isWithin(profile.min())
        || isWithin(profile.max())
        || profile.top().stream().anyMatch(top -> isWithin(top.item()));
  }

  private static boolean isWithin(@Nullable Object time) {
    return time != null && time.toString().matches(".*T(?!00:00:00(\\.0+)?Z?$).*");
  }
}
