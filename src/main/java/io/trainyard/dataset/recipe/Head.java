package io.trainyard.dataset.recipe;

import io.trainyard.dataset.Column;
import io.trainyard.spec.TargetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A target, and the output that it trains.
 *
 * @param units of the output: one for each class or number
 */
record Head(String target, TargetSpec spec, Kind kind, int units) {
  enum Kind {
    CLASSES,
    NUMBERS,
    SURVIVAL
  }

  private static final int MOST_CLASSES = 10_000;

  static List<Head> all(RecipeTask task) {
    List<Head> heads = new ArrayList<>();
    task.model()
        .targets()
        .forEach(
            (name, target) -> {
              Head head = of(name, target, task);
              if (head != null) {
                heads.add(head);
              }
            });
    return heads;
  }

  private static @Nullable Head of(String name, TargetSpec target, RecipeTask task) {
    TableProfile table = task.table();
    List<String> names = target.columns();
    if (names.isEmpty()) {
      return null;
    }
    if (target.type() == TargetSpec.Type.SURVIVAL) {
      return new Head(name, target, Kind.SURVIVAL, 1);
    }
    Column column = table.column(names.getFirst()).orElse(null);
    if (column == null) { // the encoding says so
      return target.type() == TargetSpec.Type.CLASS
          ? new Head(name, target, Kind.CLASSES, Math.max(2, target.classes().size()))
          : new Head(name, target, Kind.NUMBERS, names.size());
    }
    boolean isClass =
        target.type() == null
            ? column.type().isText() && names.size() == 1
            : target.type() == TargetSpec.Type.CLASS;
    if (!isClass) {
      return new Head(name, target, Kind.NUMBERS, names.size());
    }
    long classes = target.classes().isEmpty() ? table.distinct(column) : target.classes().size();
    String at = RecipeExpansion.targetPointer(name);
    if (classes < 2) {
      task.violate(
          at,
          "Column '%s' has only one class in the %d selected rows, so there is nothing to tell apart: name another column, or select other rows"
              .formatted(column.name(), table.rows()));
      return null;
    }
    if (classes > MOST_CLASSES || (classes > 20 && classes > table.rows() / 2)) {
      task.violate(
          at,
          "Column '%s' has %d classes in %d rows, so most rows have a class of their own: name a column that repeats, or predict a number"
              .formatted(column.name(), classes, table.rows()));
      return null;
    }
    return new Head(name, target, Kind.CLASSES, (int) classes);
  }

  boolean isClasses() {
    return kind == Kind.CLASSES;
  }

  String loss() {
    return switch (kind) {
      case CLASSES -> "categorical_crossentropy";
      case NUMBERS -> "mse";
      case SURVIVAL -> "cox";
    };
  }

  private List<String> metrics() {
    return switch (kind) {
      case CLASSES -> List.of("accuracy", "log_loss");
      case NUMBERS -> List.of("rmse", "mae", "r2");
      case SURVIVAL -> List.of("concordance");
    };
  }

  /** The layer of its output: one output needs no name that tells which target it is for. */
  static String layer(List<Head> heads, Head head, Layers layers) {
    String output = head.spec().output();
    return layers.name(output != null ? output : heads.size() == 1 ? "out" : head.target());
  }

  /**
   * The targets as they are given, with what a recipe adds.
   *
   * @param layers the output of each
   */
  static ObjectNode targets(
      JsonNode given, List<Head> heads, Map<String, String> layers, boolean clips) {
    ObjectNode targets = RecipeNetwork.object();
    for (Head head : heads) {
      ObjectNode target = (ObjectNode) given.path("targets").get(head.target()).deepCopy();
      if (head.kind() == Kind.NUMBERS && !target.hasNonNull("scale")) {
        target.put("scale", "standard");
      }
      if (head.kind() == Kind.NUMBERS && clips && !target.hasNonNull("clip")) {
        target.put("clip", "seen");
      }
      if (heads.size() > 1) {
        target.put("output", layers.get(head.target()));
      }
      targets.set(head.target(), target);
    }
    return targets;
  }

  /** Adds losses and metrics to a training. */
  static void measure(ObjectNode training, List<Head> heads, Map<String, String> layers) {
    if (heads.size() == 1) {
      training.put("loss", heads.getFirst().loss());
      ArrayNode metrics = training.putArray("metrics");
      heads.getFirst().metrics().forEach(metrics::add);
      return;
    }
    ObjectNode losses = training.putObject("losses");
    ObjectNode metrics = training.putObject("metrics");
    for (Head head : heads) {
      losses.put(layers.get(head.target()), head.loss());
      ArrayNode own = metrics.putArray(head.target());
      head.metrics().forEach(own::add);
    }
  }
}
