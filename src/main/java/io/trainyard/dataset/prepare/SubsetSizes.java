package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Categories;
import io.trainyard.error.Violations;
import io.trainyard.json.NameAdvice;
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

  /** The rows of the longest series. */
  private int longest;

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
          "No %s are left to train on: %d rows selected, %d %s for validation, %d for test%s"
              .formatted(
                  what, selected.rows(), sizes.validation(), what, sizes.test(), longestSeries()));
    }
    long rows = windowing == null ? selected.rows() : longest;
    FoldSpec fold = split.fold();
    if (fold == null) {
      checkSubset(split.validation(), sizes.validation(), "validation", rows);
    } else if (fold.validates() && sizes.validation() == 0) {
      violations.add(
          POINTER + "/split/fold",
          "Fold %d of %d has no %s to validate on: %d rows are selected, less the test part; use fewer folds"
              .formatted(fold.number(), fold.of(), what, selected.rows()));
    }
    checkSubset(split.test(), sizes.test(), "test", rows);
    return violations.size() > before ? null : sizes;
  }

  private void checkStratify(String stratify, DatasetRows.Selected selected) {
    String at = POINTER + "/split/stratify";
    Optional<Column> column =
        selected.columns().stream().filter(c -> c.name().equals(stratify)).findFirst();
    if (column.isEmpty()) {
      List<String> names = selected.columns().stream().map(Column::name).toList();
      String similar =
          NameAdvice.similar(stratify, names)
              .map(name -> "; did you mean '" + name + "'?")
              .orElse("");
      violations.add(at, "There is no column '" + Categories.shorten(stratify) + "'" + similar);
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
              : "%s of %s is at most %d of %d rows, which hold no window of %d with its target: use a shorter window, or a larger share"
                  .formatted(
                      share,
                      series(),
                      Math.round(share * rows),
                      rows,
                      windowing.longest().length() + windowing.farthestOffset()));
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
    int[] lengths = seriesLengths(from, where, rows);
    FoldSpec fold = split.fold();
    int[] folds =
        fold != null && windowing.longest().group() != null
            ? fold.ofGroups(lengths)
            : new int[lengths.length];
    for (int series = 0; series < lengths.length; series++) {
      int length = lengths[series];
      longest = Math.max(longest, length);
      Split.Parts own = Split.parts(length, split, folds[series]);
      training += windowing.count(own.training());
      validation += windowing.count(own.validation() - own.from());
      test += windowing.count(length - own.test());
    }
    return new Split.Sizes(training, validation, test);
  }

  /** The longest series, when that is what is too short. */
  private String longestSeries() {
    return windowing == null
        ? ""
        : "; %s has %d rows, and a window takes %d: use a shorter window"
            .formatted(
                "the longest " + series(),
                longest,
                windowing.longest().length() + windowing.farthestOffset());
  }

  private String series() {
    String group = windowing == null ? null : windowing.longest().group();
    return group == null ? "series" : "series of '" + group + "'";
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
