package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.KnownColumns;
import io.trainyard.dataset.encoding.SurvivalColumns;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The dataset versions that a selection names.
 *
 * @param validation the separate dataset to validate on, or null
 */
record SelectedVersions(DatasetVersion main, @Nullable DatasetVersion validation) {
  private static final String POINTER = "/dataset";
  static final String VALIDATION = POINTER + "/validation_dataset";

  /** Null, with a violation, when one does not exist. */
  static @Nullable SelectedVersions find(
      DatasetSelection selection, DatasetCatalogue datasets, Violations violations) {
    DatasetVersion main =
        find(selection.name(), selection.version(), POINTER, datasets, violations);
    DatasetSelection.Reference reference = selection.validation();
    DatasetVersion validation =
        reference == null
            ? null
            : find(reference.name(), reference.version(), VALIDATION, datasets, violations);
    return main == null || (reference != null && validation == null)
        ? null
        : new SelectedVersions(main, validation);
  }

  private static @Nullable DatasetVersion find(
      String name,
      @Nullable Integer number,
      String pointer,
      DatasetCatalogue datasets,
      Violations violations) {
    Optional<DatasetVersion> version =
        number == null ? datasets.findLatest(name) : datasets.find(name, number);
    if (version.isEmpty()) {
      boolean exists = number != null && datasets.findLatest(name).isPresent();
      violations.add(
          pointer + (exists ? "/version" : "/name"),
          exists
              ? "The dataset '" + name + "' has no version " + number
              : "There is no dataset '" + JsonObject.shorten(name) + "'");
    }
    return version.orElse(null);
  }

  /**
   * The different values of columns, over the rows of both versions; those that must be in several
   * rows, over the rows of the main version.
   */
  KnownColumns.CategorySource categories(DatasetRows rows, @Nullable String where) {
    return (column, least, limit) -> {
      Set<String> found =
          new LinkedHashSet<>(rows.distinct(main, where, column.name(), least, limit));
      if (least == 1 && validation != null && validation.column(column.name()).isPresent()) {
        found.addAll(rows.distinct(validation, null, column.name(), least, limit));
      }
      return List.copyOf(found);
    };
  }

  /** The validation dataset must have every encoded column with the same type and shape. */
  void checkValidationColumns(Encoding encoding, Violations violations) {
    DatasetVersion separate = validation;
    if (separate == null) {
      return;
    }
    encoding.targets().values().stream()
        .filter(target -> target instanceof TargetEncoding.RawTarget raw && raw.survival())
        .forEach(
            target ->
                SurvivalColumns.check(
                    Objects.requireNonNull(target.values()),
                    name -> separate.column(name).orElse(null),
                    _ -> VALIDATION,
                    violations));
    for (ColumnEncoding expected : encoding.columns()) {
      Optional<Column> found = separate.column(expected.column());
      if (found.isEmpty()) {
        violations.add(
            VALIDATION, separate.reference() + " has no column '" + expected.column() + "'");
      } else if (found.get().type() != expected.type()) {
        violations.add(
            VALIDATION,
            "Column '%s' of %s has the type %s, and %s was expected: 'types' of an upload sets it"
                .formatted(
                    expected.column(),
                    separate.reference(),
                    found.get().type().word(),
                    expected.type().word()));
      } else if (!Objects.equals(found.get().shape(), expected.shape())) {
        violations.add(
            VALIDATION,
            "Column '%s' of %s has the shape %s, and %s was expected"
                .formatted(
                    expected.column(),
                    separate.reference(),
                    found.get().shape(),
                    expected.shape()));
      }
    }
  }
}
