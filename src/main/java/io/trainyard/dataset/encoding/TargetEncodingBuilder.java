package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.TargetSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds the encoding of one target from the columns. */
final class TargetEncodingBuilder {
  private final ModelSpec model;
  private final String name;
  private final TargetSpec spec;
  private final String at;
  private final KnownColumns columns;
  private final Violations violations;
  private final Tolerance tolerance;

  /**
   * @param at its place in the body
   */
  TargetEncodingBuilder(
      ModelSpec model,
      String name,
      String at,
      KnownColumns columns,
      Violations violations,
      Tolerance tolerance) {
    this.tolerance = tolerance;
    this.model = model;
    this.name = name;
    this.spec = model.target(name);
    this.at = at;
    this.columns = columns;
    this.violations = violations;
  }

  /** Null when there are violations. */
  @Nullable TargetEncoding encoding(Map<String, InputEncoding> inputs) {
    String output = output();
    return switch (spec.source()) {
      case TargetSpec.Source.Columns named -> columnTarget(named, output);
      case TargetSpec.Source.Input(String input) -> {
        InputEncoding encoding = inputs.get(input);
        String fault = encoding == null ? null : notEqualled(input, encoding);
        if (encoding == null && !model.inputs().containsKey(input)) {
          fault = "There is no input '" + input + "'";
        }
        if (fault != null) {
          violations.add(at + "/input", fault);
        }
        yield new TargetEncoding.InputTarget(output, input);
      }
      case TargetSpec.Source.LayerOutput(String layer) ->
          new TargetEncoding.LayerTarget(output, layer);
    };
  }

  /** Why no output can equal an input; null when one can. */
  static @Nullable String notEqualled(String name, InputEncoding input) {
    ColumnEncoding lost = input.firstNotUndone();
    if (lost != null) {
      return "Input '%s' cannot be a target: no prediction can be turned back into column '%s', whose encoding has %s"
          .formatted(
              name,
              lost.column(),
              lost instanceof ColumnEncoding.Numeric number && number.isTime()
                  ? "features of a time"
                  : lost instanceof ColumnEncoding.Numeric number && number.scaling().isUndone()
                      ? "an indicator of missing values"
                      : "the scale robust or quantile");
    }
    return input.type() == ElementType.INT64
        ? "Input '" + name + "' holds indices, which no output can equal"
        : null;
  }

  /** The target with the rule of its spec; violations where it has no two classes to decide. */
  @Nullable TargetEncoding decided(@Nullable TargetEncoding target) {
    TargetSpec.Rule rule = spec.rule();
    if (target == null || (!(target instanceof TargetEncoding.ClassTarget) && rule.isDefault())) {
      return target;
    }
    List<String> classes =
        target instanceof TargetEncoding.ClassTarget labels ? labels.classes() : List.of();
    if (classes.size() == 2 && (rule.positive() == null || classes.contains(rule.positive()))) {
      return ((TargetEncoding.ClassTarget) target).decidedBy(Decision.of(rule, classes));
    }
    String found =
        classes.isEmpty()
            ? "the target is numbers; \"type\": \"class\" makes a column's values labels"
            : "there are %d: %s".formatted(classes.size(), JsonObject.shorten(classes));
    if (rule.positive() != null) {
      violations.add(
          at + "/positive",
          classes.size() == 2
              ? "One of the classes %s was expected, got '%s'"
                  .formatted(JsonObject.shorten(classes), JsonObject.shorten(rule.positive()))
              : "'positive' names one of two classes, and " + found);
    }
    if (rule.threshold() != null && classes.size() != 2) {
      violations.add(at + "/threshold", "'threshold' decides between two classes, and " + found);
    }
    return target;
  }

  /** The network output that the target trains. */
  String output() {
    List<String> outputs = model.network().outputs();
    if (spec.output() != null) {
      return spec.output();
    }
    if (outputs.size() == 1) {
      return outputs.getFirst();
    }
    // Without outputs the network is not known, which is said elsewhere.
    if (!outputs.isEmpty() && !outputs.contains(name)) {
      violations.add(
          at,
          "The network has the outputs "
              + String.join(", ", outputs)
              + "; 'output' must name the one that is trained on '"
              + name
              + "'");
    }
    return name;
  }

  private @Nullable TargetEncoding columnTarget(TargetSpec.Source.Columns named, String output) {
    List<Column> used = new ArrayList<>();
    for (int i = 0; i < named.columns().size(); i++) {
      String place = at + named.placeOf(i);
      Column column = columns.find(named.columns().get(i), place);
      if (column != null && column.profile().nulls() > 0 && !tolerance.targets()) {
        violations.add(
            place,
            KnownColumns.missing(column)
                + "; a row without its target cannot be trained on. Leave such rows out: \"where\":"
                + " \""
                + column.name()
                + " IS NOT NULL\" in 'dataset'");
      } else if (column != null) {
        used.add(column);
      }
    }
    if (used.isEmpty() || used.size() < named.columns().size()) {
      return null;
    }
    if (spec.type() == TargetSpec.Type.SURVIVAL) {
      return survivalTarget(named, used, output);
    }
    Column first = used.getFirst();
    boolean label =
        spec.type() == null
            ? used.size() == 1 && first.type().isText()
            : spec.type() == TargetSpec.Type.CLASS;
    return label ? classTarget(used, output) : numberTarget(named, used, output);
  }

  private @Nullable TargetEncoding classTarget(List<Column> used, String output) {
    Column column = used.getFirst();
    if (used.size() > 1 || column.type() == ColumnType.TENSOR) {
      violations.add(at + "/type", "A class is read from one column of labels");
      return null;
    }
    if (spec.isScaled()) {
      violations.add(at + "/scale", "A class has no scale");
      return null;
    }
    if (spec.clip() != TargetSpec.Clip.NONE) {
      violations.add(
          at + "/clip",
          "'clip' holds predicted numbers in the range of a column: a class has no range");
      return null;
    }
    List<String> found = columns.distinct(column, "classes", at);
    if (found == null) {
      return null;
    }
    List<String> classes = spec.classes();
    if (classes.isEmpty()) {
      classes = column.type().sorted(found);
    } else {
      List<String> given = classes;
      List<String> left = found.stream().filter(label -> !given.contains(label)).sorted().toList();
      List<String> foreign =
          given.stream().filter(label -> !ColumnEncodingReader.fits(label, column.type())).toList();
      if (!foreign.isEmpty()) {
        violations.add(
            at + "/classes",
            "Column '%s' is a %s, so %s cannot be among its labels"
                .formatted(column.name(), column.type().word(), JsonObject.shorten(foreign)));
        return null;
      }
      if (!left.isEmpty()) {
        violations.add(
            at + "/classes",
            "Column '"
                + column.name()
                + "' holds labels that are not listed: "
                + JsonObject.shorten(left));
        return null;
      }
    }
    if (classes.size() < 2) {
      violations.add(
          at,
          "Column '"
              + column.name()
              + "' holds only one label, "
              + JsonObject.shorten(classes)
              + "; a class needs at least two");
      return null;
    }
    return new TargetEncoding.ClassTarget(output, column.name(), column.type(), classes);
  }

  private @Nullable TargetEncoding survivalTarget(
      TargetSpec.Source.Columns named, List<Column> used, String output) {
    long before = violations.count();
    InputEncoding encoding = SurvivalColumns.encoding(used);
    SurvivalColumns.check(
        encoding, columns::known, column -> at + named.placeOf(column), violations);
    return violations.count() > before
        ? null
        : new TargetEncoding.RawTarget(output, encoding, true);
  }

  private @Nullable TargetEncoding numberTarget(
      TargetSpec.Source.Columns named, List<Column> used, String output) {
    int before = violations.size();
    List<ColumnEncoding> numbers = new ArrayList<>();
    // Every named column was found, so both lists have the same order.
    for (int i = 0; i < used.size(); i++) {
      Column column = used.get(i);
      ColumnType type = column.type();
      // Several yes-or-no questions are a vector of 0 and 1.
      boolean isBit =
          type == ColumnType.BOOLEAN && (used.size() > 1 || spec.type() == TargetSpec.Type.NUMBER);
      switch (isBit ? ColumnType.INTEGER : type) {
        case INTEGER, NUMBER, TENSOR -> {
          new FloatRange(column, at, violations).checkScale(spec.scale());
          numbers.add(
              ColumnEncoding.Numeric.of(
                  column,
                  new ColumnEncoding.Traits(List.of(), false, spec.clip() == TargetSpec.Clip.SEEN),
                  spec.scale().of(column.name()),
                  new Imputation.Refuse()));
        }
        case STRING, BOOLEAN, TIMESTAMP ->
            violations.add(
                at + named.placeOf(i),
                "Column '"
                    + column.name()
                    + "' is a "
                    + column.type().word()
                    + ", numbers were expected; for labels set 'type' to class");
      }
    }
    if (!spec.classes().isEmpty()) {
      violations.add(at + "/classes", "Numbers have no classes; 'type: class' makes them labels");
    }
    Shape shape =
        violations.size() > before
            ? null
            : new RowShape(at, violations).of(spec.shape(), null, numbers, null);
    return shape == null
        ? null
        : new TargetEncoding.NumberTarget(
            output, new InputEncoding(ElementType.FLOAT32, shape, numbers));
  }
}
