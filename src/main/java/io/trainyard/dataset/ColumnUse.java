package io.trainyard.dataset;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TargetSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds a model's inputs and targets against the columns there are, and lays out the encoding:
 * everything but what must be learned from training rows.
 */
final class ColumnUse {
  private final ModelSpec model;
  private final String pointer;
  private final Map<String, Column> columns;
  private final CategorySource categories;
  private final LearnedEncodings learned;
  private final Violations violations;

  /** Where the different values of a column are looked up. */
  interface CategorySource {
    List<String> distinct(Column column, int limit);
  }

  ColumnUse(
      ModelSpec model,
      String pointer,
      List<Column> columns,
      CategorySource categories,
      LearnedEncodings learned,
      Violations violations) {
    this.model = model;
    this.pointer = pointer;
    this.columns =
        columns.stream()
            .collect(Collectors.toMap(Column::name, c -> c, (a, b) -> a, LinkedHashMap::new));
    this.categories = categories;
    this.learned = learned;
    this.violations = violations;
  }

  /** The names of all columns the model reads, as far as they exist. */
  static Set<String> names(ModelSpec model, List<Column> columns) {
    Set<String> names = new LinkedHashSet<>();
    model.inputs().values().forEach(input -> names.addAll(input.columns()));
    model.targets().values().forEach(target -> names.addAll(columns(target)));
    boolean all =
        model.inputs().values().stream()
            .anyMatch(input -> input.takesAllColumns() || input.like() != null);
    for (InputSpec input : model.inputs().values()) {
      if (input.window() != null) {
        names.add(String.valueOf(input.window().group()));
        names.add(String.valueOf(input.window().orderBy()));
      }
    }
    return columns.stream()
        .map(Column::name)
        .filter(name -> all || names.contains(name))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static List<String> columns(TargetSpec target) {
    return target.source() instanceof TargetSpec.Source.Columns(List<String> own) ? own : List.of();
  }

  /** The encoding; only to be used when no violation was added. */
  Encoding encoding(@Nullable Encoding kept) {
    Map<String, InputEncoding> inputs = new LinkedHashMap<>();
    model
        .inputs()
        .forEach(
            (name, spec) -> {
              InputEncoding before = kept == null ? null : kept.inputs().get(name);
              InputEncoding input =
                  before != null
                      ? keep(name, before)
                      : spec.like() != null ? like(name, spec.like()) : input(name, spec);
              if (input != null) {
                inputs.put(name, input);
              }
            });
    Map<String, TargetEncoding> targets = new LinkedHashMap<>();
    model
        .targets()
        .forEach(
            (name, spec) -> {
              TargetEncoding before = kept == null ? null : kept.targets().get(name);
              TargetEncoding target =
                  before == null ? target(name, spec, inputs) : keep(name, spec, before);
              if (target != null) {
                targets.put(name, target);
              }
            });
    return new Encoding(inputs, targets);
  }

  /** A kept encoding fits when its columns are there with their types. */
  private InputEncoding keep(String name, InputEncoding kept) {
    String at = Violation.pointer(pointer + "/inputs", name);
    kept.columns().forEach(column -> require(column.column(), column.type(), at));
    return kept;
  }

  private @Nullable TargetEncoding keep(String name, TargetSpec spec, TargetEncoding kept) {
    String at = Violation.pointer(pointer + "/targets", name);
    String output = output(name, spec, at);
    return switch (kept) {
      case TargetEncoding.ClassTarget labels -> {
        require(labels.column(), labels.type(), at);
        yield new TargetEncoding.ClassTarget(
            output, labels.column(), labels.type(), labels.classes());
      }
      case TargetEncoding.NumberTarget numbers -> {
        numbers.encoding().columns().forEach(c -> require(c.column(), c.type(), at));
        yield new TargetEncoding.NumberTarget(output, numbers.encoding());
      }
      case TargetEncoding.InputTarget input ->
          new TargetEncoding.InputTarget(output, input.input());
      case TargetEncoding.LayerTarget layer ->
          new TargetEncoding.LayerTarget(output, layer.layer());
    };
  }

  private void require(String name, ColumnType type, String at) {
    Column column = columns.get(name);
    if (column == null) {
      violations.add(at, unknownColumn(name));
    } else if (!compatible(type, column.type())) {
      violations.add(
          at,
          "Column '" + name + "' was " + lower(type) + " before and is " + lower(column.type()));
    }
  }

  private static boolean compatible(ColumnType before, ColumnType now) {
    return before == now || (isNumber(before) && isNumber(now));
  }

  private static boolean isNumber(ColumnType type) {
    return type == ColumnType.INTEGER || type == ColumnType.NUMBER;
  }

  /** The input of that name of another version, or its only one. */
  private @Nullable InputEncoding like(String name, String reference) {
    String at = Violation.pointer(pointer + "/inputs", name) + "/like";
    int separator = reference.indexOf('@');
    Encoding other =
        learned
            .find(reference.substring(0, separator), reference.substring(separator + 1))
            .map(LearnedEncodings.Learned::encoding)
            .orElse(null);
    if (other == null) {
      violations.add(at, "There is no version " + reference + " that has learned an encoding");
      return null;
    }
    InputEncoding input =
        other.inputs().size() == 1
            ? other.inputs().values().iterator().next()
            : other.inputs().get(name);
    if (input == null) {
      violations.add(
          at,
          reference
              + " has no input '"
              + name
              + "', but "
              + String.join(", ", other.inputs().keySet()));
      return null;
    }
    return keep(name, input);
  }

  private @Nullable InputEncoding input(String name, InputSpec spec) {
    String at = Violation.pointer(pointer + "/inputs", name);
    List<Column> used = new ArrayList<>();
    List<String> names = spec.takesAllColumns() ? unused() : spec.columns();
    for (int i = 0; i < names.size(); i++) {
      String place = names.size() == 1 || spec.takesAllColumns() ? at : at + "/columns/" + i;
      Column column = columns.get(names.get(i));
      if (column == null) {
        violations.add(place, unknownColumn(names.get(i)));
      } else if (names.indexOf(names.get(i)) < i) {
        violations.add(place, "Column '" + names.get(i) + "' is named twice");
      } else {
        used.add(column);
      }
    }
    if (used.isEmpty()) {
      if (names.isEmpty()) {
        violations.add(at, "No column is left for input '" + name + "'");
      }
      return null;
    }
    if (spec.window() != null) {
      checkWindow(spec.window(), at + "/window");
    }
    boolean whole = wholeNumbers(spec, used);
    int before = violations.size();
    List<ColumnEncoding> encodings = new ArrayList<>();
    for (Column column : used) {
      ColumnEncoding encoding = column(spec, column, at, whole);
      if (encoding != null) {
        encodings.add(encoding);
      }
    }
    if (violations.size() > before || used.size() < names.size()) {
      return null;
    }
    Shape shape = shape(spec.shape(), encodings, spec.window(), at);
    return shape == null
        ? null
        : new InputEncoding(
            whole ? ElementType.INT64 : ElementType.FLOAT32, shape, encodings, spec.window());
  }

  private void checkWindow(RowWindow window, String at) {
    Column group = window.group() == null ? null : columns.get(window.group());
    if (window.group() != null && group == null) {
      violations.add(at + "/group", unknownColumn(window.group()));
    } else if (group != null
        && (group.type() == ColumnType.TENSOR || group.profile().nulls() > 0)) {
      violations.add(
          at + "/group", "Column '" + group.name() + "' must tell the series of every row");
    }
    Column order = window.orderBy() == null ? null : columns.get(window.orderBy());
    if (window.orderBy() != null && order == null) {
      violations.add(at + "/order_by", unknownColumn(window.orderBy()));
    } else if (order != null) {
      boolean sortable =
          switch (order.type()) {
            case INTEGER, NUMBER, TIMESTAMP -> order.profile().nulls() == 0;
            case STRING, BOOLEAN, TENSOR -> false;
          };
      if (!sortable) {
        violations.add(
            at + "/order_by",
            "Column '" + order.name() + "' must hold a number or time in every row");
      }
    }
  }

  /** "*": in file order, what no other input and no target names. */
  private List<String> unused() {
    Set<String> taken = new LinkedHashSet<>();
    for (InputSpec input : model.inputs().values()) {
      taken.addAll(input.columns());
      if (input.window() != null) {
        taken.add(String.valueOf(input.window().group()));
        taken.add(String.valueOf(input.window().orderBy()));
      }
    }
    model.targets().values().forEach(target -> taken.addAll(columns(target)));
    return columns.keySet().stream().filter(name -> !taken.contains(name)).toList();
  }

  /** With {@code encode: index}, indices and unscaled whole numbers stay integers. */
  private static boolean wholeNumbers(InputSpec spec, List<Column> used) {
    return spec.encode() == InputSpec.Encode.INDEX
        && used.stream()
            .allMatch(
                column ->
                    switch (column.type()) {
                      case STRING, BOOLEAN -> true;
                      case INTEGER -> spec.scale() instanceof Scaling.None;
                      case TENSOR -> column.wholeNumbers() && spec.scale() instanceof Scaling.None;
                      case NUMBER, TIMESTAMP -> false;
                    });
  }

  private @Nullable ColumnEncoding column(InputSpec spec, Column column, String at, boolean whole) {
    return switch (column.type()) {
      case STRING, BOOLEAN -> category(spec, column, at, whole);
      case INTEGER, NUMBER, TENSOR -> number(spec, column, at, whole);
      case TIMESTAMP -> {
        violations.add(
            at,
            "Column '"
                + column.name()
                + "' holds timestamps, which cannot be an input; name the "
                + "columns to use, or order a window by it");
        yield null;
      }
    };
  }

  private @Nullable ColumnEncoding category(
      InputSpec spec, Column column, String at, boolean whole) {
    boolean index = spec.encode() == InputSpec.Encode.INDEX;
    if (index && !whole) {
      violations.add(
          at,
          "Column '"
              + column.name()
              + "' becomes an index, which cannot share an input with "
              + "numbers; give it an input of its own");
      return null;
    }
    if (index && spec.unknown() == InputSpec.Unknown.ZEROS) {
      violations.add(at + "/unknown", "Only one_hot has zeros for unknown categories");
      return null;
    }
    if (column.profile().nulls() > 0 && spec.unknown() == InputSpec.Unknown.ERROR) {
      violations.add(at, missing(column) + "; 'unknown: zeros' takes them as zeros");
      return null;
    }
    List<String> found = distinct(column, "categories", at);
    if (found == null) {
      return null;
    }
    if (found.isEmpty()) {
      violations.add(at, "Column '" + column.name() + "' has no values");
      return null;
    }
    return new ColumnEncoding.Category(
        column.name(),
        column.type(),
        Categories.sorted(column.type(), found),
        !index,
        spec.unknown());
  }

  private @Nullable ColumnEncoding number(InputSpec spec, Column column, String at, boolean whole) {
    if (column.profile().nulls() > 0 && spec.impute() instanceof Imputation.Refuse) {
      violations.add(at, missing(column) + "; 'impute' can fill them in");
      return null;
    }
    if (whole && !(spec.impute() instanceof Imputation.Refuse)) {
      boolean fits =
          spec.impute() instanceof Imputation.Constant(double element)
              && element == Math.rint(element);
      if (!fits) {
        violations.add(
            at + "/impute",
            "Column '"
                + column.name()
                + "' stays whole numbers: only a whole "
                + "constant can be imputed");
        return null;
      }
    }
    return number(column, spec.scale(), spec.impute());
  }

  private static ColumnEncoding.Numeric number(
      Column column, Scaling scaling, Imputation imputation) {
    ColumnEncoding.Numeric number =
        new ColumnEncoding.Numeric(
            column.name(), column.type(), column.shape(), scaling, imputation, null);
    return number.learns() ? number : number.learn(new Statistics(false));
  }

  private @Nullable Shape shape(
      @Nullable Shape asked,
      List<ColumnEncoding> encodings,
      @Nullable RowWindow window,
      String at) {
    int rows = window == null ? 1 : window.length();
    long width = encodings.stream().mapToLong(ColumnEncoding::width).sum() * rows;
    if (width > Integer.MAX_VALUE / 8) {
      violations.add(at, "A row of " + width + " elements is too wide");
      return null;
    }
    if (asked == null) {
      Shape own = encodings.size() == 1 ? encodings.getFirst().shape() : null;
      own = own == null ? Shape.of((int) width / rows) : own;
      return window == null ? own : own.batched(rows);
    }
    if (asked.elements() != width) {
      violations.add(
          at + "/shape",
          "The shape "
              + asked
              + " holds "
              + asked.elements()
              + " elements, the columns give "
              + width);
      return null;
    }
    return asked;
  }

  private @Nullable TargetEncoding target(
      String name, TargetSpec spec, Map<String, InputEncoding> inputs) {
    String at = Violation.pointer(pointer + "/targets", name);
    String output = output(name, spec, at);
    return switch (spec.source()) {
      case TargetSpec.Source.Columns(List<String> names) -> columnTarget(spec, names, output, at);
      case TargetSpec.Source.Input(String input) -> {
        InputEncoding encoding = inputs.get(input);
        if (encoding != null && encoding.type() == ElementType.INT64) {
          violations.add(
              at + "/input", "Input '" + input + "' holds indices, which no output can equal");
        } else if (encoding == null && !model.inputs().containsKey(input)) {
          violations.add(at + "/input", "There is no input '" + input + "'");
        }
        yield new TargetEncoding.InputTarget(output, input);
      }
      case TargetSpec.Source.LayerOutput(String layer) ->
          new TargetEncoding.LayerTarget(output, layer);
    };
  }

  private String output(String name, TargetSpec spec, String at) {
    List<String> outputs = model.network().outputs();
    if (spec.output() != null) {
      return spec.output();
    }
    if (outputs.size() == 1) {
      return outputs.getFirst();
    }
    if (!outputs.contains(name)) {
      violations.add(
          at,
          "The network has the outputs "
              + String.join(", ", outputs)
              + "; 'output' must say which one is trained towards '"
              + name
              + "'");
    }
    return name;
  }

  private @Nullable TargetEncoding columnTarget(
      TargetSpec spec, List<String> names, String output, String at) {
    List<Column> used = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Column column = columns.get(names.get(i));
      String place = names.size() == 1 ? at + "/column" : at + "/columns/" + i;
      if (column == null) {
        violations.add(place, unknownColumn(names.get(i)));
      } else if (column.profile().nulls() > 0) {
        violations.add(place, missing(column) + "; a row without its target cannot be trained on");
      } else {
        used.add(column);
      }
    }
    if (used.isEmpty() || used.size() < names.size()) {
      return null;
    }
    Column first = used.getFirst();
    boolean label =
        spec.type() == null
            ? used.size() == 1
                && (first.type() == ColumnType.STRING || first.type() == ColumnType.BOOLEAN)
            : spec.type() == TargetSpec.Type.CLASS;
    return label ? classTarget(spec, used, output, at) : numberTarget(spec, used, output, at);
  }

  private @Nullable TargetEncoding classTarget(
      TargetSpec spec, List<Column> used, String output, String at) {
    Column column = used.getFirst();
    if (used.size() > 1 || column.type() == ColumnType.TENSOR) {
      violations.add(at + "/type", "A class is read from one column of labels");
      return null;
    }
    if (!(spec.scale() instanceof Scaling.None)) {
      violations.add(at + "/scale", "A class has no scale");
      return null;
    }
    List<String> found = distinct(column, "classes", at);
    if (found == null) {
      return null;
    }
    List<String> classes = spec.classes();
    if (classes.isEmpty()) {
      classes = Categories.sorted(column.type(), found);
    } else {
      List<String> given = classes;
      List<String> left = found.stream().filter(label -> !given.contains(label)).sorted().toList();
      if (!left.isEmpty()) {
        violations.add(
            at + "/classes",
            "Column '"
                + column.name()
                + "' holds labels that are not listed: "
                + Categories.list(left));
        return null;
      }
    }
    if (classes.size() < 2) {
      violations.add(
          at,
          "Column '"
              + column.name()
              + "' holds one label only: "
              + Categories.list(classes)
              + "; there is nothing to tell apart");
      return null;
    }
    return new TargetEncoding.ClassTarget(output, column.name(), column.type(), classes);
  }

  /** A column's different values; null with a violation when they are too many to enumerate. */
  private @Nullable List<String> distinct(Column column, String purpose, String at) {
    List<String> found = categories.distinct(column, Categories.LIMIT + 1);
    if (found.size() <= Categories.LIMIT) {
      return found;
    }
    violations.add(
        at,
        "Column '"
            + column.name()
            + "' has more than "
            + Categories.LIMIT
            + " different values, too many for "
            + purpose);
    return null;
  }

  private @Nullable TargetEncoding numberTarget(
      TargetSpec spec, List<Column> used, String output, String at) {
    int before = violations.size();
    List<ColumnEncoding> numbers = new ArrayList<>();
    for (Column column : used) {
      switch (column.type()) {
        case INTEGER, NUMBER, TENSOR ->
            numbers.add(number(column, spec.scale(), new Imputation.Refuse()));
        case STRING, BOOLEAN, TIMESTAMP ->
            violations.add(
                at,
                "Column '"
                    + column.name()
                    + "' is a "
                    + lower(column.type())
                    + ", numbers were expected");
      }
    }
    if (!spec.classes().isEmpty()) {
      violations.add(at + "/classes", "Numbers have no classes; 'type: class' makes them labels");
    }
    Shape shape = violations.size() > before ? null : shape(spec.shape(), numbers, null, at);
    return shape == null
        ? null
        : new TargetEncoding.NumberTarget(
            output, new InputEncoding(ElementType.FLOAT32, shape, numbers));
  }

  private String missing(Column column) {
    return "Column '" + column.name() + "' has no value in " + column.profile().nulls() + " rows";
  }

  private String unknownColumn(String name) {
    return "There is no column '"
        + Categories.shorten(name)
        + "'; the data set has "
        + Categories.list(List.copyOf(columns.keySet()));
  }

  private static String lower(ColumnType type) {
    return type.name().toLowerCase(java.util.Locale.ROOT);
  }
}
