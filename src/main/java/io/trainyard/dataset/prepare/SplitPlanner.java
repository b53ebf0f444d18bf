package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.Columns;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.UnknownColumn;
import io.trainyard.dataset.encoding.KnownColumns;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Plans a split: how many rows, or windows of a series, each part will have, and what is wrong. */
final class SplitPlanner {
  /** The longest array. */
  private static final long MAX_ROWS = Integer.MAX_VALUE - 8;

  private static final String POINTER = "/dataset";

  private final DatasetRows source;
  private final DatasetVersion version;
  private final DatasetSelection selection;
  private final @Nullable Windowing windowing;
  private final Violations violations = new Violations();

  /** The rows of the longest series. */
  private int longest;

  /** The groups of a split by group. */
  private int groups;

  SplitPlanner(
      DatasetRows source,
      DatasetVersion version,
      DatasetSelection selection,
      @Nullable Windowing windowing) {
    this.source = source;
    this.version = version;
    this.selection = selection;
    this.windowing = windowing;
  }

  /**
   * A split that was counted.
   *
   * @param sizes of its parts; null when there are faults
   */
  record Counted(Split.@Nullable Sizes sizes, List<Violation> faults) {
    Counted {
      faults = List.copyOf(faults);
    }
  }

  /**
   * Counts the rows, or windows, of each part. The result follows from the arguments and those of
   * the constructor alone.
   *
   * @param selected the number of rows that the selection has
   * @param seed of the job
   */
  Counted count(long selected, @Nullable DatasetVersion validation, long seed) {
    Split.Sizes sizes = sizes(selected, validation, seed);
    return new Counted(violations.isEmpty() ? sizes : null, violations.list());
  }

  private Split.@Nullable Sizes sizes(
      long selected, @Nullable DatasetVersion validation, long seed) {
    SplitSpec split = selection.split();
    if (selected > MAX_ROWS || (validation != null && validation.rows() > MAX_ROWS)) {
      violations.add(POINTER, "A job can read at most " + MAX_ROWS + " rows");
      return null;
    }
    String column = split.column();
    Split.Sizes sizes =
        column == null
            ? sizes(version, selection.where(), (int) selected, split)
            : byColumn((int) selected, column, seed);
    if (sizes == null) {
      return null;
    }
    if (validation != null && sizes.validation() > 0) {
      violations.add(
          POINTER + "/validation_dataset",
          "%d rows say 'validation' in column '%s', and validation_dataset gives such rows too: leave one of them out"
              .formatted(sizes.validation(), split.column()));
    } else if (validation != null) {
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
              .formatted(what, selected, sizes.validation(), what, sizes.test(), longestSeries()));
    }
    if (split.by() == SplitSpec.By.GROUP) {
      checkGroups(sizes);
      return sizes;
    }
    long rows = windowing == null ? selected : longest;
    FoldSpec fold = split.fold();
    if (fold == null) {
      checkSubset(split.validation(), sizes.validation(), "validation", rows);
    } else if (fold.validates() && sizes.validation() == 0) {
      violations.add(
          POINTER + "/split/fold",
          "Fold %d of %d has no %s to validate on: %d rows are selected, less the test part; use fewer folds"
              .formatted(fold.number(), fold.of(), what, selected));
    }
    checkSubset(split.test(), sizes.test(), "test", rows);
    return sizes;
  }

  /** The parts of a split by group, or by a column of parts. */
  private Split.@Nullable Sizes byColumn(int rows, String column, long seed) {
    SplitSpec split = selection.split();
    if (!SplitColumn.fits(version.column(column).orElse(null), split)) {
      return null; // SplitColumn says why
    }
    if (windowing != null && split.by() == SplitSpec.By.COLUMN && split.fold() != null) {
      violations.add(
          POINTER + "/split/fold",
          "The column says where windows may lie, so their rows cannot be dealt to folds; use"
              + " \"by\": \"group\", or leave 'by' out for folds that run forward in time");
      return null;
    }
    SelectedRows read = SelectedRows.of(source, version, selection.where());
    int[] labels = SplitLabels.read(read, rows, split, violations);
    if (!violations.isEmpty()) {
      return null;
    }
    byte[] subsets = Split.subsets(rows, split, seed, labels);
    groups =
        split.by() == SplitSpec.By.GROUP ? Strata.sizes(Objects.requireNonNull(labels)).length : 0;
    if (windowing == null) {
      return Split.count(subsets);
    }
    Series series = new SeriesReader(windowing).read(read, rows, split, subsets);
    return new Split.Sizes(
        series.ends(Split.TRAINING).length,
        series.ends(Split.VALIDATION).length,
        series.ends(Split.TEST).length);
  }

  /** Each part that is wanted has groups. */
  private void checkGroups(Split.Sizes sizes) {
    SplitSpec split = selection.split();
    FoldSpec fold = split.fold();
    if (fold != null && fold.validates() && sizes.validation() == 0) {
      checkGroups(
          "fold",
          "fold %d of %d has no %s to validate on; use fewer folds"
              .formatted(fold.number(), fold.of(), windowing == null ? "group" : "window"));
    }
    if (fold == null && split.validation() > 0 && sizes.validation() == 0) {
      checkGroups("validation", "none is left for validation");
    }
    if (split.test() > 0 && sizes.test() == 0) {
      checkGroups("test", "none is left for the test");
    }
  }

  private void checkGroups(String member, String lack) {
    violations.add(
        POINTER + "/split/" + member,
        "Column '%s' has %d groups, and %s%s"
            .formatted(
                selection.split().column(),
                groups,
                lack,
                windowing == null
                    ? ""
                    : ": a window takes %d rows of one series in one part; other seeds give other groups to the parts"
                        .formatted(windowing.longest().length() + windowing.farthestOffset())));
  }

  /** Checks the column whose proportions the parts keep, if the split names one. */
  static void checkStratify(
      DatasetSelection selection,
      DatasetVersion version,
      List<Column> columns,
      @Nullable Windowing windowing,
      Violations violations) {
    String stratify = selection.split().stratify();
    if (stratify == null) {
      return;
    }
    String at = POINTER + "/split/stratify";
    Optional<Column> column = Columns.of(columns).find(stratify);
    if (column.isEmpty()) {
      UnknownColumn.violate(stratify, version.columns(), at, violations);
    } else if (column.get().profile().distinct() > KnownColumns.MAX_CATEGORIES
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
    if (selection.split().by() == SplitSpec.By.GROUP) {
      return "; column '%s' has %d groups, and each part needs one"
          .formatted(selection.split().column(), groups);
    }
    return windowing == null || selection.split().by() == SplitSpec.By.COLUMN
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
