package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.check.Warning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Warns of rows that make a measured number look better than it is, or that no network can tell
 * apart. Large datasets are judged by their first rows, and the warning says so.
 */
final class RowWarnings {
  /** Fewer rows are a truth table or a toy, whose rows may be anything. */
  private static final int MIN_ROWS = 20;

  /** A rare class is one of fewer rows than this, among at least ten times as many. */
  private static final int RARE = 5;

  /** Rows whose labels are counted. */
  private static final long MAX_LABELS = 5_000_000;

  /** Groups of columns that no input reads are looked for in at most as many. */
  private static final int MAX_UNREAD = 8;

  private static final int PAIRS = 4_000;

  private final DatasetRows source;
  private final RowSample.Reader samples;
  private final RowLabels labels;
  private final DataPlan plan;
  private final DatasetVersion version;
  private final long seed;
  private final List<Warning> warnings = new ArrayList<>();

  /** By column, the input that reads it first. */
  private final Map<String, String> inputs = new LinkedHashMap<>();

  private final Set<String> targets = new LinkedHashSet<>();
  private final boolean hasWindows;

  private RowWarnings(
      DatasetRows source, RowSample.Reader samples, RowLabels labels, DataPlan plan, long seed) {
    this.source = source;
    this.samples = samples;
    this.labels = labels;
    this.plan = plan;
    this.version = plan.version();
    this.seed = seed;
    plan.encoding()
        .inputs()
        .forEach(
            (name, input) ->
                input.columnNames().forEach(column -> inputs.putIfAbsent(column, name)));
    for (TargetEncoding target : plan.encoding().targets().values()) {
      InputEncoding values = target.values();
      if (values != null) {
        targets.addAll(values.columnNames());
      }
    }
    hasWindows = plan.encoding().inputs().values().stream().anyMatch(i -> i.window() != null);
  }

  /**
   * The warnings about a job's rows.
   *
   * @param linear whether the network is one layer that is trained by the perceptron rule
   */
  static List<Warning> of(
      DatasetRows source,
      RowSample.Reader samples,
      RowLabels labels,
      DataPlan plan,
      long seed,
      boolean linear) {
    RowWarnings rows = new RowWarnings(source, samples, labels, plan, seed);
    plan.encoding().targets().forEach(rows::rareClass);
    boolean sameVersion = rows.validationIsTraining();
    if (!rows.hasWindows && plan.selectedRows() > 1) {
      rows.ofSample(linear, sameVersion);
    }
    return List.copyOf(rows.warnings);
  }

  private void ofSample(boolean linear, boolean sameVersion) {
    SplitSpec split = plan.selection().split();
    Set<String> read = new LinkedHashSet<>(inputs.keySet());
    read.addAll(targets);
    String splitColumn = SplitLabels.column(split);
    List<Column> unread = unread(read, splitColumn);
    unread.forEach(column -> read.add(column.name()));
    if (splitColumn != null) {
      read.add(splitColumn);
    }
    RowSample sample = sample(version, plan.selection().where(), plan.selectedRows(), read);
    plan.encoding().inputs().forEach((name, input) -> idLike(name, input, sample));
    plan.encoding().targets().forEach((name, target) -> contradictions(name, target, sample));
    if (linear) {
      plan.encoding().targets().forEach((name, target) -> notLinear(target, sample));
    }
    byte[] parts = parts(sample);
    if (parts != null) {
      acrossParts(sample, parts);
      groups(sample, parts, unread);
    }
    if (plan.validationVersion() != null && !sameVersion) {
      validationDataset(sample, parts);
    }
  }

  private RowSample sample(
      DatasetVersion from, @Nullable String where, long count, Set<String> names) {
    List<Column> columns = from.columns().stream().filter(c -> names.contains(c.name())).toList();
    return samples.read(from, where, count, columns);
  }

  /** Columns that nothing reads and that may say to which group a row belongs. */
  private List<Column> unread(Set<String> read, @Nullable String splitColumn) {
    return version.columns().stream()
        .filter(c -> c.type() == ColumnType.INTEGER || c.type() == ColumnType.STRING)
        .filter(c -> !read.contains(c.name()) && !c.name().equals(splitColumn))
        .filter(c -> c.profile().distinct() > 1)
        .limit(MAX_UNREAD)
        .toList();
  }

  /** The part of each row of the sample; null when no rows are for validation or test. */
  private byte @Nullable [] parts(RowSample sample) {
    SplitSpec split = plan.selection().split();
    boolean isPrefix = !sample.whole() && split.by() == SplitSpec.By.FILE_ORDER;
    boolean isNeeded =
        (plan.validationVersion() == null && plan.validationRows() > 0) || plan.testRows() > 0;
    if (!isNeeded || isPrefix) {
      return null;
    }
    // The parts of a sample stand for those of all rows, which are drawn alike.
    String column = SplitLabels.column(split);
    int[] labels = null;
    if (column != null && split.by() == SplitSpec.By.COLUMN) {
      labels = words(column, sample.rows());
    } else if (column != null) {
      labels = numbered(sample.column(column));
    }
    return Split.subsets(sample.rows(), split, seed, labels);
  }

  private int @Nullable [] words(String column, int rows) {
    SelectedRows read =
        new SelectedRows(
            source, version, plan.selection().where(), Set.of(column), Long.MAX_VALUE, () -> false);
    int[] all =
        SplitLabels.read(
            read, (int) plan.selectedRows(), plan.selection().split(), new Violations());
    return all == null ? null : Arrays.copyOf(all, rows);
  }

  private static int[] numbered(double[] values) {
    Map<Double, Integer> known = new HashMap<>();
    int[] numbers = new int[values.length];
    for (int row = 0; row < numbers.length; row++) {
      numbers[row] = known.computeIfAbsent(values[row], _ -> known.size());
    }
    return numbers;
  }

  // Inputs

  private void idLike(String name, InputEncoding input, RowSample sample) {
    if (sample.rows() < MIN_ROWS) {
      return;
    }
    for (ColumnEncoding column : input.columns()) {
      double[] values = sample.column(column.column());
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      long distinct = Arrays.stream(sorted).filter(v -> !Double.isNaN(v)).distinct().count();
      String what =
          switch (column) {
            case ColumnEncoding.Category category
                when column.type() == ColumnType.STRING
                    && distinct >= 0.95 * sample.rows()
                    && category.categories().size() < version.rows() ->
                "has %d different texts in %d rows".formatted(distinct, sample.rows());
            // The only column of a function is no number of rows.
            case ColumnEncoding.Numeric _
                when inputs.size() > 1 && isWhole(column) && distinct == sample.rows() ->
                counts(values, sorted, sample);
            default -> null;
          };
      if (what != null) {
        add(
            Violation.pointer("/model/inputs", name),
            "id_like_column",
            "Column '%s' %s%s. A network can know the rows by it and learns nothing for new ones: leave it out"
                .formatted(column.column(), what, ofFirst(sample)));
      }
    }
  }

  /** Whether a column has whole numbers, written as integers or as decimals. */
  private boolean isWhole(ColumnEncoding column) {
    return column.shape() == null
        && version.column(column.column()).filter(Column::wholeNumbers).isPresent();
  }

  /** What shows that a column counts rows: steps in one direction, or numbers without gaps. */
  private static @Nullable String counts(double[] values, double[] sorted, RowSample sample) {
    boolean rises = true;
    boolean falls = true;
    for (int row = 1; row < values.length; row++) {
      rises &= values[row] > values[row - 1];
      falls &= values[row] < values[row - 1];
    }
    double range = sorted[sorted.length - 1] - sorted[0] + 1;
    if (rises || falls) {
      return "%s from row to row, from %.0f to %.0f in %d rows"
          .formatted(
              rises ? "rises" : "falls", values[0], values[values.length - 1], values.length);
    }
    return sample.whole() && range <= 1.1 * values.length
        ? "has the numbers from %.0f to %.0f, each in one of %d rows"
            .formatted(sorted[0], sorted[sorted.length - 1], values.length)
        : null;
  }

  // Targets

  private void rareClass(String name, TargetEncoding target) {
    if (!(target instanceof TargetEncoding.ClassTarget labels)
        || plan.selectedRows() < 10 * RARE
        || plan.selectedRows() > MAX_LABELS) {
      return;
    }
    int[] counts = new int[labels.classes().size()];
    this.labels.read(
        version,
        plan.selection().where(),
        plan.selectedRows(),
        labels,
        (_, label) -> counts[label]++);
    List<String> rare =
        IntStream.range(0, counts.length)
            .filter(label -> counts[label] < RARE)
            .mapToObj(label -> "'%s' %d".formatted(labels.classes().get(label), counts[label]))
            .toList();
    if (!rare.isEmpty()) {
      int shown = Math.min(rare.size(), 5);
      add(
          Violation.pointer("/model/targets", name),
          "rare_class",
          "%d of %d classes have fewer than %d of the %d rows (%s%s): a network can hardly learn them, and their metrics are chance. Gather more such rows, join classes, or leave them out with 'where'"
              .formatted(
                  rare.size(),
                  counts.length,
                  RARE,
                  plan.selectedRows(),
                  String.join(", ", rare.subList(0, shown)),
                  rare.size() > shown ? ", …" : ""));
    }
  }

  /** Rows with equal inputs and different classes, of which one answer can fit only some. */
  private void contradictions(String name, TargetEncoding target, RowSample sample) {
    if (!(target instanceof TargetEncoding.ClassTarget labels)) {
      return;
    }
    long[] keys = sample.keys(inputs.keySet());
    double[] classes = sample.column(labels.column());
    long[] sorted = keys.clone();
    Arrays.sort(sorted);
    Map<Long, Map<Double, Integer>> byInput = new HashMap<>();
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i] == sorted[i - 1]) {
        byInput.putIfAbsent(sorted[i], new HashMap<>());
      }
    }
    int alone = sample.rows();
    for (int row = 0; row < sample.rows() && !byInput.isEmpty(); row++) {
      Map<Double, Integer> counts = byInput.get(keys[row]);
      if (counts != null) {
        counts.merge(classes[row], 1, Integer::sum);
        alone--;
      }
    }
    long best = alone;
    long contradicting = 0;
    for (Map<Double, Integer> counts : byInput.values()) {
      int most = 0;
      int all = 0;
      for (int count : counts.values()) {
        most = Math.max(most, count);
        all += count;
      }
      best += most;
      contradicting += counts.size() > 1 ? all : 0;
    }
    if (best < 0.95 * sample.rows()) {
      add(
          Violation.pointer("/model/targets", name),
          "not_separable",
          "%d of %d rows%s have inputs that are equal and classes that differ, so no model has more than %.1f %% of these rows right. Add columns that tell them apart"
              .formatted(
                  contradicting, sample.rows(), ofFirst(sample), 100.0 * best / sample.rows()));
    }
  }

  /** The perceptron rule comes to rest only where a hyperplane separates the classes. */
  private void notLinear(TargetEncoding target, RowSample sample) {
    InputEncoding encoding = target.values();
    if (encoding == null) {
      return;
    }
    double[][] features = features(sample);
    for (String column : encoding.columnNames()) {
      double[] values = Arrays.copyOf(sample.column(column), features.length);
      double[] two = Arrays.stream(values).distinct().sorted().toArray();
      if (two.length != 2 || features.length == 0) {
        continue;
      }
      boolean[] positive = new boolean[values.length];
      for (int row = 0; row < positive.length; row++) {
        positive[row] = values[row] == two[1];
      }
      if (Separability.isImpossible(features, positive)) {
        add(
            "/training/optimizer",
            "not_separable",
            "No line or plane through the inputs separates the two values of '%s' in %s, so the perceptron rule never comes to rest. Add a hidden layer and train with adam"
                .formatted(
                    column,
                    features.length == sample.rows() && sample.whole()
                        ? "the " + features.length + " rows"
                        : "the first " + features.length + " rows"));
      }
    }
  }

  /** Numbers and categories as features of size about 1; no rows when there are too many. */
  private double[][] features(RowSample sample) {
    int rows = Math.min(sample.rows(), 1_000);
    List<double[]> columns = new ArrayList<>();
    for (InputEncoding input : plan.encoding().inputs().values()) {
      for (ColumnEncoding column : input.columns()) {
        double[] values = Arrays.copyOf(sample.column(column.column()), rows);
        if (column.shape() != null || Arrays.stream(values).anyMatch(Double::isNaN)) {
          return new double[0][];
        }
        if (column instanceof ColumnEncoding.Category) {
          for (double label : Arrays.stream(values).distinct().toArray()) {
            columns.add(Arrays.stream(values).map(v -> v == label ? 1 : 0).toArray());
          }
        } else {
          double size = Arrays.stream(values).map(Math::abs).max().orElse(1);
          columns.add(Arrays.stream(values).map(v -> size == 0 ? 0 : v / size).toArray());
        }
      }
    }
    if (columns.size() > 64) {
      return new double[0][];
    }
    double[][] features = new double[rows][columns.size()];
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < columns.size(); i++) {
        features[row][i] = columns.get(i)[row];
      }
    }
    return features;
  }

  // Parts

  private void acrossParts(RowSample sample, byte[] parts) {
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
                  ofFirst(sample),
                  inTraining[Split.VALIDATION],
                  inTraining[Split.TEST]));
    }
  }

  /** The keys of all rows; those for training are added to a set. */
  private long[] keys(RowSample sample, byte @Nullable [] parts, Set<Long> trained) {
    long[] keys = sample.keys(readColumns());
    for (int row = 0; row < keys.length; row++) {
      if (parts == null || parts[row] == Split.TRAINING) {
        trained.add(keys[row]);
      }
    }
    return keys;
  }

  private Set<String> readColumns() {
    Set<String> read = new LinkedHashSet<>(inputs.keySet());
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
    for (String name : readColumns()) {
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
  private boolean validationIsTraining() {
    DatasetVersion validation = plan.validationVersion();
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

  private void validationDataset(RowSample sample, byte @Nullable [] parts) {
    DatasetVersion validation = plan.validationVersion();
    if (validation == null || validation.rows() == 0) {
      return;
    }
    Set<Long> trained = new HashSet<>();
    long[] _ = keys(sample, parts, trained);
    RowSample other = sample(validation, null, validation.rows(), readColumns());
    int known = 0;
    for (long key : other.keys(readColumns())) {
      known += trained.contains(key) ? 1 : 0;
    }
    if (!exceedsChance(sample, known, other.rows(), sample.rows())) {
      return;
    }
    String found =
        "%d of the %d rows of %s%s equal a row for training in all inputs and targets"
            .formatted(known, other.rows(), validation.reference(), ofFirst(other));
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

  private void groups(RowSample sample, byte[] parts, List<Column> unread) {
    SplitSpec split = plan.selection().split();
    List<Column> candidates = new ArrayList<>(unread);
    for (String name : inputs.keySet()) {
      version
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
          GroupColumns.check(sample, name, isNumber, inputs.containsKey(name), parts);
      if (found != null) {
        add(
            "/dataset/split",
            "group_across_parts",
            "Column '%s' looks like groups: rows with the same value are alike in '%s', and %d of %d values with several rows%s lie in more than one part. Then validation and test rows have near twins in training: use \"by\": \"group\", \"group\": \"%1$s\""
                .formatted(name, found.alike(), found.spread(), found.groups(), ofFirst(sample)));
      }
    }
  }

  /** What a warning says of a large dataset. */
  private static String ofFirst(RowSample sample) {
    return sample.whole() ? "" : String.format(Locale.ROOT, " (of the first %d)", sample.rows());
  }

  private void add(String pointer, String code, String detail) {
    warnings.add(new Warning(pointer, code, detail));
  }
}
