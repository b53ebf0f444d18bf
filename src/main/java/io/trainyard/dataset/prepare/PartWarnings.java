package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.spec.check.Warning;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Warns of rows for validation and test that training knows already. */
final class PartWarnings {
  private static final int PAIRS = 4_000;

  private final DataPlan plan;
  private final Set<String> inputs;
  private final Set<String> targets;
  private final List<Warning> warnings;

  /**
   * @param inputs the columns that inputs read
   * @param targets those that targets read
   * @param warnings takes what is found
   */
  PartWarnings(DataPlan plan, Set<String> inputs, Set<String> targets, List<Warning> warnings) {
    this.plan = plan;
    this.inputs = inputs;
    this.targets = targets;
    this.warnings = warnings;
  }

  /** Rows that are in training and in another part. */
  void acrossParts(RowSample sample, byte[] parts) {
    Set<Long> trained = new HashSet<>();
    long[] keys = keys(sample, parts, trained);
    int evaluated = 0;
    int known = 0;
    int[] inTraining = new int[3];
    for (int row = 0; row < keys.length; row++) {
      if (parts[row] == Split.VALIDATION || parts[row] == Split.TEST) {
        evaluated++;
        boolean isKnown = trained.contains(keys[row]);
        known += isKnown ? 1 : 0;
        inTraining[parts[row]] += isKnown ? 1 : 0;
      }
    }
    int training = sample.rows() - evaluated;
    if (areMany(known, evaluated, 0.1) && exceedsChance(sample, known, evaluated, training)) {
      add(
          "/dataset/split",
          "rows_across_parts",
          "%d of %d rows for validation and test%s (%d and %d) equal a row for training in all inputs and targets, so the measured numbers are too good. Upload each row once, or keep equal rows together with \"by\": \"group\""
              .formatted(
                  known,
                  evaluated,
                  sample.ofFirst(),
                  inTraining[Split.VALIDATION],
                  inTraining[Split.TEST]));
    }
  }

  /** The keys of all rows; those for training are added to a set. */
  private long[] keys(RowSample sample, byte @Nullable [] parts, Set<Long> trained) {
    long[] keys = sample.keys(columns());
    for (int row = 0; row < keys.length; row++) {
      if (parts == null || parts[row] == Split.TRAINING) {
        trained.add(keys[row]);
      }
    }
    return keys;
  }

  /** The columns in which equal rows are equal. */
  Set<String> columns() {
    Set<String> read = new LinkedHashSet<>(inputs);
    read.addAll(targets);
    return read;
  }

  private static boolean areMany(int known, int evaluated, double share) {
    return known >= 3 && known >= share * evaluated;
  }

  /**
   * Whether there are far more equal rows than columns of few values give by chance, taken as
   * independent.
   */
  private boolean exceedsChance(RowSample sample, int known, int evaluated, int training) {
    SplittableRandom random = new SplittableRandom(0);
    double equal = 1;
    for (String name : columns()) {
      double[] values = sample.column(name);
      int same = 0;
      for (int pair = 0; pair < PAIRS; pair++) {
        int one = random.nextInt(values.length);
        int other = random.nextInt(values.length - 1);
        same += Double.compare(values[one], values[other >= one ? other + 1 : other]) == 0 ? 1 : 0;
      }
      equal *= Math.max(same, 0.5) / PAIRS;
    }
    double expected = evaluated * -Math.expm1(training * Math.log1p(-equal));
    return known > 5 * expected;
  }

  /** Whether the dataset to validate on is the one to train on; a warning says so. */
  boolean validationIsTraining() {
    DatasetVersion validation = plan.validationVersion();
    DatasetVersion version = plan.version();
    boolean isSame = validation != null && validation.sha256().equals(version.sha256());
    if (validation != null && isSame) {
      add(
          "/dataset/validation_dataset",
          "validation_is_training",
          "%s has the same content as %s, which is trained on: its %d rows measure what was learned by heart. Give other rows, or \"split\": {\"validation\": 0.2}"
              .formatted(validation.reference(), version.reference(), validation.rows()));
    }
    return isSame;
  }

  /**
   * Rows of a dataset to validate on that are trained on.
   *
   * @param parts of the rows; null when all are trained on
   * @param other the rows of that dataset
   */
  void validationDataset(RowSample sample, byte @Nullable [] parts, RowSample other) {
    DatasetVersion validation = Objects.requireNonNull(plan.validationVersion());
    Set<Long> trained = new HashSet<>();
    long[] _ = keys(sample, parts, trained);
    int known = 0;
    for (long key : other.keys(columns())) {
      known += trained.contains(key) ? 1 : 0;
    }
    if (!exceedsChance(sample, known, other.rows(), sample.rows())) {
      return;
    }
    String found =
        "%d of the %d rows of %s%s equal a row for training in all inputs and targets"
            .formatted(known, other.rows(), validation.reference(), other.ofFirst());
    if (areMany(known, other.rows(), 0.5)) {
      add(
          "/dataset/validation_dataset",
          "validation_is_training",
          found + ", so they measure what was learned by heart. Give other rows");
    } else if (areMany(known, other.rows(), 0.1)) {
      add(
          "/dataset/validation_dataset",
          "rows_across_parts",
          found + ", so the measured numbers are too good. Leave these rows out of one of the two");
    }
  }

  /** Columns whose values are groups of rows that lie in several parts. */
  void groups(RowSample sample, byte[] parts, List<Column> unread) {
    SplitSpec split = plan.selection().split();
    List<Column> candidates = new ArrayList<>(unread);
    for (String name : inputs) {
      plan.version()
          .column(name)
          .filter(c -> c.type() == ColumnType.INTEGER || c.type() == ColumnType.STRING)
          .ifPresent(candidates::add);
    }
    for (Column column : candidates) {
      String name = column.name();
      if (targets.contains(name) || name.equals(split.column())) {
        continue;
      }
      boolean isNumber = column.type() == ColumnType.INTEGER;
      GroupColumns.Found found =
          GroupColumns.check(sample, name, isNumber, inputs.contains(name), parts);
      if (found != null) {
        add(
            "/dataset/split",
            "group_across_parts",
            "Column '%s' looks like groups: rows with the same value are alike in '%s', and %d of %d values with several rows%s lie in more than one part. Then validation and test rows have near twins in training: use \"by\": \"group\", \"group\": \"%1$s\""
                .formatted(name, found.alike(), found.spread(), found.groups(), sample.ofFirst()));
      }
    }
  }

  private void add(String pointer, String code, String detail) {
    warnings.add(new Warning(pointer, code, detail));
  }
}
