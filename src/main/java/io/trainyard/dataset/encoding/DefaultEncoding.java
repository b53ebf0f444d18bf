package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelReference;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.training.Scores;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of an imported model that comes without one: every column is a plain number, or a
 * whole one under {@code encode: index}, and the classes are those of the spec, or "0", "1", … An
 * output without a softmax or sigmoid gives logits.
 */
final class DefaultEncoding {
  private static final ColumnProfile UNSEEN =
      new ColumnProfile(0, 0, null, null, null, null, null, List.of(), List.of(), null);

  private final ModelSpec model;
  private final String pointer;
  private final LearnedEncodings learned;
  private final Violations violations;

  DefaultEncoding(
      ModelSpec model, String pointer, LearnedEncodings learned, Violations violations) {
    this.model = model;
    this.pointer = pointer;
    this.learned = learned;
    this.violations = violations;
  }

  /** Null when the model needs learned values; the violations say which. */
  @Nullable Encoding encoding() {
    long before = violations.count();
    model.inputs().forEach(this::checkNothingLearned);
    if (violations.count() > before) {
      return null;
    }
    Map<String, Column> columns = new LinkedHashMap<>();
    Map<String, Shape> like = new LinkedHashMap<>();
    model.inputs().forEach((name, input) -> addInput(name, input, columns, like));
    NetworkShapes shapes = shapes(like);
    Map<String, List<String>> classes = new LinkedHashMap<>();
    model.targets().forEach((name, target) -> addTarget(name, target, shapes, columns, classes));
    List<Column> read = List.copyOf(columns.values());
    Encoding encoding =
        new ColumnEncodingBuilder(
                model,
                pointer,
                new KnownColumns(
                    read,
                    read,
                    (column, _, _) -> classes.getOrDefault(column.name(), List.of()),
                    violations),
                learned,
                violations,
                Tolerance.NONE)
            .encoding(null);
    encoding.targets().forEach(this::checkNothingLearned);
    return violations.count() > before
        ? null
        : new Encoding(
            encoding.inputs(), labelled(encoding.meaning(scores(encoding)).targets()), true);
  }

  /** A column may be an input too, as a number; its labels have the type that the spec gives. */
  private Map<String, TargetEncoding> labelled(Map<String, TargetEncoding> targets) {
    Map<String, TargetEncoding> labelled = new LinkedHashMap<>(targets);
    labelled.replaceAll(
        (name, target) ->
            target instanceof TargetEncoding.ClassTarget own
                ? own.with(type(model.target(name).label()))
                : target);
    return labelled;
  }

  /** Whether the labels of a class were made up here. */
  static boolean isMadeUp(TargetEncoding.ClassTarget target) {
    return target.type() == ColumnType.STRING
        && target.classes().equals(labels(target.classes().size()));
  }

  /** What the outputs of the targets mean; softmax(log p) is p. */
  private Map<String, Scores> scores(Encoding encoding) {
    Map<String, Scores> scores = new LinkedHashMap<>();
    encoding
        .targets()
        .forEach(
            (name, target) ->
                scores.put(
                    name,
                    isLogits(model.network().computing(target.output()).spec())
                        ? Scores.LOGIT
                        : Scores.PROBABILITY));
    return scores;
  }

  private static boolean isLogits(LayerSpec layer) {
    if (layer instanceof LayerSpec.Foreign foreign) {
      return !foreign.probabilities();
    }
    Function last = layer.activation().function();
    return last == Function.LINEAR || last == Function.LOG_SOFTMAX;
  }

  private void checkNothingLearned(String name, InputSpec input) {
    String at = Violation.pointer(pointer + "/inputs", name);
    if (input.takesAllColumns()) {
      violations.add(at + "/columns", "Without 'encoding' the columns must be named");
    }
    check(
        input.scale(),
        Scaling::learns,
        at + "/scale",
        "This scale is learned; 'encoding' must give its numbers");
    check(
        input.impute(),
        Imputation::learns,
        at + "/impute",
        "The imputed value is learned; 'encoding' must give it");
    check(
        input.impute(),
        Imputation.Text.class::isInstance,
        at + "/impute",
        "Text columns have categories, which 'encoding' must give");
    check(
        input.missingIndicator(),
        Boolean::booleanValue,
        at + "/missing_indicator",
        "Which columns have missing values is learned; 'encoding' must say it");
    if (input.encode().all() == InputSpec.Encode.AUTO) {
      violations.add(at + "/encode", "The categories are learned; 'encoding' must give them");
    }
    if (input.unknown() == InputSpec.Unknown.INDEX) {
      violations.add(at + "/unknown", "The categories are learned; 'encoding' must give them");
    }
    for (String column : input.encode().byColumn().keySet()) {
      violations.add(
          Violation.pointer(at + "/encode", column),
          "The categories are learned; 'encoding' must give them");
    }
  }

  /** Refuses what is learned, for all columns or for those that are named. */
  private <T> void check(ByColumn<T> choices, Predicate<T> learned, String at, String detail) {
    if (learned.test(choices.others())) {
      violations.add(at, detail);
    }
    choices
        .named()
        .forEach(
            (column, choice) -> {
              if (learned.test(choice)) {
                violations.add(Violation.pointer(at, column), detail);
              }
            });
  }

  private void checkNothingLearned(String name, TargetEncoding target) {
    if (target instanceof TargetEncoding.NumberTarget numbers
        && numbers.encoding().numbers().stream().anyMatch(number -> number.learned() == null)) {
      String at = Violation.pointer(pointer + "/targets", name);
      boolean clips = numbers.encoding().numbers().getFirst().traits().clipped();
      violations.add(
          clips ? at + "/clip" : at + "/scale",
          clips
              ? "This range is learned; 'encoding' must give its numbers"
              : "This scale is learned; 'encoding' must give its numbers");
    }
    if (target instanceof TargetEncoding.ClassTarget labels && labels.decision().best() != null) {
      violations.add(
          Violation.pointer(pointer + "/targets", name) + "/threshold",
          "This threshold is chosen on rows; 'encoding' must give its number");
    }
  }

  private void addInput(
      String name, InputSpec input, Map<String, Column> columns, Map<String, Shape> like) {
    if (input.like() == null) {
      addColumns(input, columns);
      return;
    }
    ModelReference version = ModelReference.parse(input.like());
    learned
        .find(version.model(), version.version())
        .map(found -> found.encoding().inputs())
        .map(inputs -> inputs.size() == 1 ? inputs.values().iterator().next() : inputs.get(name))
        .ifPresent(
            copied -> {
              like.put(name, copied.shape());
              for (ColumnEncoding column : copied.columns()) {
                columns.putIfAbsent(
                    column.column(),
                    new Column(column.column(), column.type(), column.shape(), true, UNSEEN));
              }
            });
  }

  /** One column with a shape is a tensor; several columns with a shape are plain numbers. */
  private static void addColumns(InputSpec input, Map<String, Column> columns) {
    RowWindow window = input.window();
    ColumnType type =
        input.encode().asks(InputSpec.Encode.INDEX) ? ColumnType.INTEGER : ColumnType.NUMBER;
    Shape shape = window == null ? input.shape() : null;
    for (String time : input.times().keySet()) {
      columns.putIfAbsent(time, new Column(time, ColumnType.TIMESTAMP, null, true, UNSEEN));
    }
    addColumns(
        input.columns(),
        type,
        shape == null || input.layout() == null ? shape : RowShape.source(input.layout(), shape),
        columns);
    if (window != null && window.group() != null) {
      columns.putIfAbsent(
          window.group(), new Column(window.group(), ColumnType.STRING, null, false, UNSEEN));
    }
    if (window != null && window.orderBy() != null) {
      columns.putIfAbsent(
          window.orderBy(), new Column(window.orderBy(), ColumnType.INTEGER, null, true, UNSEEN));
    }
  }

  private static void addColumns(
      List<String> names, ColumnType type, @Nullable Shape shape, Map<String, Column> columns) {
    boolean tensor = names.size() == 1 && shape != null && shape.elements() > 1;
    for (String name : names) {
      columns.putIfAbsent(
          name,
          tensor
              ? new Column(name, ColumnType.TENSOR, shape, type == ColumnType.INTEGER, UNSEEN)
              : new Column(name, type, null, type == ColumnType.INTEGER, UNSEEN));
    }
  }

  private static Shape shape(InputSpec input) {
    if (input.shape() != null) {
      return input.shape();
    }
    Shape row = Shape.of(input.declaredFeatures());
    return input.window() == null ? row : row.batched(input.window().length());
  }

  private NetworkShapes shapes(Map<String, Shape> like) {
    Map<String, Shape> inputs = new LinkedHashMap<>(like);
    model
        .inputs()
        .forEach(
            (name, input) -> {
              if (input.like() == null) {
                inputs.put(name, shape(input));
              }
            });
    // The import reports errors of the network itself.
    return ShapeInference.infer(model.network(), inputs, "", new Violations());
  }

  private void addTarget(
      String name,
      TargetSpec target,
      NetworkShapes shapes,
      Map<String, Column> columns,
      Map<String, List<String>> classes) {
    String output = model.outputOf(name);
    List<String> names = target.columns();
    if (names.isEmpty() || output == null || !shapes.layers().containsKey(output)) {
      return;
    }
    Shape shape = shapes.of(output);
    boolean label = target.type() == null ? isSoftmax(output) : isClass(target);
    if (label && names.size() == 1) {
      String column = names.getFirst();
      columns.putIfAbsent(column, new Column(column, type(target.label()), null, false, UNSEEN));
      int count = shape.rank() == 0 || shape.last() == 1 ? 2 : shape.last();
      classes.put(column, target.classes().isEmpty() ? labels(count) : target.classes());
    } else {
      addColumns(
          names,
          ColumnType.NUMBER,
          target.shape() == null && names.size() == 1 ? shape : target.shape(),
          columns);
    }
  }

  private static ColumnType type(TargetSpec.Label label) {
    return switch (label) {
      case TEXT -> ColumnType.STRING;
      case INTEGER -> ColumnType.INTEGER;
      case NUMBER -> ColumnType.NUMBER;
      case BOOLEAN -> ColumnType.BOOLEAN;
    };
  }

  private static boolean isClass(TargetSpec target) {
    return target.type() == TargetSpec.Type.CLASS;
  }

  private boolean isSoftmax(String output) {
    return switch (model.network().computing(output).spec()) {
      case CoreSpec.Dense dense -> dense.activation().runsAlongAxis();
      case CoreSpec.Activation activation -> activation.activation().runsAlongAxis();
      case LayerSpec.Foreign foreign -> foreign.probabilities() && foreign.shape().rank() > 0;
      default -> false;
    };
  }

  private static List<String> labels(int count) {
    return IntStream.range(0, count).mapToObj(String::valueOf).toList();
  }
}
