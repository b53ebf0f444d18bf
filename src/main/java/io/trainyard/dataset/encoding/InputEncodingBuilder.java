package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.error.Violations;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Builds the encoding of one input from the columns. */
final class InputEncodingBuilder {
  private final ModelSpec model;
  private final InputSpec spec;
  private final String at;
  private final KnownColumns columns;
  private final Violations violations;

  /**
   * @param at its place in the body
   */
  InputEncodingBuilder(
      ModelSpec model, InputSpec spec, String at, KnownColumns columns, Violations violations) {
    this.model = model;
    this.spec = spec;
    this.at = at;
    this.columns = columns;
    this.violations = violations;
  }

  /** Null when there are violations. */
  @Nullable InputEncoding encoding() {
    List<Column> used = new ArrayList<>();
    List<String> names = spec.takesAllColumns() ? unused() : spec.columns();
    List<String> places = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String place = at + spec.placeOf(i);
      Column column = columns.find(names.get(i), place);
      if (column != null) {
        used.add(column);
        places.add(place);
      }
    }
    if (used.isEmpty()) {
      if (names.isEmpty()) {
        violations.add(at + "/columns", "No column is left for '*'");
      }
      return null;
    }
    if (spec.window() != null) {
      checkWindow(spec.window(), at + "/window");
    }
    boolean whole = wholeNumbers(used);
    int before = violations.size();
    List<ColumnEncoding> encodings = new ArrayList<>();
    for (int i = 0; i < used.size(); i++) {
      ColumnEncoding encoding = column(used.get(i), places.get(i), whole);
      if (encoding != null) {
        encodings.add(encoding);
      }
    }
    if (violations.size() > before || used.size() < names.size()) {
      return null;
    }
    Shape shape = RowShape.of(spec.shape(), encodings, spec.window(), at, violations);
    return shape == null
        ? null
        : new InputEncoding(
            whole ? ElementType.INT64 : ElementType.FLOAT32, shape, encodings, spec.window());
  }

  private void checkWindow(RowWindow window, String at) {
    Column group = window.group() == null ? null : columns.find(window.group(), at + "/group");
    if (group != null && (group.type() == ColumnType.TENSOR || group.profile().nulls() > 0)) {
      violations.add(
          at + "/group",
          "Column '" + group.name() + "' needs a value in every row: it identifies the series");
    }
    Column order =
        window.orderBy() == null ? null : columns.find(window.orderBy(), at + "/order_by");
    if (order != null) {
      boolean sortable =
          switch (order.type()) {
            case INTEGER, NUMBER, TIMESTAMP -> order.profile().nulls() == 0;
            case STRING, BOOLEAN, TENSOR -> false;
          };
      if (!sortable) {
        violations.add(
            at + "/order_by",
            "Column '" + order.name() + "' must hold a number or a time in every row");
      }
    }
  }

  /** For "*": the columns that no other input and no target names, in file order. */
  private List<String> unused() {
    Set<String> taken = new LinkedHashSet<>();
    for (InputSpec input : model.inputs().values()) {
      taken.addAll(input.columns());
      if (input.window() != null) {
        taken.add(String.valueOf(input.window().group()));
        taken.add(String.valueOf(input.window().orderBy()));
      }
    }
    model.targets().values().forEach(target -> taken.addAll(ColumnEncodingBuilder.columns(target)));
    return columns.namesWithout(taken);
  }

  /** With {@code encode: index}, indices and unscaled whole numbers stay integers. */
  private boolean wholeNumbers(List<Column> used) {
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

  private @Nullable ColumnEncoding column(Column column, String place, boolean whole) {
    return switch (column.type()) {
      case STRING, BOOLEAN -> category(column, place, whole);
      case INTEGER, NUMBER, TENSOR -> number(column, place, whole);
      case TIMESTAMP -> {
        violations.add(
            place,
            "Column '"
                + column.name()
                + "' holds timestamps, which cannot be an input; name the "
                + "columns to use, or order a window by it");
        yield null;
      }
    };
  }

  private @Nullable ColumnEncoding category(Column column, String place, boolean whole) {
    boolean index = spec.encode() == InputSpec.Encode.INDEX;
    if (index && !whole) {
      violations.add(
          place,
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
      violations.add(
          place, KnownColumns.missing(column) + "; 'unknown: zeros' encodes them as zeros");
      return null;
    }
    List<String> found = columns.distinct(column, "categories", place);
    if (found == null) {
      return null;
    }
    if (found.isEmpty()) {
      violations.add(place, "Column '" + column.name() + "' has no values");
      return null;
    }
    return new ColumnEncoding.Category(
        column.name(),
        column.type(),
        Categories.sorted(column.type(), found),
        !index,
        spec.unknown());
  }

  private @Nullable ColumnEncoding number(Column column, String place, boolean whole) {
    if (column.profile().nulls() > 0 && spec.impute() instanceof Imputation.Refuse) {
      violations.add(place, KnownColumns.missing(column) + "; 'impute' can fill them in");
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
    return ColumnEncoding.Numeric.of(column, spec.scale(), spec.impute());
  }
}
