package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.TargetSpec.Source;
import io.trainyard.spec.training.Metric;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads one target of a model: the source of its values, and their type. */
final class TargetReader {
  private static final List<String> SOURCES = List.of("column", "columns", "input", "layer");
  private static final List<String> RULE = List.of("positive", "threshold");

  private TargetReader() {}

  static @Nullable TargetSpec read(JsonObject target) {
    Source source = source(target);
    String output = target.text("output");
    TargetSpec.Type type =
        target.has("type") ? target.choice("type", TargetSpec.Type.NUMBER) : null;
    List<String> classes = classes(target);
    TargetSpec.Label label = label(target, classes);
    Shape shape = InputReader.shape(target);
    ByColumn<Scaling> scale =
        Scaling.byColumn(
            target,
            source instanceof Source.Columns(List<String> columns, boolean _) ? columns : null);
    checkUndone(target, scale);
    TargetSpec.Clip clip = target.choice("clip", TargetSpec.Clip.NONE);
    if (clip != TargetSpec.Clip.NONE) {
      checkClip(target, type, source, classes);
    }
    boolean scaled = scale.any(each -> !(each instanceof Scaling.None));
    int offset = target.integer("offset", 0, 0, 1_000_000);
    TargetSpec.Rule rule = new TargetSpec.Rule(positive(target), threshold(target));
    if (!classes.isEmpty() && type == null) {
      type = TargetSpec.Type.CLASS;
    }
    if (type != null && type != TargetSpec.Type.CLASS && !classes.isEmpty()) {
      target.violate("classes", "A target of type " + type.word() + " has no classes");
    }
    if (type == TargetSpec.Type.SURVIVAL) {
      checkSurvival(target, source, scaled);
    }
    if (type == TargetSpec.Type.CLASS && scaled) {
      target.violate("scale", "A target of type class is not scaled");
    }
    if (type == TargetSpec.Type.CLASS && source != null && !isOneColumn(source)) {
      target.violate("type", "A target of type class takes one 'column'");
    }
    if (source instanceof Source.Input && scaled) {
      target.violate("scale", "The target is an encoded input: scale that input instead");
    }
    checkRule(target, type, source, classes, rule);
    if (source instanceof Source.LayerOutput && scaled) {
      target.violate("scale", "The target is what a layer gives, which is not scaled");
    }
    return source == null
        ? null
        : new TargetSpec(source, output, type, classes, label, offset, shape, scale, clip, rule);
  }

  /** A target's scale must be undone on predictions. */
  private static void checkUndone(JsonObject target, ByColumn<Scaling> scale) {
    String detail =
        "A prediction has no way back from this scale, which is for inputs; write standard, minmax,"
            + " unit or {\"divide\": 255}";
    if (!scale.others().isUndone()) {
      target.violate("scale", detail);
    }
    scale
        .named()
        .forEach(
            (column, own) -> {
              if (!own.isUndone()) {
                target.violations().add(Violation.pointer(target.pointer("scale"), column), detail);
              }
            });
  }

  private static void checkClip(
      JsonObject target,
      TargetSpec.@Nullable Type type,
      @Nullable Source source,
      List<String> classes) {
    String fault =
        type == TargetSpec.Type.SURVIVAL
            ? "a log risk is no number that the rows hold"
            : type == TargetSpec.Type.CLASS || !classes.isEmpty()
                ? "a class has no range"
                : source != null && !(source instanceof Source.Columns)
                    ? "an input and a layer's output have none that is learned"
                    : null;
    if (fault != null) {
      target.violate("clip", "'clip' holds predicted numbers in the range of a column: " + fault);
    }
  }

  /** What a rule is given for that no data could give a meaning. */
  private static void checkRule(
      JsonObject target,
      TargetSpec.@Nullable Type type,
      @Nullable Source source,
      List<String> classes,
      TargetSpec.Rule rule) {
    String fault = null;
    if (type != null && type != TargetSpec.Type.CLASS) {
      fault = "A target of type " + type.word() + " has no classes";
    } else if (source instanceof Source.Input || source instanceof Source.LayerOutput) {
      fault = "A target that is an input or a layer's output has no classes";
    } else if (source instanceof Source.Columns own && own.columns().size() > 1) {
      fault = "A target of several columns has no classes; each of its labels decides at 0.5";
    } else if (classes.size() > 2) {
      fault = "There are %d classes".formatted(classes.size());
    }
    if (fault != null) {
      for (String member : RULE) {
        if (target.has(member)) {
          target.violate(
              member, "'%s' is for one column of two classes. %s".formatted(member, fault));
        }
      }
    } else if (rule.positive() != null
        && !classes.isEmpty()
        && !classes.contains(rule.positive())) {
      target.violate(
          "positive",
          "One of the classes %s was expected, got '%s'"
              .formatted(classes, JsonObject.shorten(rule.positive())));
    }
  }

  private static @Nullable String positive(JsonObject target) {
    JsonNode label = target.get("positive");
    if (label == null || label.isString() || label.isNumber() || label.isBoolean()) {
      return label == null ? null : TargetSpec.Label.text(label);
    }
    target.violate("positive", "A label was expected, got " + JsonObject.describe(label));
    return null;
  }

  private static TargetSpec.@Nullable Threshold threshold(JsonObject target) {
    JsonNode json = target.get("threshold");
    if (json == null) {
      return null;
    }
    if (json.isNumber() && Double.isFinite(json.doubleValue())) {
      return new TargetSpec.Threshold.Fixed(json.doubleValue());
    }
    JsonObject object = json.isObject() ? target.object("threshold") : null;
    if (object == null) {
      target.violate(
          "threshold",
          "A number was expected, or {\"best\": \"f1\"} to choose it on the validation rows; got "
              + JsonObject.describe(json));
      return null;
    }
    String word = object.has("best") ? object.text("best") : object.requiredText("best");
    object.finish();
    Metric metric = Metric.of(String.valueOf(word)).filter(Metric::isOfDecisions).orElse(null);
    if (metric == null) {
      if (word != null && object.has("best")) {
        List<String> fitting =
            Arrays.stream(Metric.values()).filter(Metric::isOfDecisions).map(Metric::word).toList();
        object.violate(
            "best",
            "A metric that depends on a threshold was expected: one of %s; got '%s'"
                .formatted(fitting, JsonObject.shorten(word)));
      }
      return null;
    }
    return new TargetSpec.Threshold.Best(metric);
  }

  private static void checkSurvival(JsonObject target, @Nullable Source source, boolean scaled) {
    if (source != null
        && !(source instanceof Source.Columns(List<String> columns, boolean alone)
            && !alone
            && columns.size() == 2)) {
      target.violate(
          "type",
          "A target of type survival takes two columns, a time and an event: \"columns\":"
              + " [\"time\", \"event\"]");
    }
    if (scaled) {
      target.violate(
          "scale", "A time and an event are not scaled: what is predicted is a log risk");
    }
    if (target.has("shape")) {
      target.violate("shape", "A target of type survival is a time and an event, without a shape");
    }
  }

  private static boolean isOneColumn(Source source) {
    return source instanceof Source.Columns own && own.columns().size() == 1;
  }

  private static @Nullable Source source(JsonObject target) {
    List<String> given = SOURCES.stream().filter(target::has).toList();
    if (given.size() != 1) {
      target
          .violations()
          .add(
              target.pointer(),
              "One of 'column', 'columns', 'input' and 'layer' is required, got "
                  + (given.isEmpty() ? "none" : given));
      return null;
    }
    String member = given.getFirst();
    if (member.equals("columns")) {
      List<String> columns = target.texts(member);
      if (columns != null && columns.isEmpty()) {
        target.violate(member, "At least one column was expected, got none");
        return null;
      }
      columns = columns == null ? null : InputReader.checked(target, member, columns);
      return columns == null ? null : new Source.Columns(columns);
    }
    String name = target.text(member);
    if (name == null) {
      return null;
    }
    return switch (member) {
      case "input" -> new Source.Input(name);
      case "layer" -> new Source.LayerOutput(name);
      default -> {
        List<String> columns = InputReader.checked(target, member, List.of(name));
        yield columns == null ? null : new Source.Columns(columns, true);
      }
    };
  }

  /** The JSON type of the labels; text when they have several. */
  private static TargetSpec.Label label(JsonObject target, List<String> classes) {
    JsonNode list = target.get("classes");
    if (list == null || classes.isEmpty()) {
      return TargetSpec.Label.TEXT;
    }
    Set<TargetSpec.Label> found = EnumSet.noneOf(TargetSpec.Label.class);
    for (JsonNode each : list) {
      found.add(TargetSpec.Label.of(each));
    }
    if (found.equals(Set.of(TargetSpec.Label.INTEGER, TargetSpec.Label.NUMBER))) {
      return TargetSpec.Label.NUMBER;
    }
    return found.size() > 1 ? TargetSpec.Label.TEXT : found.iterator().next();
  }

  /** Labels in the caller's order; numbers and booleans become text. */
  private static List<String> classes(JsonObject target) {
    JsonNode list = target.get("classes");
    if (list == null) {
      return List.of();
    }
    if (!list.isArray() || list.size() < 2) {
      target.violate(
          "classes",
          "A list of two or more labels was expected, got "
              + (list.isArray() ? "a list of " + list.size() : JsonObject.describe(list)));
      return List.of();
    }
    List<String> classes = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode label = list.get(i);
      if (!label.isString() && !label.isNumber() && !label.isBoolean()) {
        target.violate("classes", i, "A label was expected, got " + JsonObject.describe(label));
      } else if (!seen.add(TargetSpec.Label.text(label))) {
        target.violate(
            "classes", i, "The class " + JsonObject.describe(label) + " is listed twice");
      } else {
        classes.add(TargetSpec.Label.text(label));
      }
    }
    return classes;
  }
}
