package io.trainyard.spec;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.TargetSpec.Source;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads one target of a model: the source of its values, and their type. */
final class TargetReader {
  private static final List<String> SOURCES = List.of("column", "columns", "input", "layer");

  private TargetReader() {}

  static @Nullable TargetSpec read(JsonObject target) {
    Source source = source(target);
    String output = target.text("output");
    TargetSpec.Type type =
        target.has("type") ? target.choice("type", TargetSpec.Type.NUMBER) : null;
    List<String> classes = classes(target);
    TargetSpec.Label label = label(target, classes);
    Shape shape = InputReader.shape(target);
    Scaling scale = Scaling.read(target);
    int offset = target.integer("offset", 0, 0, 1_000_000);
    if (!classes.isEmpty() && type == null) {
      type = TargetSpec.Type.CLASS;
    }
    if (type == TargetSpec.Type.NUMBER && !classes.isEmpty()) {
      target.violate("classes", "A target of type number has no classes");
    }
    if (type == TargetSpec.Type.CLASS && !(scale instanceof Scaling.None)) {
      target.violate("scale", "A target of type class is not scaled");
    }
    if (type == TargetSpec.Type.CLASS && source != null && !isOneColumn(source)) {
      target.violate("type", "A target of type class takes one 'column'");
    }
    if (source instanceof Source.Input && !(scale instanceof Scaling.None)) {
      target.violate("scale", "The target is an encoded input: scale that input instead");
    }
    return source == null
        ? null
        : new TargetSpec(source, output, type, classes, label, offset, shape, scale);
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
      String at = Violation.pointer(target.pointer("classes"), i);
      if (!label.isString() && !label.isNumber() && !label.isBoolean()) {
        target.violations().add(at, "A label was expected, got " + JsonObject.describe(label));
      } else if (!seen.add(TargetSpec.Label.text(label))) {
        target.violations().add(at, "The class " + JsonObject.describe(label) + " is listed twice");
      } else {
        classes.add(TargetSpec.Label.text(label));
      }
    }
    return classes;
  }
}
