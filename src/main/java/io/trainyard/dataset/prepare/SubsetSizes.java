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

/** How many rows, or windows of a series, each part of a split will have. */
final class SubsetSizes {
  private static final long MAX_ROWS = Integer.MAX_VALUE - 8;

  private final DatasetRows source;
  private final DatasetVersion version;
  private final DatasetSelection selection;
  private final @Nullable Windowing windowing;
  private final String pointer;
  private final Violations violations;

  SubsetSizes(
      DatasetRows source,
      DatasetVersion version,
      DatasetSelection selection,
      @Nullable Windowing windowing,
      String pointer,
      Violations violations) {
    this.source = source;
    this.version = version;
    this.selection = selection;
    this.windowing = windowing;
    this.pointer = pointer;
    this.violations = violations;
  }

  /** Null when the violations say why not. */
  Split.@Nullable Sizes of(DatasetRows.Selected selected, @Nullable DatasetVersion validation) {
    int before = violations.size();
    SplitSpec split = selection.split();
    if (split.stratify() != null) {
      checkStratify(split.stratify(), selected);
    }
    if (selected.rows() > MAX_ROWS || (validation != null && validation.rows() > MAX_ROWS)) {
      violations.add(pointer, "One job takes at most " + MAX_ROWS + " rows");
      return null;
    }
    Split.Sizes sizes = sizes(version, selection.where(), (int) selected.rows(), split);
    if (validation != null) {
      int count = sizes(validation, null, (int) validation.rows(), SplitSpec.NONE).training();
      sizes = new Split.Sizes(sizes.training(), count, sizes.test());
      if (count == 0) {
        violations.add(pointer + "/validation_dataset", "It has no rows to validate on");
      }
    }
    String what = windowing == null ? "rows" : "windows";
    if (sizes.training() <= 0) {
      violations.add(
          pointer,
          "No %s are left to train on: %d rows selected, %d %s for validation, %d for the test"
              .formatted(what, selected.rows(), sizes.validation(), what, sizes.test()));
    }
    checkPart(split.validation(), sizes.validation(), "validation", selected.rows());
    checkPart(split.test(), sizes.test(), "test", selected.rows());
    return violations.size() > before ? null : sizes;
  }

  private void checkStratify(String stratify, DatasetRows.Selected selected) {
    String at = pointer + "/split/stratify";
    Optional<Column> column =
        selected.columns().stream().filter(c -> c.name().equals(stratify)).findFirst();
    if (column.isEmpty()) {
      violations.add(at, "There is no column '" + Categories.shorten(stratify) + "'");
    } else if (column.get().profile().distinct() > Categories.LIMIT
        || column.get().type() == ColumnType.TENSOR) {
      violations.add(
          at, "Column '" + stratify + "' has too many different values to keep their proportions");
    } else if (windowing != null) {
      violations.add(at, "Windows are split in their order in time, so proportions cannot be kept");
    }
  }

  private void checkPart(double share, int size, String name, long rows) {
    if (share > 0 && size == 0) {
      violations.add(
          pointer + "/split/" + name,
          windowing == null
              ? share + " of " + rows + " rows rounds to no row"
              : share
                  + " of "
                  + rows
                  + " rows leaves no room for a window of "
                  + windowing.longest().length()
                  + " rows and what lies behind it");
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
    for (int series : series(from, where, rows)) {
      Split.Sizes own = Split.sizes(series, split);
      training += windowing.count(own.training());
      validation += windowing.count(own.validation());
      test += windowing.count(own.test());
    }
    return new Split.Sizes(training, validation, test);
  }

  /** The length of every series. */
  private int[] series(DatasetVersion from, @Nullable String where, int rows) {
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
