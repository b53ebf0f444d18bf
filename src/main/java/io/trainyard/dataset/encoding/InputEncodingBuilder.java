package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.encoding.ColumnEncoding.Form;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TimeFeature;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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

  /** The categories found, by column; null where there are too many. */
  private final Map<String, @Nullable List<String>> found = new HashMap<>();

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
    int before = violations.size();
    Map<String, Form> forms = new HashMap<>();
    for (int i = 0; i < used.size(); i++) {
      if (isCategory(used.get(i))) {
        forms.put(used.get(i).name(), form(used.get(i), places.get(i)));
      }
    }
    boolean whole = wholeNumbers(used, forms);
    checkNamed(used);
    List<ColumnEncoding> encodings = new ArrayList<>();
    for (int i = 0; i < used.size(); i++) {
      ColumnEncoding encoding = column(used.get(i), places.get(i), forms, whole);
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
    Set<String> taken = model.columns();
    for (InputSpec input : model.inputs().values()) {
      if (input.window() != null) {
        taken.addAll(input.window().columns());
      }
    }
    return columns.namesWithout(taken);
  }

  /** What the categories of a column become. */
  private Form form(Column column, String place) {
    return switch (spec.encode().of(column.name())) {
      case ONE_HOT -> Form.ONE_HOT;
      case INDEX -> Form.INDEX;
      case AUTO -> {
        List<String> categories = categories(column, place);
        int count = (categories == null ? 0 : categories.size()) + (hasMissing(column) ? 1 : 0);
        boolean more = hasMissing(column) || spec.unknown() == InputSpec.Unknown.INDEX;
        yield count > InputSpec.Encode.MOST_ONE_HOT
            ? Form.INDEX
            : count == 2 && !more ? Form.SIGN : Form.ONE_HOT;
      }
    };
  }

  /** Whether missing values of a column of categories are one more category. */
  private boolean hasMissing(Column column) {
    return isAuto(column)
        && column.profile().nulls() > 0
        && imputationOf(column) instanceof Imputation.Refuse;
  }

  private boolean isAuto(Column column) {
    return spec.encode().of(column.name()) == InputSpec.Encode.AUTO;
  }

  /** The categories of a column; null, with a violation, when there are too many. */
  private @Nullable List<String> categories(Column column, String place) {
    if (!found.containsKey(column.name())) {
      List<String> own = columns.distinct(column, spec.minCount(), "categories", place);
      String fill = own == null ? null : constant(imputationOf(column));
      if (own != null && fill != null && !own.isEmpty() && !own.contains(fill)) {
        own = new ArrayList<>(own);
        own.add(fill);
      }
      found.put(column.name(), own);
    }
    return found.get(column.name());
  }

  /** With indices, these and unscaled whole numbers stay integers. */
  private boolean wholeNumbers(List<Column> used, Map<String, Form> forms) {
    return (forms.containsValue(Form.INDEX) || spec.encode().asks(InputSpec.Encode.INDEX))
        && used.stream()
            .allMatch(
                column ->
                    isCategory(column)
                        ? forms.get(column.name()) == Form.INDEX
                        : column.wholeNumbers()
                            && spec.encode().all() != InputSpec.Encode.AUTO
                            && !spec.times().containsKey(column.name())
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
    checkNamed(used, "missing_indicator", spec.missingIndicator().named(), (_, _) -> null);
    // A text that no column can take would be ignored.
    if (spec.impute().others() instanceof Imputation.Text
        && used.stream().noneMatch(column -> column.type().isText())) {
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
    Map<String, Column> byName = new HashMap<>();
    used.forEach(column -> byName.putIfAbsent(column.name(), column));
    List<String> names = used.stream().map(Column::name).toList();
    named.forEach(
        (name, choice) -> {
          String place = Violation.pointer(at + "/" + member, name);
          Column column = byName.get(name);
          String detail = column == null ? null : fault.apply(column, choice);
          if (detail != null) {
            violations.add(place, detail);
          } else if (column == null && spec.takesAllColumns()) {
            // The reader says so of names that are not among the columns given.
            violations.add(() -> new Violation(place, ByColumn.notAColumn(name, names)));
          }
        });
  }

  private @Nullable String noCategories(Column column, InputSpec.Encode encode) {
    return isCategory(column)
        ? null
        : "Column '%s' is a %s, which has no categories to make %s of"
            .formatted(column.name(), column.type().word(), encode.name().toLowerCase(Locale.ROOT));
  }

  private @Nullable String noScale(Column column, Scaling scale) {
    if (scale instanceof Scaling.None) {
      return null;
    }
    if (isCategory(column)) {
      return "Column '%s' becomes categories, which are not scaled".formatted(column.name());
    }
    List<TimeFeature> times = spec.times().getOrDefault(column.name(), List.of());
    return times.isEmpty() || times.contains(TimeFeature.LINEAR)
        ? null
        : "Column '%s' has no feature linear, the only one of a time that is scaled"
            .formatted(column.name());
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

  private @Nullable ColumnEncoding column(
      Column column, String place, Map<String, Form> forms, boolean whole) {
    List<TimeFeature> times = spec.times().getOrDefault(column.name(), List.of());
    boolean isTime = column.type() == ColumnType.TIMESTAMP;
    if (!times.isEmpty() && !isTime) {
      violations.add(
          place + "/features",
          "Column '%s' is a %s: only a column of timestamps has features of a time"
              .formatted(column.name(), column.type().word()));
      return null;
    }
    if (isCategory(column)) {
      return category(column, place, Objects.requireNonNull(forms.get(column.name())), whole);
    }
    if (isTime && times.isEmpty()) {
      violations.add(
          place,
          "Column '%1$s' holds timestamps, which become numbers by their features: write {\"column\": \"%1$s\", \"features\": [\"hour\", \"weekday\", \"month\", \"linear\"]} among the 'columns', or name the columns to use without it"
              .formatted(column.name()));
      return null;
    }
    return number(column, times, place, whole);
  }

  private @Nullable ColumnEncoding category(Column column, String place, Form form, boolean whole) {
    boolean index = form == Form.INDEX;
    if (index && !whole) {
      violations.add(
          place,
          "Column '"
              + column.name()
              + "' becomes an index, which cannot share an input with "
              + "numbers; give it an input of its own");
      return null;
    }
    if (index && !isAuto(column) && spec.unknown() == InputSpec.Unknown.ZEROS) {
      violations.add(at + "/unknown", "Only one_hot has zeros for unknown categories");
      return null;
    }
    Imputation impute = imputationOf(column);
    if (column.profile().nulls() > 0
        && impute instanceof Imputation.Refuse
        && !isAuto(column)
        && spec.unknown() != InputSpec.Unknown.ZEROS) {
      violations.add(
          place,
          KnownColumns.missing(column)
              + "; 'unknown: zeros' encodes them as zeros, and 'impute: most_frequent' or"
              + " {\"constant\": \"…\"} fills them in");
      return null;
    }
    boolean ownIndex = index && isAuto(column) && impute instanceof Imputation.Refuse;
    if (index && !ownIndex && refusesIndicator(column)) {
      return null;
    }
    List<String> categories = categories(column, place);
    if (categories == null) {
      return null;
    }
    if (categories.isEmpty()) {
      violations.add(
          place,
          spec.minCount() > 1
              ? "Column '%s' has no value in %d rows or more, so no category is left: lower 'min_count'"
                  .formatted(column.name(), spec.minCount())
              : "Column '" + column.name() + "' has no values");
      return null;
    }
    if (column.type() == ColumnType.NUMBER && !categories.stream().allMatch(IndexRange::isWhole)) {
      violations.add(
          Violation.pointer(at + "/encode", column.name()),
          "Column '%s' holds fractions: whole numbers, texts and booleans become categories"
              .formatted(column.name()));
      return null;
    }
    boolean sharesIndex = index && isAuto(column);
    return new ColumnEncoding.Category(
        column.name(),
        column.type(),
        column.type().sorted(categories),
        form,
        sharesIndex ? InputSpec.Unknown.INDEX : spec.unknown(),
        ownIndex || hasMissing(column) || (!index && hasIndicator(column)),
        impute,
        constant(impute));
  }

  /** Whether one more feature says that the column has no value. */
  private boolean hasIndicator(Column column) {
    return spec.missingIndicator().of(column.name()) && column.profile().nulls() > 0;
  }

  /** Refuses the feature for what is looked up, and for tensors. */
  private boolean refusesIndicator(Column column) {
    if (!hasIndicator(column)) {
      return false;
    }
    boolean own = spec.missingIndicator().named().containsKey(column.name());
    String place = at + "/missing_indicator";
    violations.add(
        own ? Violation.pointer(place, column.name()) : place,
        column.type() == ColumnType.TENSOR
            ? "Column '%s' holds tensors, beside which a row has no place for one more feature"
                .formatted(column.name())
            : "Column '%s' becomes an index, beside which no feature has a place; \"encode\": \"auto\" gives missing values an index of their own"
                .formatted(column.name()));
    return true;
  }

  /** The imputation of a column of categories; an average cannot fill in categories. */
  private Imputation imputationOf(Column column) {
    Imputation given = spec.impute().of(column.name());
    boolean fits =
        switch (given) {
          case Imputation.Refuse(), Imputation.MostFrequent() -> true;
          case Imputation.Mean(), Imputation.Median() -> false;
          case Imputation.Constant(double element) ->
              !column.type().isText() && element == Math.rint(element);
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

  private @Nullable ColumnEncoding number(
      Column column, List<TimeFeature> times, String place, boolean whole) {
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
    if ((whole || column.type() == ColumnType.TENSOR) && refusesIndicator(column)) {
      return null;
    }
    Scaling scale = spec.scale().of(column.name());
    FloatRange range = new FloatRange(column, at, violations);
    range.checkScale(spec.scale());
    range.checkConstant(spec.impute(), scale);
    ColumnEncoding.Traits traits = new ColumnEncoding.Traits(times, hasIndicator(column), false);
    return ColumnEncoding.Numeric.of(column, traits, scale, impute);
  }
}
