package io.trainyard.inspect.plot;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.error.Violations;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The dataset of a picture: ranges, usual values and some rows. */
@Component
final class PlotData {
  /** More points would hide each other. */
  private static final int MAX_POINTS = 1000;

  private static final double MARGIN = 0.05;

  private final DatasetCatalogue datasets;
  private final DatasetRows rows;

  PlotData(DatasetCatalogue datasets, DatasetRows rows) {
    this.datasets = datasets;
    this.rows = rows;
  }

  /** The dataset that was asked for, else the version's own while it exists. */
  Optional<DatasetVersion> find(
      ModelVersion version, @Nullable DatasetSelection asked, Violations violations) {
    if (asked != null) {
      Integer number = asked.version();
      Optional<DatasetVersion> found =
          number == null ? datasets.findLatest(asked.name()) : datasets.find(asked.name(), number);
      if (found.isEmpty()) {
        violations.add(
            "/dataset",
            "There is no dataset '%s'%s"
                .formatted(asked.name(), number == null ? "" : " with a version " + number));
      }
      return found;
    }
    return version.provenance() instanceof Provenance.Trained trained
        ? trained.datasetIn(datasets)
        : Optional.empty();
  }

  /** The values of an axis: as asked, else over all of the data and a little more. */
  GridPlot.Side side(
      PlotRequest.Side asked,
      String at,
      int steps,
      @Nullable DatasetVersion data,
      Violations violations) {
    ColumnProfile profile =
        data == null ? null : data.column(asked.column()).map(Column::profile).orElse(null);
    Double min = asked.min();
    Double max = asked.max();
    double least =
        profile != null && profile.min() instanceof Number n ? n.doubleValue() : Double.NaN;
    double most =
        profile != null && profile.max() instanceof Number n ? n.doubleValue() : Double.NaN;
    double margin = most > least ? (most - least) * MARGIN : 0.5;
    double from = min == null ? least - margin : min;
    double to = max == null ? most + margin : max;
    if (!(from < to)) {
      violations.add(
          at,
          Double.isNaN(from) || Double.isNaN(to)
              ? "No dataset says which values '%1$s' has: give its range, {\"column\": \"%1$s\", \"min\": 0, \"max\": 1}"
                  .formatted(asked.column())
              : "The range from %s to %s has no values".formatted(from, to));
      return new GridPlot.Side(asked.column(), new double[] {0, 1});
    }
    double[] values = new double[steps];
    for (int i = 0; i < steps; i++) {
      values[i] = from + (to - from) * i / (steps - 1);
    }
    return new GridPlot.Side(asked.column(), values);
  }

  /** What a column has in most rows: the mean of numbers, the most frequent category. */
  static @Nullable Object usual(ColumnEncoding column, @Nullable DatasetVersion data) {
    ColumnProfile profile =
        data == null ? null : data.column(column.column()).map(Column::profile).orElse(null);
    if (profile == null) {
      return null;
    }
    if (column instanceof ColumnEncoding.Numeric && profile.mean() != null) {
      return profile.mean();
    }
    if (profile.top().isEmpty()) {
      return null;
    }
    Object top = profile.top().getFirst().item();
    return top instanceof Number ? top : String.valueOf(top);
  }

  /** Whether a column can be an axis or have one value: a number or a category of each row. */
  static boolean isPlain(InputEncoding input) {
    return input.window() == null
        && input.columns().stream()
            .noneMatch(
                column ->
                    column.shape() != null
                        || (column instanceof ColumnEncoding.Numeric number && number.isTime()));
  }

  static boolean isNumber(ColumnEncoding column) {
    return column instanceof ColumnEncoding.Numeric
        && (column.type() == ColumnType.NUMBER || column.type() == ColumnType.INTEGER);
  }

  /**
   * Some rows, evenly spaced.
   *
   * @param target the column of the class; null: points have none
   * @param label the index of a class by its text; −1 for another text
   */
  List<GridPlot.Point> points(
      DatasetVersion data,
      String x,
      String y,
      @Nullable String target,
      ToIntFunction<String> label,
      BooleanSupplier stopped) {
    List<String> columns = new ArrayList<>(List.of(x, y));
    boolean labelled = target != null && data.column(target).isPresent();
    if (target != null && labelled && !columns.contains(target)) {
      columns.add(target);
    }
    long every = Math.max(1, (data.rows() + MAX_POINTS - 1) / MAX_POINTS);
    List<GridPlot.Point> points = new ArrayList<>();
    rows.scan(
        data,
        null,
        columns,
        chunk -> {
          if (stopped.getAsBoolean()) {
            throw new CancellationException();
          }
          long first = (every - chunk.first() % every) % every;
          for (long i = first; i < chunk.count(); i += every) {
            int row = (int) i;
            ColumnValues ofX = chunk.column(x);
            ColumnValues ofY = chunk.column(y);
            if (!ofX.isMissing(row) && !ofY.isMissing(row)) {
              ColumnValues classes = target != null && labelled ? chunk.column(target) : null;
              int index =
                  classes == null || classes.isMissing(row)
                      ? -1
                      : label.applyAsInt(classes.label(row));
              points.add(
                  new GridPlot.Point(
                      InputEncoding.element(ofX, row), InputEncoding.element(ofY, row), index));
            }
          }
        });
    return points;
  }
}
