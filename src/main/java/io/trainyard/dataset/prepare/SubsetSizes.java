package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Categories;
import io.trainyard.error.Violations;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Computes and checks how many rows, or windows of a series, each subset will have. */
final class SubsetSizes {
  /** The longest array. */
  private static final long MAX_ROWS = Integer.MAX_VALUE - 8;

  private static final String POINTER = "/dataset";

  private final DatasetRows source;
  private final DatasetVersion version;
  private final DatasetSelection selection;
  private final @Nullable Windowing windowing;
  private final Violations violations;

  SubsetSizes(
      DatasetRows source,
      DatasetVersion version,
      DatasetSelection selection,
      @Nullable Windowing windowing,
      Violations violations) {
    this.source = source;
    this.version = version;
    this.selection = selection;
    this.windowing = windowing;
    this.violations = violations;
  }

  /** Null when there are violations. */
  Split.@Nullable Sizes of(DatasetRows.Selected selected, @Nullable DatasetVersion validation) {
    int before = violations.size();
    SplitSpec split = selection.split();
    if (split.stratify() != null) {
      checkStratify(split.stratify(), selected);
    }
    if (selected.rows() > MAX_ROWS || (validation != null && validation.rows() > MAX_ROWS)) {
      violations.add(POINTER, "A job can read at most " + MAX_ROWS + " rows");
      return null;
    }
    Split.Sizes sizes = sizes(version, selection.where(), (int) selected.rows(), split);
    if (validation != null) {
      int count = sizes(validation, null, (int) validation.rows(), SplitSpec.NONE).training();
      sizes = new Split.Sizes(sizes.training(), count, sizes.test());
      if (count == 0) {
        violations.add(
            POINTER + "/validation_dataset",
            "The dataset has no %s to validate on"
                .formatted(windowing == null ? "rows" : "windows"));
      }
    }
    String what = windowing == null ? "rows" : "windows";
    if (sizes.training() <= 0) {
      violations.add(
          POINTER,
          "No %s are left to train on: %d rows selected, %d %s for validation, %d for test"
              .formatted(what, selected.rows(), sizes.validation(), what, sizes.test()));
    }
    checkSubset(split.validation(), sizes.validation(), "validation", selected.rows());
    checkSubset(split.test(), sizes.test(), "test", selected.rows());
    return violations.size() > before ? null : sizes;
  }

  private void checkStratify(String stratify, DatasetRows.Selected selected) {
    String at = POINTER + "/split/stratify";
    Optional<Column> column =
        selected.columns().stream().filter(c -> c.name().equals(stratify)).findFirst();
    if (column.isEmpty()) {
      violations.add(at, "There is no column '" + Categories.shorten(stratify) + "'");
    } else if (column.get().profile().distinct() > Categories.LIMIT
        || column.get().type() == ColumnType.TENSOR) {
      violations.add(
          at, "Column '" + stratify + "' has too many different values to keep their proportions");
    } else if (windowing != null) {
      violations.add(at, "Windows are split chronologically, so proportions cannot be kept");
    }
  }

  private void checkSubset(double share, int size, String name, long rows) {
    if (share > 0 && size == 0) {
      violations.add(
          POINTER + "/split/" + name,
          windowing == null
              ? share + " of " + rows + " rows rounds to 0 rows"
              : share
                  + " of "
                  + rows
                  + " rows holds no window of "
                  + windowing.longest().length()
                  + " rows with its target");
    }
  }

  private Split.Sizes sizes(
      DatasetVersion from, @Nullable String where, int rows, SplitSpec split) {
    if (windowing == null) {
      return Split.sizes(rows, split);
    }
    int training = 0;
    int validation = 0;
    int test = 0;
    for (int length : seriesLengths(from, where, rows)) {
      Split.Sizes own = Split.sizes(length, split);
      training += windowing.count(own.training());
      validation += windowing.count(own.validation());
      test += windowing.count(own.test());
    }
    return new Split.Sizes(training, validation, test);
  }

  private int[] seriesLengths(DatasetVersion from, @Nullable String where, int rows) {
    String group = windowing == null ? null : windowing.longest().group();
    if (group == null) {
      return new int[] {rows};
    }
    int[] groups = new int[rows];
    Strata labels = new Strata();
    source.scan(from, where, List.of(group), chunk -> labels.add(chunk, group, groups));
    return Strata.sizes(groups);
  }
}
