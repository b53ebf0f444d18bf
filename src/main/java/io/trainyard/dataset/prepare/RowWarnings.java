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
import io.trainyard.spec.RowWindow;
import io.trainyard.spec.check.Warning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Warns of rows that make a measured number look better than it is, that no network can tell apart,
 * or that are not what a window takes them for. Large datasets are judged by their first rows, and
 * the warning says so.
 */
final class RowWarnings {
  /** Fewer rows are a truth table or a toy, whose rows may be anything. */
  private static final int MIN_ROWS = 20;

  /** Groups of columns that no input reads are looked for in at most as many. */
  private static final int MAX_UNREAD = 8;

  private final DatasetRows source;
  private final DataPlan plan;
  private final DatasetVersion version;
  private final long seed;
  private final List<Warning> warnings = new ArrayList<>();

  /** By column, the input that reads it first. */
  private final Map<String, String> inputs = new LinkedHashMap<>();

  private final Set<String> targets = new LinkedHashSet<>();

  private RowWarnings(DatasetRows source, DataPlan plan, long seed) {
    this.source = source;
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
  }

  /**
   * The warnings about a job's rows.
   *
   * @param linear whether the network is one layer that is trained by the perceptron rule
   */
  static List<Warning> of(
      DatasetRows source, RowLabels labels, DataPlan plan, long seed, boolean linear) {
    RowWarnings rows = new RowWarnings(source, plan, seed);
    LabelWarnings ofLabels = new LabelWarnings(plan, rows.inputs.keySet(), rows.warnings);
    plan.encoding().targets().forEach((name, target) -> ofLabels.rareClass(name, target, labels));
    PartWarnings ofParts =
        new PartWarnings(plan, rows.inputs.keySet(), rows.targets, rows.warnings);
    boolean sameVersion = ofParts.validationIsTraining();
    boolean hasWindows =
        plan.encoding().inputs().values().stream().anyMatch(i -> i.window() != null);
    if (hasWindows) {
      rows.ofSteps(sameVersion);
    } else if (plan.selectedRows() > 1) {
      rows.ofSample(linear, sameVersion, ofLabels, ofParts);
    }
    return List.copyOf(rows.warnings);
  }

  /** All windows agree in the columns that order and group the rows. */
  private void ofSteps(boolean sameVersion) {
    for (var input : plan.encoding().inputs().entrySet()) {
      RowWindow window = input.getValue().window();
      if (window != null && window.orderBy() != null) {
        String where = plan.selection().where();
        String at = Violation.pointer("/model/inputs", input.getKey()) + "/window/order_by";
        ofSteps(window, version, where, plan.selectedRows(), at);
        DatasetVersion validation = plan.validationVersion();
        if (validation != null && !sameVersion) {
          ofSteps(window, validation, null, validation.rows(), SelectedVersions.VALIDATION);
        }
        return;
      }
    }
  }

  private void ofSteps(
      RowWindow window, DatasetVersion from, @Nullable String where, long count, String at) {
    String orderBy = window.orderBy();
    Column order = orderBy == null ? null : from.column(orderBy).orElse(null);
    if (order != null) {
      RowSample sample = sample(from, where, count, Set.copyOf(window.columns()));
      long all = where == null ? from.rows() : 0;
      warnings.addAll(TimeSteps.warnings(sample, window, order, all, at));
    }
  }

  private void ofSample(
      boolean linear, boolean sameVersion, LabelWarnings ofLabels, PartWarnings ofParts) {
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
    plan.encoding()
        .targets()
        .forEach((name, target) -> ofLabels.contradictions(name, target, sample));
    if (linear) {
      plan.encoding().targets().forEach((_, target) -> ofLabels.notLinear(target, sample));
    }
    byte[] parts = parts(sample);
    if (parts != null) {
      ofParts.acrossParts(sample, parts);
      ofParts.groups(sample, parts, unread);
    }
    DatasetVersion validation = plan.validationVersion();
    if (validation != null && validation.rows() > 0 && !sameVersion) {
      Set<String> compared = ofParts.columns();
      RowSample other = sample(validation, null, validation.rows(), compared);
      ofParts.validationDataset(sample, parts, other);
    }
  }

  private RowSample sample(
      DatasetVersion from, @Nullable String where, long count, Set<String> names) {
    List<Column> columns = from.columns().stream().filter(c -> names.contains(c.name())).toList();
    return RowSample.read(source, from, where, count, columns);
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
      labels = words(sample.rows());
    } else if (column != null) {
      labels = numbered(sample.column(column));
    }
    return Split.subsets(sample.rows(), split, seed, labels);
  }

  private int @Nullable [] words(int rows) {
    SelectedRows read = SelectedRows.of(source, version, plan.selection().where());
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
            case ColumnEncoding.Numeric number
                when inputs.size() > 1
                    && column.shape() == null
                    && !number.isTime()
                    && areWhole(values)
                    && distinct == sample.rows() ->
                counts(values, sorted, sample);
            default -> null;
          };
      if (what != null) {
        add(
            Violation.pointer("/model/inputs", name),
            "id_like_column",
            "Column '%s' %s%s. A network can know the rows by it and learns nothing for new ones: leave it out"
                .formatted(column.column(), what, sample.ofFirst()));
      }
    }
  }

  /** Whether numbers are whole, written as integers or as decimals. */
  private static boolean areWhole(double[] values) {
    return Arrays.stream(values).allMatch(value -> value == Math.rint(value));
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

  private void add(String pointer, String code, String detail) {
    warnings.add(new Warning(pointer, code, detail));
  }
}
