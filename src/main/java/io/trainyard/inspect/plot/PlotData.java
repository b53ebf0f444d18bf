package io.trainyard.inspect.plot;

import io.trainyard.dataset.ColumnValues;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
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

/** The dataset of a picture, and some of its rows. */
@Component
final class PlotData {
  /** More points would hide each other. */
  private static final int MAX_POINTS = 1000;

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
