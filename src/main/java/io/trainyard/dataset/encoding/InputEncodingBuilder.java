package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
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
    checkNamed(used);
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
    Shape shape =
        new RowShape(at, violations).of(spec.shape(), spec.layout(), encodings, spec.window());
    return shape == null
        ? null
        : new InputEncoding(
            whole ? ElementType.INT64 : ElementType.FLOAT32,
            shape,
            encodings,
            spec.window(),
            moved(encodings.getFirst().shape(), shape));
  }

  /** The layout that the channels are moved from; null when they stay. */
  private @Nullable DataFormat moved(@Nullable Shape column, Shape shape) {
    DataFormat layout = spec.layout();
    return layout != null && column != null && RowShape.isMoved(layout, column, shape)
        ? layout
        : null;
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

  /** With {@code index}, indices and unscaled whole numbers stay integers. */
  private boolean wholeNumbers(List<Column> used) {
    return spec.encode().hasIndices()
        && used.stream()
            .allMatch(
                column ->
                    isCategory(column)
                        ? spec.encode().of(column.name()) == InputSpec.Encode.INDEX
                        : column.wholeNumbers()
                            && spec.scale().of(column.name()) instanceof Scaling.None);
  }

  /** Texts and booleans, and whole numbers whose column {@code encode} names. */
  private boolean isCategory(Column column) {
    return switch (column.type()) {
      case STRING, BOOLEAN -> true;
      case INTEGER, NUMBER -> spec.encode().byColumn().containsKey(column.name());
      case TIMESTAMP, TENSOR -> false;
    };
  }

  /** Each column that {@code encode}, {@code scale} or {@code impute} names must suit it. */
  private void checkNamed(List<Column> used) {
    checkNamed(used, "encode", spec.encode().byColumn(), this::noCategories);
    checkNamed(used, "scale", spec.scale().named(), this::noScale);
    checkNamed(used, "impute", spec.impute().named(), this::noImputation);
    // A text that no column can take would be ignored.
    if (spec.impute().others() instanceof Imputation.Text
        && used.stream().noneMatch(InputEncodingBuilder::isText)) {
      violations.add(at + "/impute", "A text fills in text columns, and this input has none");
    }
    if (spec.unknown() == InputSpec.Unknown.INDEX && used.stream().noneMatch(this::isCategory)) {
      violations.add(
          at + "/unknown",
          "No column of this input has categories: to make categories of whole numbers, name the"
              + " column in 'encode', as {\"%s\": \"index\"}".formatted(used.getFirst().name()));
    }
  }

  /**
   * Checks the columns of an object by column.
   *
   * @param fault why a column does not suit what is asked of it; null when it does
   */
  private <T> void checkNamed(
      List<Column> used,
      String member,
      Map<String, T> named,
      BiFunction<Column, T, @Nullable String> fault) {
    named.forEach(
        (name, choice) -> {
          Column column =
              used.stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
          // The reader says so of names that are not among the columns given.
          String detail =
              column != null
                  ? fault.apply(column, choice)
                  : spec.takesAllColumns()
                      ? ByColumn.notAColumn(name, used.stream().map(Column::name).toList())
                      : null;
          if (detail != null) {
            violations.add(Violation.pointer(at + "/" + member, name), detail);
          }
        });
  }

  private @Nullable String noCategories(Column column, InputSpec.Encode encode) {
    return isCategory(column)
        ? null
        : "Column '%s' is a %s, which has no categories to make %s of"
            .formatted(
                column.name(),
                KnownColumns.lower(column.type()),
                encode.name().toLowerCase(Locale.ROOT));
  }

  private @Nullable String noScale(Column column, Scaling scale) {
    return isCategory(column) && !(scale instanceof Scaling.None)
        ? "Column '%s' becomes categories, which are not scaled".formatted(column.name())
        : null;
  }

  private @Nullable String noImputation(Column column, Imputation impute) {
    if (isCategory(column)) {
      return imputationOf(column).equals(impute)
          ? null
          : "Column '%s' becomes categories: most_frequent or one of its values as the constant fills them in"
              .formatted(column.name());
    }
    return impute instanceof Imputation.Text
        ? "Column '%s' holds numbers, which no text fills in".formatted(column.name())
        : null;
  }

  private static boolean isText(Column column) {
    return column.type() == ColumnType.STRING || column.type() == ColumnType.BOOLEAN;
  }

  private @Nullable ColumnEncoding column(Column column, String place, boolean whole) {
    if (isCategory(column)) {
      return category(column, place, whole);
    }
    if (column.type() == ColumnType.TIMESTAMP) {
      violations.add(
          place,
          "Column '"
              + column.name()
              + "' holds timestamps, which cannot be an input; name the "
              + "columns to use, or order a window by it");
      return null;
    }
    return number(column, place, whole);
  }

  private @Nullable ColumnEncoding category(Column column, String place, boolean whole) {
    boolean index = spec.encode().of(column.name()) == InputSpec.Encode.INDEX;
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
    Imputation impute = imputationOf(column);
    if (column.profile().nulls() > 0
        && impute instanceof Imputation.Refuse
        && spec.unknown() != InputSpec.Unknown.ZEROS) {
      violations.add(
          place,
          KnownColumns.missing(column)
              + "; 'unknown: zeros' encodes them as zeros, and 'impute: most_frequent' or"
              + " {\"constant\": \"…\"} fills them in");
      return null;
    }
    List<String> found = columns.distinct(column, spec.minCount(), "categories", place);
    if (found == null) {
      return null;
    }
    if (found.isEmpty()) {
      violations.add(
          place,
          spec.minCount() > 1
              ? "Column '%s' has no value in %d rows or more, so no category is left: lower 'min_count'"
                  .formatted(column.name(), spec.minCount())
              : "Column '" + column.name() + "' has no values");
      return null;
    }
    if (column.type() == ColumnType.NUMBER && !found.stream().allMatch(Categories::isWhole)) {
      violations.add(
          Violation.pointer(at + "/encode", column.name()),
          "Column '%s' holds fractions: whole numbers, texts and booleans become categories"
              .formatted(column.name()));
      return null;
    }
    String fill = constant(impute);
    Set<String> categories = new LinkedHashSet<>(found);
    if (fill != null) {
      categories.add(fill);
    }
    return new ColumnEncoding.Category(
        column.name(),
        column.type(),
        Categories.sorted(column.type(), List.copyOf(categories)),
        !index,
        spec.unknown(),
        impute,
        fill);
  }

  /** The imputation of a column of categories; an average cannot fill in categories. */
  private Imputation imputationOf(Column column) {
    Imputation given = spec.impute().of(column.name());
    boolean fits =
        switch (given) {
          case Imputation.Refuse(), Imputation.MostFrequent() -> true;
          case Imputation.Mean(), Imputation.Median() -> false;
          case Imputation.Constant(double element) ->
              !isText(column) && element == Math.rint(element);
          case Imputation.Text(String text) ->
              column.type() == ColumnType.STRING
                  || (column.type() == ColumnType.BOOLEAN
                      && Set.of("true", "false").contains(text));
        };
    return fits ? given : new Imputation.Refuse();
  }

  private static @Nullable String constant(Imputation impute) {
    return switch (impute) {
      case Imputation.Text(String text) -> text;
      case Imputation.Constant(double element) -> ColumnValues.label(element);
      case Imputation.Refuse(), Imputation.Mean(), Imputation.Median(), Imputation.MostFrequent() ->
          null;
    };
  }

  private @Nullable ColumnEncoding number(Column column, String place, boolean whole) {
    Imputation given = spec.impute().of(column.name());
    Imputation impute = given instanceof Imputation.Text ? new Imputation.Refuse() : given;
    if (column.profile().nulls() > 0 && impute instanceof Imputation.Refuse) {
      violations.add(place, KnownColumns.missing(column) + "; 'impute' can fill them in");
      return null;
    }
    boolean fits =
        switch (impute) {
          case Imputation.Refuse(), Imputation.MostFrequent() -> true;
          case Imputation.Constant(double element) -> element == Math.rint(element);
          case Imputation.Mean(), Imputation.Median(), Imputation.Text _ -> false;
        };
    if (whole && !fits) {
      violations.add(
          at + "/impute",
          "Column '"
              + column.name()
              + "' stays whole numbers: only a whole "
              + "constant or most_frequent can be imputed");
      return null;
    }
    Scaling scale = spec.scale().of(column.name());
    FloatRange range = new FloatRange(column, at, violations);
    range.checkScale(spec.scale());
    range.checkConstant(spec.impute(), scale);
    return ColumnEncoding.Numeric.of(column, scale, impute);
  }
}
