package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.Columns;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.encoding.TargetEncoding.ClassTarget;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.check.Warning;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Warns of classes with far fewer rows than others, and of classes that a part lacks: a training
 * cannot learn them, and metrics as auc are not defined without them.
 */
public final class ClassBalance {
  /** The code of a warning that class weights answer. */
  public static final String IMBALANCED = "imbalanced_classes";

  /** A split of 90 to 10. */
  private static final long STRONG = 9;

  /** With as many rows expected in a part, a random split leaves no class out. */
  private static final double ENOUGH = 30;

  private static final String[] PARTS = {"training", "validation", "test"};

  private final Encoding encoding;
  private final DatasetSelection selection;
  private final SelectedVersions versions;
  private final DatasetRows.Selected selected;
  private final DatasetRows rows;
  private final RowLabels labels;
  private final long seed;
  private final List<Warning> warnings = new ArrayList<>();

  /**
   * @param selected the rows that the selection has, with profiles of their columns
   * @param seed of the job
   */
  ClassBalance(
      Encoding encoding,
      DatasetSelection selection,
      SelectedVersions versions,
      DatasetRows.Selected selected,
      DatasetRows rows,
      RowLabels labels,
      long seed) {
    this.encoding = encoding;
    this.selection = selection;
    this.versions = versions;
    this.selected = selected;
    this.rows = rows;
    this.labels = labels;
    this.seed = seed;
  }

  /**
   * The warnings.
   *
   * @param pointer the model's place in the body
   * @param windows whether samples are windows, whose parts are not those of single rows
   */
  List<Warning> warnings(String pointer, boolean windows) {
    for (Map.Entry<String, TargetEncoding> each : encoding.targets().entrySet()) {
      if (each.getValue() instanceof ClassTarget labels) {
        long[] counts = counts(labels);
        imbalance(labels, counts, Violation.pointer(pointer + "/targets", each.getKey()));
        if (!windows) {
          parts(each.getKey(), labels, counts);
        }
      }
    }
    return warnings;
  }

  /** The rows of each class. */
  private long[] counts(ClassTarget labels) {
    long[] counts = new long[labels.classes().size()];
    ColumnProfile profile =
        Columns.of(selected.columns()).find(labels.column()).orElseThrow().profile();
    long known = 0;
    for (ColumnProfile.Top top : profile.top()) {
      int index = labels.classes().indexOf(String.valueOf(top.item()));
      if (index >= 0) {
        counts[index] = top.count();
        known += top.count();
      }
    }
    if (known < selected.rows()) {
      // There are more classes than a profile counts.
      long[] all = new long[counts.length];
      scan(labels, (_, label) -> all[label]++);
      return all;
    }
    return counts;
  }

  private void imbalance(ClassTarget labels, long[] counts, String at) {
    int most = 0;
    int least = -1;
    for (int i = 0; i < counts.length; i++) {
      most = counts[i] > counts[most] ? i : most;
      // A class that is listed and has no row is no matter of balance.
      least = counts[i] > 0 && (least < 0 || counts[i] < counts[least]) ? i : least;
    }
    if (least < 0 || counts[most] < STRONG * counts[least]) {
      return;
    }
    String threshold =
        labels.isBinary() && labels.decision().best() == null
            ? ", a \"threshold\": {\"best\": \"f1\"} of the target"
            : "";
    warnings.add(
        new Warning(
            at,
            IMBALANCED,
            "%d of %d rows are '%s', %d '%s': who always answers the former is right %.0f %% of the time. Measure balanced_accuracy, f1 or pr_auc instead of accuracy; \"class_weights\": \"balanced\"%s helps to find the rare class"
                .formatted(
                    counts[most],
                    selected.rows(),
                    JsonObject.shorten(labels.classes().get(most)),
                    counts[least],
                    JsonObject.shorten(labels.classes().get(least)),
                    100.0 * counts[most] / selected.rows(),
                    threshold)));
  }

  private void parts(String target, ClassTarget labels, long[] counts) {
    SplitSpec split = selection.split();
    Set<String> missing = new LinkedHashSet<>();
    boolean parts = split.validates() || split.tests();
    if (parts && mayMiss(labels, split, counts)) {
      byte[] subsets = subsets(split);
      boolean[][] has = new boolean[4][counts.length];
      boolean[] used = new boolean[4];
      scan(
          labels,
          (row, label) -> {
            has[subsets[row]][label] = true;
            used[subsets[row]] = true;
          });
      for (int part = 0; part < PARTS.length; part++) {
        for (int i = 0; used[part] && i < counts.length; i++) {
          if (counts[i] > 0 && !has[part][i]) {
            missing.add(named(labels, i, counts[i], PARTS[part]));
          }
        }
      }
    }
    DatasetVersion validation = versions.validation();
    if (validation != null) {
      List<String> found =
          validation
              .column(labels.column())
              .map(Column::profile)
              .map(ColumnProfile::labels)
              .orElse(null);
      for (int i = 0; found != null && i < counts.length; i++) {
        if (!found.contains(labels.classes().get(i))) {
          missing.add(named(labels, i, counts[i], PARTS[1]));
        }
      }
    }
    if (!missing.isEmpty()) {
      List<String> shown = missing.stream().limit(3).toList();
      warnings.add(
          new Warning(
              "/dataset/split",
              "class_missing_in_part",
              "Of target '%s', %s%s%s: it cannot be learned or measured there, and metrics such as auc may be null. %s"
                  .formatted(
                      target,
                      String.join(", ", shown),
                      missing.size() > shown.size()
                          ? " and %d more".formatted(missing.size() - shown.size())
                          : "",
                      split.by() == SplitSpec.By.RANDOM && split.stratify() == null
                          ? " by this seed"
                          : "",
                      way(labels, split))));
    }
  }

  private static String way(ClassTarget labels, SplitSpec split) {
    if (labels.column().equals(split.stratify())) {
      return "It has too few rows to be in each part: use larger parts or fewer, or collect more of"
          + " its rows";
    }
    return switch (split.by()) {
      case RANDOM ->
          "\"stratify\": \"%s\" gives each part its share, where it has rows enough"
              .formatted(labels.column());
      case GROUP ->
          "A group stays in one part, so a class of few groups can be in few parts: use larger"
              + " parts or another seed, or collect more groups that have it";
      case COLUMN -> "Column '%s' decides: name more of its rows there".formatted(split.column());
      case FILE_ORDER ->
          "The order of the file decides: without 'by', \"stratify\": \"%s\" gives each part its share"
              .formatted(labels.column());
    };
  }

  private static String named(ClassTarget labels, int label, long count, String part) {
    return "class '%s' (%d rows) is missing from the %s rows"
        .formatted(JsonObject.shorten(labels.classes().get(label)), count, part);
  }

  /**
   * Whether it is worthwhile to look: rows that are dealt at random leave out rare classes only.
   */
  private boolean mayMiss(ClassTarget labels, SplitSpec split, long[] counts) {
    boolean dealt = split.by() == SplitSpec.By.RANDOM;
    boolean stratified = labels.column().equals(split.stratify());
    if (!dealt || (split.stratify() != null && !stratified)) {
      return true;
    }
    double folds = split.fold() == null ? 0 : 1.0 / split.fold().of();
    double validation = split.fold() == null ? split.validation() : folds;
    double smallest =
        Math.min(
            validation > 0 ? validation : 1,
            Math.min(
                split.test() > 0 ? split.test() : 1,
                Math.max(0.01, 1 - validation - split.test())));
    for (long count : counts) {
      if (count > 0 && count * smallest < ENOUGH) {
        return true;
      }
    }
    return false;
  }

  private byte[] subsets(SplitSpec split) {
    int count = Math.toIntExact(selected.rows());
    SelectedRows read = SelectedRows.of(rows, versions.main(), selection.where());
    return Split.subsets(
        count, split, seed, SplitLabels.read(read, count, split, new Violations()));
  }

  private void scan(ClassTarget target, RowLabels.Reader reader) {
    labels.read(versions.main(), selection.where(), target, reader);
  }
}
