package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of an imported model that comes without one: every column is a plain number, and the
 * classes are "0", "1", …
 */
final class DefaultEncoding {
  private static final ColumnProfile UNSEEN =
      new ColumnProfile(0, 0, null, null, null, null, null, List.of(), List.of(), null);

  private final ModelSpec model;
  private final String pointer;
  private final Violations violations;

  DefaultEncoding(ModelSpec model, String pointer, Violations violations) {
    this.model = model;
    this.pointer = pointer;
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
    model.inputs().values().forEach(input -> addColumns(input, columns));
    NetworkShapes shapes = shapes();
    Map<String, Integer> classes = new LinkedHashMap<>();
    model.targets().forEach((name, target) -> addTarget(name, target, shapes, columns, classes));
    Encoding encoding =
        new ColumnEncodingBuilder(
                model,
                pointer,
                new KnownColumns(
                    List.copyOf(columns.values()),
                    (column, limit) -> labels(classes.getOrDefault(column.name(), 0)),
                    violations),
                (other, reference) -> Optional.empty(),
                violations)
            .encoding(null);
    encoding.targets().forEach(this::checkNothingLearned);
    return violations.count() > before ? null : encoding;
  }

  private void checkNothingLearned(String name, InputSpec input) {
    String at = Violation.pointer(pointer + "/inputs", name);
    if (input.takesAllColumns()) {
      violations.add(at + "/columns", "Without 'encoding' the columns must be named");
    }
    if (Affine.learns(input.scale())) {
      violations.add(at + "/scale", "This scale is learned; 'encoding' must give its numbers");
    }
    boolean learns =
        new ColumnEncoding.Numeric(
                name, ColumnType.NUMBER, null, input.scale(), input.impute(), null)
            .learns();
    if (learns && !Affine.learns(input.scale())) {
      violations.add(at + "/impute", "The imputed value is learned; 'encoding' must give it");
    }
  }

  private void checkNothingLearned(String name, TargetEncoding target) {
    if (target instanceof TargetEncoding.NumberTarget numbers
        && numbers.encoding().numbers().stream().anyMatch(number -> number.learned() == null)) {
      violations.add(
          Violation.pointer(pointer + "/targets", name) + "/scale",
          "This scale is learned; 'encoding' must give its numbers");
    }
  }

  /** One column with a shape is a tensor; several columns with a shape are plain numbers. */
  private static void addColumns(InputSpec input, Map<String, Column> columns) {
    RowWindow window = input.window();
    addColumns(input.columns(), window == null ? input.shape() : null, columns);
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
      List<String> names, @Nullable Shape shape, Map<String, Column> columns) {
    boolean tensor = names.size() == 1 && shape != null && shape.elements() > 1;
    for (String name : names) {
      columns.putIfAbsent(
          name,
          tensor
              ? new Column(name, ColumnType.TENSOR, shape, false, UNSEEN)
              : new Column(name, ColumnType.NUMBER, null, false, UNSEEN));
    }
  }

  private static Shape shape(InputSpec input) {
    if (input.shape() != null) {
      return input.shape();
    }
    Shape row = Shape.of(input.columns().size());
    return input.window() == null ? row : row.batched(input.window().length());
  }

  private NetworkShapes shapes() {
    Map<String, Shape> inputs = new LinkedHashMap<>();
    model.inputs().forEach((name, input) -> inputs.put(name, shape(input)));
    // The import reports errors of the network itself.
    return ShapeInference.infer(model.network(), inputs, "", new Violations());
  }

  private void addTarget(
      String name,
      TargetSpec target,
      NetworkShapes shapes,
      Map<String, Column> columns,
      Map<String, Integer> classes) {
    String output = model.outputOf(name);
    if (!(target.source() instanceof TargetSpec.Source.Columns(List<String> names, boolean _))
        || output == null
        || !shapes.layers().containsKey(output)) {
      return;
    }
    Shape shape = shapes.of(output);
    boolean label = target.type() == null ? isSoftmax(output) : isClass(target);
    if (label && names.size() == 1) {
      String column = names.getFirst();
      columns.putIfAbsent(column, new Column(column, ColumnType.STRING, null, false, UNSEEN));
      classes.put(column, shape.rank() == 0 || shape.last() == 1 ? 2 : shape.last());
    } else {
      addColumns(
          names, target.shape() == null && names.size() == 1 ? shape : target.shape(), columns);
    }
  }

  private static boolean isClass(TargetSpec target) {
    return target.type() == TargetSpec.Type.CLASS;
  }

  private boolean isSoftmax(String output) {
    return switch (model.network().layer(output).spec()) {
      case CoreSpec.Dense dense -> dense.activation().runsAlongAxis();
      case CoreSpec.Activation activation -> activation.activation().runsAlongAxis();
      default -> false;
    };
  }

  private static List<String> labels(int count) {
    return new ArrayList<>(IntStream.range(0, count).mapToObj(String::valueOf).toList());
  }
}
