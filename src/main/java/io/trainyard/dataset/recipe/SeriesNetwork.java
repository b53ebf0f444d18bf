package io.trainyard.dataset.recipe;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The recipe series: a target is its last value, plus a line and two dense layers over how the
 * window differs from its last row. So a level that moves away from the training rows does no harm.
 */
final class SeriesNetwork {
  private static final int WINDOW = 24;

  /** A window is at most this share of the rows. */
  private static final int SHARE = 6;

  private SeriesNetwork() {}

  static @Nullable RecipeNetwork of(
      JsonNode given,
      ModelSpec model,
      RecipeSpec recipe,
      List<Head> heads,
      TableProfile table,
      String at,
      Violations violations,
      List<Warning> warnings) {
    for (Head head : heads) {
      if (head.kind() != Head.Kind.NUMBERS) {
        violations.add(
            RecipeExpansion.targetPointer(head.target()),
            "The recipe 'series' forecasts numbers, and this target is none: another recipe"
                + " predicts classes from single rows");
      }
    }
    if (model.inputs().size() > 1) {
      violations.add(
          "/model/inputs",
          "The recipe 'series' takes one input, the window of all columns; got %d"
              .formatted(model.inputs().size()));
    }
    String name = model.inputs().isEmpty() ? "window" : model.inputs().keySet().iterator().next();
    InputSpec input = model.inputs().get(name);
    if (input != null && (input.like() != null || input.shape() != null)) {
      violations.add(
          Violation.pointer("/model/inputs", name),
          "A recipe needs the columns of its inputs: name them, or write the 'layers' of a"
              + " network");
    }
    List<String> columns = columns(model, input, recipe, heads, table, at, warnings);
    if (columns.isEmpty() && violations.isEmpty()) {
      violations.add(
          at,
          "The recipe 'series' needs columns of numbers, and the table has none to look back at");
    }
    if (!violations.isEmpty()) {
      return null;
    }
    int length =
        input != null && input.window() != null
            ? input.window().length()
            : recipe.integer("window", (int) Math.clamp(table.rows() / SHARE, 2, (long) WINDOW));
    ObjectNode json =
        input == null
            ? RecipeNetwork.object()
            : (ObjectNode) given.path("inputs").get(name).deepCopy();
    if (!json.has("column")) {
      ArrayNode list = json.putArray("columns");
      columns.forEach(list::add);
    }
    if (!json.hasNonNull("window")) {
      ObjectNode window = json.putObject("window").put("length", length);
      String group = recipe.text("group");
      String order = order(recipe, table);
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
        columns.stream().anyMatch(each -> table.column(each).map(table::hasMissing).orElse(false));
    if (missing && !json.hasNonNull("impute")) {
      json.put("impute", "mean");
    }
    ObjectNode inputs = RecipeNetwork.object();
    inputs.set(name, json);
    boolean counted = input == null || input.missingIndicator().equals(ByColumn.all(false));
    return network(given, recipe, heads, table, inputs, name, columns, length, counted);
  }

  private static RecipeNetwork network(
      JsonNode given,
      RecipeSpec recipe,
      List<Head> heads,
      TableProfile table,
      ObjectNode inputs,
      String name,
      List<String> columns,
      int length,
      boolean counted) {
    Layers layers = new Layers(inputs.propertyNames());
    String last = layers.name("last");
    ObjectNode _ = layers.add("last_step", last, List.of(name));
    String level = layers.name("level");
    ObjectNode _ = layers.add("repeat", level, List.of(last)).put("n", length);
    String changes = layers.name("changes");
    ObjectNode _ = layers.add("subtract", changes, List.of(name, level));
    String flat = layers.name("flat");
    ObjectNode _ = layers.add("flatten", flat, List.of(changes));
    List<Integer> starts = new ArrayList<>();
    for (Head head : heads) {
      boolean added = counted && hasScaleOf(head, given, inputs.path(name));
      starts.add(added ? start(head, columns, table) : -1);
    }
    if (starts.contains(-1)) {
      // No last value is added to that forecast, so the level must be seen.
      String changed = flat;
      flat = layers.name("seen");
      ObjectNode _ = layers.add("concat", flat, List.of(changed, last));
    }
    String dense = layers.name("dense");
    layers
        .add("dense", dense, List.of(flat))
        .put("units", recipe.integer("units"))
        .put("activation", "relu");
    double rate = recipe.number("dropout").doubleValue();
    String hidden = rate == 0 ? dense : layers.name("dropout");
    if (rate > 0) {
      ObjectNode _ = layers.add("dropout", hidden, List.of(dense)).put("rate", rate);
    }
    Map<String, String> outputs = new LinkedHashMap<>();
    for (int i = 0; i < heads.size(); i++) {
      Head head = heads.get(i);
      String suffix = heads.size() == 1 ? "" : "_" + head.target();
      String line = layers.name("line" + suffix);
      // A sum of zeros: the first forecast is the last value.
      layers
          .add("dense", line, List.of(flat))
          .put("units", head.units())
          .put("initializer", "zeros");
      String bend = layers.name("bend" + suffix);
      layers
          .add("dense", bend, List.of(hidden))
          .put("units", head.units())
          .put("initializer", "zeros");
      List<String> sum = new ArrayList<>(List.of(line, bend));
      int start = starts.get(i);
      if (start >= 0) {
        String own = layers.name("now" + suffix);
        layers
            .add("slice", own, List.of(last))
            .put("axis", 0)
            .put("start", start)
            .put("end", start + head.units());
        sum.add(own);
      }
      String out = Head.layer(heads, head, layers);
      ObjectNode _ = layers.add("add", out, sum);
      outputs.put(head.target(), out);
    }
    ObjectNode network = RecipeNetwork.object();
    network.set("layers", layers.list());
    if (heads.size() > 1) {
      outputs.values().forEach(network.putArray("outputs")::add);
    }
    ObjectNode targets = Head.targets(given, heads, outputs, false);
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
    if (table.validates()) {
      training.put("epochs", 300);
      training.putObject("early_stopping").put("monitor", "val_loss").put("patience", 30);
    } else {
      training.put("epochs", 60);
    }
    return new RecipeNetwork(inputs, targets, network, training);
  }

  /** Whether a number of the window is the same number as a target. */
  private static boolean hasScaleOf(Head head, JsonNode given, JsonNode input) {
    JsonNode target = given.path("targets").path(head.target());
    return target.hasNonNull("scale")
        ? target.get("scale").equals(input.get("scale"))
        : input.path("scale").asString("").equals("standard");
  }

  /** Where the target's columns are in a row of the window; −1: they are not, or not together. */
  private static int start(Head head, List<String> columns, TableProfile table) {
    List<String> own = head.spec().columns();
    int start = columns.indexOf(own.getFirst());
    boolean numbers =
        columns.stream()
            .allMatch(name -> table.column(name).map(column -> column.type().isNumber()).orElse(false));
    return numbers
            && start >= 0
            && start + own.size() <= columns.size()
            && columns.subList(start, start + own.size()).equals(own)
        ? start
        : -1;
  }

  /** The targets first, then the other numbers, unless the caller names columns. */
  private static List<String> columns(
      ModelSpec model,
      @Nullable InputSpec input,
      RecipeSpec recipe,
      List<Head> heads,
      TableProfile table,
      String at,
      List<Warning> warnings) {
    if (input != null && !input.takesAllColumns()) {
      return input.columns();
    }
    List<String> columns = new ArrayList<>();
    heads.forEach(head -> columns.addAll(head.spec().columns()));
    List<String> used =
        Stream.of(recipe.text("group"), order(recipe, table)).filter(Objects::nonNull).toList();
    for (Column column : Features.unused(model, table)) {
      if (used.contains(column.name())) {
        continue;
      }
      if (column.type().isNumber() && !column.isEmpty() && !Features.isConstant(column)) {
        columns.add(column.name());
      } else {
        warnings.add(
            new Warning(
                at,
                "column_left_out",
                "The recipe leaves column '%s' out: it looks back at numbers that change. To use it, name it in 'inputs'"
                    .formatted(column.name())));
      }
    }
    columns.removeIf(name -> !table.column(name).map(column -> column.type().isNumber()).orElse(false));
    return columns.stream().distinct().toList();
  }

  /** The given column, or the only one of times. */
  private static @Nullable String order(RecipeSpec recipe, TableProfile table) {
    String given = recipe.text("order_by");
    if (given != null) {
      return given;
    }
    List<Column> times =
        table.columns().stream()
            .filter(column -> column.type() == ColumnType.TIMESTAMP && !table.hasMissing(column))
            .toList();
    return times.size() == 1 ? times.getFirst().name() : null;
  }
}
