package io.trainyard.dataset.prepare;

import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.Violation;
import io.trainyard.spec.check.Warning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Warns of targets that no network can learn from these rows. */
final class LabelWarnings {
  /** A rare class is one of fewer rows than this, among at least ten times as many. */
  private static final int RARE = 5;

  /** Rows whose labels are counted. */
  private static final long MAX_LABELS = 5_000_000;

  private final DataPlan plan;
  private final Set<String> inputs;
  private final List<Warning> warnings;

  /**
   * @param inputs the columns that inputs read
   * @param warnings takes what is found
   */
  LabelWarnings(DataPlan plan, Set<String> inputs, List<Warning> warnings) {
    this.plan = plan;
    this.inputs = inputs;
    this.warnings = warnings;
  }

  /** Classes of which there are only a few rows. */
  void rareClass(String name, TargetEncoding target, RowLabels rows) {
    if (!(target instanceof TargetEncoding.ClassTarget labels)
        || plan.selectedRows() < 10 * RARE
        || plan.selectedRows() > MAX_LABELS) {
      return;
    }
    int[] counts = new int[labels.classes().size()];
    rows.read(plan.version(), plan.selection().where(), labels, (_, label) -> counts[label]++);
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
  void contradictions(String name, TargetEncoding target, RowSample sample) {
    if (!(target instanceof TargetEncoding.ClassTarget labels)) {
      return;
    }
    long[] keys = sample.keys(inputs);
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
                  contradicting, sample.rows(), sample.ofFirst(), 100.0 * best / sample.rows()));
    }
  }

  /** The perceptron rule comes to rest only where a hyperplane separates the classes. */
  void notLinear(TargetEncoding target, RowSample sample) {
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

  private void add(String pointer, String code, String detail) {
    warnings.add(new Warning(pointer, code, detail));
  }
}
