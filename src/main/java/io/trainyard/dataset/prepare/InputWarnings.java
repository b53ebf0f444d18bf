package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.Violation;
import io.trainyard.spec.ByColumn;
import io.trainyard.spec.InputSpec;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.Scaling;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.TabularSpec;
import io.trainyard.tensor.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Warns of inputs that are encoded in a way that hardly teaches a network anything. */
final class InputWarnings {
  /** Fewer numbers from 0 to 255 are more likely counts than pixels. */
  private static final int MIN_PIXELS = 16;

  /** In fewer rows a column of names has no repetition by chance. */
  private static final int MIN_ROWS = 10;

  private final ModelSpec model;
  private final Encoding encoding;
  private final DatasetVersion version;
  private final List<Warning> warnings = new ArrayList<>();

  private InputWarnings(ModelSpec model, Encoding encoding, DatasetVersion version) {
    this.model = model;
    this.encoding = encoding;
    this.version = version;
  }

  static List<Warning> of(
      ModelSpec model, String pointer, Encoding encoding, DatasetVersion version) {
    InputWarnings warnings = new InputWarnings(model, encoding, version);
    encoding
        .inputs()
        .forEach(
            (name, input) -> {
              InputSpec spec = model.inputs().get(name);
              if (spec != null && spec.like() == null) {
                String at = Violation.pointer(pointer + "/inputs", name);
                warnings.pixels(name, spec, input, at);
                warnings.unique(input, at);
                warnings.order(input.window(), at);
              }
            });
    return List.copyOf(warnings.warnings);
  }

  private void pixels(String name, InputSpec spec, InputEncoding input, String at) {
    boolean grey =
        input.type() == ElementType.FLOAT32
            && spec.scale().equals(ByColumn.all(new Scaling.None()))
            && input.rowWidth() >= MIN_PIXELS
            && input.columns().stream().allMatch(this::mayBePixels)
            && input.columns().stream().anyMatch(column -> max(column) > 100);
    if (grey && !isScaledByLayer(name)) {
      add(
          at,
          "unscaled_pixels",
          "'%s' reads whole numbers from 0 to 255, which look like pixels. Networks learn better from small numbers: add \"scale\": {\"divide\": 255}"
              .formatted(name));
    }
  }

  private boolean mayBePixels(ColumnEncoding encoded) {
    return column(encoded.column())
        .filter(Column::wholeNumbers)
        .map(Column::profile)
        .filter(profile -> profile.min() instanceof Number min && min.doubleValue() >= 0)
        .filter(profile -> profile.max() instanceof Number max && max.doubleValue() <= 255)
        .isPresent();
  }

  private double max(ColumnEncoding encoded) {
    Object max = column(encoded.column()).map(known -> known.profile().max()).orElse(null);
    return max instanceof Number number ? number.doubleValue() : 0;
  }

  /** Whether each layer that reads the input may bring its numbers to another size. */
  private boolean isScaledByLayer(String input) {
    return model.network().layers().stream()
        .filter(layer -> layer.inputs().contains(input))
        .allMatch(
            layer ->
                switch (layer.spec()) {
                  case ElementwiseSpec.Normalize _, NormSpec _, LambdaSpec _ -> true;
                  case TabularSpec.FeatureScale _ -> true;
                  default -> false;
                });
  }

  private void unique(InputEncoding input, String at) {
    for (ColumnEncoding column : input.columns()) {
      if (column instanceof ColumnEncoding.Category category
          && version.rows() >= MIN_ROWS
          && category.categories().size() >= version.rows()) {
        add(
            at,
            "one_hot_of_unique",
            "Column '%s' has another text in every row, so it says nothing about new rows: leave it out, or use 'columns' without it"
                .formatted(category.column()));
      }
    }
  }

  /** Windows that follow the order of the file although a column could order them. */
  private void order(@Nullable RowWindow window, String at) {
    if (window == null || window.orderBy() != null) {
      return;
    }
    candidate(window)
        .ifPresent(
            column ->
                add(
                    at + "/window",
                    "window_without_order",
                    "Without \"order_by\" the rows of a window follow each other as in the file. If column '%s' says their order, add \"order_by\": \"%1$s\""
                        .formatted(column)));
  }

  /** A time, or else a number that nothing uses. */
  private Optional<String> candidate(RowWindow window) {
    Set<String> used = new LinkedHashSet<>(encoding.columnNames());
    used.add(String.valueOf(window.group()));
    for (TargetSpec target : model.targets().values()) {
      used.addAll(target.columns());
    }
    return first(ColumnType.TIMESTAMP, used).or(() -> first(ColumnType.INTEGER, used));
  }

  private Optional<String> first(ColumnType type, Set<String> used) {
    return version.columns().stream()
        .filter(column -> column.type() == type && column.profile().nulls() == 0)
        .map(Column::name)
        .filter(name -> !used.contains(name))
        .findFirst();
  }

  private Optional<Column> column(String name) {
    return version.column(name);
  }

  private void add(String at, String code, String detail) {
    warnings.add(new Warning(at, code, detail));
  }
}
