package io.trainyard.dataset.recipe;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violation;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.recipe.RecipeSpec;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The recipe series: a target is its last value, plus a line and two dense layers over how the
 * window differs from its last row. So a level that moves away from the training rows does no harm.
 */
final class SeriesNetwork {
  private static final int WINDOW = 24;

  /** Fewer windows, all of one time, choose an epoch by chance. */
  private static final int FEW_WINDOWS = 30;

  /** A window is at most this share of the rows. */
  private static final int SHARE = 6;

  /**
   * What the penalties of the weights add up to over the rows, for each row that a forecast leaves
   * out: the further ahead, the noisier, and without it a short series is learned by heart.
   */
  private static final int PENALTY = 5;

  /** Left-out rows behind which the penalties grow no further. */
  private static final int FAR = 6;

  private final RecipeTask task;
  private final List<Head> heads;

  /** The caller's input; null where there is none. */
  private final @Nullable InputSpec input;

  private final String name;

  private SeriesNetwork(RecipeTask task, List<Head> heads) {
    this.task = task;
    this.heads = heads;
    Map<String, InputSpec> inputs = task.model().inputs();
    this.name = inputs.isEmpty() ? "window" : inputs.keySet().iterator().next();
    this.input = inputs.get(name);
  }

  /** Null when the recipe does not fit. */
  static @Nullable RecipeNetwork of(RecipeTask task, List<Head> heads) {
    return new SeriesNetwork(task, heads).network();
  }

  private @Nullable RecipeNetwork network() {
    for (Head head : heads) {
      if (head.kind() != Head.Kind.NUMBERS) {
        task.violate(
            RecipeExpansion.targetPointer(head.target()),
            "The recipe 'series' forecasts numbers, and this target is none: another recipe"
                + " predicts classes from single rows");
      }
    }
    int inputs = task.model().inputs().size();
    if (inputs > 1) {
      task.violate(
          "/model/inputs",
          "The recipe 'series' takes one input, the window of all columns; got %d"
              .formatted(inputs));
    }
    if (input != null && (input.like() != null || input.shape() != null)) {
      task.violate(
          Violation.pointer("/model/inputs", name),
          "A recipe needs the columns of its inputs: name them, or write the 'layers' of a"
              + " network");
    }
    List<String> columns = columns();
    if (columns.isEmpty() && task.violations().isEmpty()) {
      task.violate(
          task.at(),
          "The recipe 'series' needs columns of numbers, and the table has none to look back at");
    }
    return task.violations().isEmpty() ? network(columns) : null;
  }

  /** Whether a share of each series holds enough windows to choose an epoch. */
  static boolean canHoldBack(double share, ModelSpec model, RecipeSpec recipe, TableProfile table) {
    InputSpec input = model.inputs().values().stream().findFirst().orElse(null);
    int length = length(input, recipe, table);
    int ahead = ahead(model, recipe);
    String group =
        input != null && input.window() != null ? input.window().group() : recipe.text("group");
    long series = group == null ? 1 : table.column(group).map(table::distinct).orElse(1L);
    double rows = share * table.rows() / Math.max(1, series);
    return rows - length - ahead + 1 >= FEW_WINDOWS;
  }

  /** How many rows ahead the furthest target is. */
  private static int ahead(ModelSpec model, RecipeSpec recipe) {
    return model.targets().values().stream()
        .mapToInt(target -> target.offset() > 0 ? target.offset() : recipe.integer("horizon"))
        .max()
        .orElse(0);
  }

  private static int length(@Nullable InputSpec input, RecipeSpec recipe, TableProfile table) {
    return input != null && input.window() != null
        ? input.window().length()
        : recipe.integer("window", (int) Math.clamp(table.rows() / SHARE, 2, (long) WINDOW));
  }

  /** The input as it is given, with what the recipe adds. */
  private ObjectNode input(List<String> columns, int length) {
    ObjectNode json =
        input == null
            ? RecipeNetwork.object()
            : (ObjectNode) task.given().path("inputs").get(name).deepCopy();
    if (!json.has("column")) {
      columns.forEach(json.putArray("columns")::add);
    }
    if (!json.hasNonNull("window")) {
      ObjectNode window = json.putObject("window").put("length", length);
      String group = task.recipe().text("group");
      String order = order();
      if (group != null) {
        window.put("group", group);
      }
      if (order != null) {
        window.put("order_by", order);
      }
    }
    if (!json.hasNonNull("scale")) {
      json.put("scale", "standard");
    }
    boolean missing =
        columns.stream()
            .anyMatch(
                each -> task.table().column(each).filter(task.table()::hasMissing).isPresent());
    if (missing && !json.hasNonNull("impute")) {
      json.put("impute", "mean");
    }
    return json;
  }

  /** Warns of settings whose place in the model the caller filled. */
  private void warnOfSettings() {
    if (task.model().targets().values().stream().allMatch(target -> target.offset() > 0)) {
      warnOfSetting("horizon", "each target has an 'offset'");
    }
    if (input != null && input.window() != null) {
      for (String setting : List.of("window", "group", "order_by")) {
        warnOfSetting(setting, "the input '%s' has a 'window'".formatted(name));
      }
    }
  }

  private void warnOfSetting(String setting, String why) {
    if (task.recipe().given().containsKey(setting)) {
      task.warn(
          "/model/network/" + setting,
          "setting_without_effect",
          "'%s' changes nothing: %s. Leave one of them out".formatted(setting, why));
    }
  }

  private RecipeNetwork network(List<String> columns) {
    RecipeSpec recipe = task.recipe();
    warnOfSettings();
    int length = length(input, recipe, task.table());
    ObjectNode inputs = RecipeNetwork.object();
    inputs.set(name, input(columns, length));
    Layers layers = new Layers(inputs.propertyNames());
    String last = layers.plain("last_step", "last", name);
    ObjectNode level = layers.add("repeat", layers.name("level"), List.of(last)).put("n", length);
    String changes = layers.plain("subtract", "changes", name, Layers.nameOf(level));
    String flat = layers.plain("flatten", "flat", changes);
    boolean counted = input == null || input.missingIndicator().equals(ByColumn.all(false));
    List<Integer> starts = new ArrayList<>();
    for (Head head : heads) {
      starts.add(counted && hasScaleOf(head, inputs.path(name)) ? start(head, columns) : -1);
    }
    if (starts.contains(-1)) {
      // No last value is added to that forecast, so the level must be seen.
      flat = layers.plain("concat", "seen", flat, last);
    }
    String hidden =
        Layers.nameOf(
            penalized(layers.dense("dense", flat, recipe.integer("units")))
                .put("activation", "relu"));
    double rate = recipe.number("dropout").doubleValue();
    if (rate > 0) {
      hidden =
          Layers.nameOf(
              layers.add("dropout", layers.name("dropout"), List.of(hidden)).put("rate", rate));
    }
    Map<String, String> outputs = new LinkedHashMap<>();
    for (int i = 0; i < heads.size(); i++) {
      Head head = heads.get(i);
      String suffix = heads.size() == 1 ? "" : "_" + head.target();
      // A sum of zeros: the first forecast is the last value.
      List<String> sum = new ArrayList<>();
      sum.add(zeros(layers, "line" + suffix, flat, head));
      sum.add(zeros(layers, "bend" + suffix, hidden, head));
      int start = starts.get(i);
      if (start >= 0) {
        ObjectNode own =
            layers
                .add("slice", layers.name("now" + suffix), List.of(last))
                .put("axis", 0)
                .put("start", start)
                .put("end", start + head.units());
        sum.add(Layers.nameOf(own));
      }
      String out = Head.layer(heads, head, layers);
      ObjectNode _ = layers.add("add", out, sum);
      outputs.put(head.target(), out);
    }
    ObjectNode targets = Head.targets(task.given(), heads, outputs, false);
    targets
        .properties()
        .forEach(
            target -> {
              if (!target.getValue().hasNonNull("offset")) {
                ((ObjectNode) target.getValue()).put("offset", recipe.integer("horizon"));
              }
            });
    ObjectNode training = RecipeNetwork.object();
    Head.measure(training, heads, outputs);
    training.putObject("optimizer").put("type", "adam").put("learning_rate", 0.002);
    training.put("batch_size", 32);
    RecipeNetwork.stop(training, task.table(), 300, 30);
    return new RecipeNetwork(inputs, targets, layers.network(outputs.values()), training);
  }

  private String zeros(Layers layers, String wanted, String input, Head head) {
    return Layers.nameOf(
        penalized(layers.dense(wanted, input, head.units())).put("initializer", "zeros"));
  }

  private ObjectNode penalized(ObjectNode layer) {
    int leftOut = ahead(task.model(), task.recipe()) - 1;
    if (leftOut > 0) {
      double penalty = (double) PENALTY * Math.min(FAR, leftOut) / task.table().rows();
      layer
          .putObject("regularizer")
          .put("l2", new BigDecimal(penalty).round(new MathContext(2)).doubleValue());
    }
    return layer;
  }

  /** Whether a number of the window is the same number as a target. */
  private boolean hasScaleOf(Head head, JsonNode window) {
    JsonNode target = task.given().path("targets").path(head.target());
    return target.hasNonNull("scale")
        ? target.get("scale").equals(window.get("scale"))
        : window.path("scale").asString("").equals("standard");
  }

  /** Where the target's columns are in a row of the window; −1: they are not, or not together. */
  private int start(Head head, List<String> columns) {
    List<String> own = head.spec().columns();
    int start = columns.indexOf(own.getFirst());
    boolean numbers = columns.stream().allMatch(this::isNumber);
    return numbers
            && start >= 0
            && start + own.size() <= columns.size()
            && columns.subList(start, start + own.size()).equals(own)
        ? start
        : -1;
  }

  /** The targets first, then the other numbers, unless the caller names columns. */
  private List<String> columns() {
    if (input != null && !input.takesAllColumns()) {
      return input.columns();
    }
    List<String> columns = new ArrayList<>();
    heads.forEach(head -> columns.addAll(head.spec().columns()));
    List<String> used =
        Stream.of(task.recipe().text("group"), order()).filter(Objects::nonNull).toList();
    for (Column column : Features.unused(task)) {
      if (used.contains(column.name())) {
        continue;
      }
      if (column.type().isNumber() && !column.isEmpty() && !Features.isConstant(column)) {
        columns.add(column.name());
      } else {
        task.warn(
            task.at(),
            "column_left_out",
            "The recipe leaves column '%s' out: it looks back at numbers that change. To use it, name it in 'inputs'"
                .formatted(column.name()));
      }
    }
    columns.removeIf(each -> !isNumber(each));
    return columns.stream().distinct().toList();
  }

  private boolean isNumber(String column) {
    return task.table().column(column).filter(each -> each.type().isNumber()).isPresent();
  }

  /** The given column, or the only one of times. */
  private @Nullable String order() {
    String given = task.recipe().text("order_by");
    if (given != null) {
      return given;
    }
    List<Column> times =
        task.table().columns().stream()
            .filter(column -> column.type() == ColumnType.TIMESTAMP)
            .filter(column -> !task.table().hasMissing(column))
            .toList();
    return times.size() == 1 ? times.getFirst().name() : null;
  }
}
