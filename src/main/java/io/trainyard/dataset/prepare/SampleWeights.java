package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.Columns;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.UnknownColumn;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.KnownColumns;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.spec.Imputation;
import io.trainyard.spec.Scaling;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The column that says how much each row counts in the loss. The network does not see it. While
 * rows are prepared it is a target of its own, under a name that no target can have.
 */
record SampleWeights(Column column) {
  /** A target's name has no space. A window has the weight of the row of its first target. */
  static final String NAME = "sample weight";

  private static final String POINTER = "/training/sample_weight";

  /** The largest weight; sums and products of 32-bit floats lose digits or overflow beyond. */
  private static final double MOST = 1e30;

  private static final double LEAST = 1e-30;

  /**
   * The weights in a column, checked.
   *
   * @param columns of the selected rows
   * @return null when the job names no column, or a violation says what is wrong with it
   */
  static @Nullable SampleWeights of(
      Preparation asked, List<Column> columns, SelectedVersions versions, Violations violations) {
    String name = asked.sampleWeight();
    if (name == null) {
      return null;
    }
    Column column = Columns.of(columns).find(name).orElse(null);
    if (column == null) {
      UnknownColumn.violate(name, versions.main().columns(), POINTER, violations);
      return null;
    }
    long before = violations.count();
    boolean isRead =
        asked.model().columns().contains(name)
            || (asked.inherited() != null && asked.inherited().columnNames().contains(name));
    if (isRead) {
      violations.add(
          POINTER,
          "Column '%s' is an input or a target of the model; a weight must be a column that the network does not see"
              .formatted(name));
    }
    checkNumbers(column, "", violations);
    DatasetVersion validation = versions.validation();
    if (validation != null) {
      validation
          .column(name)
          .ifPresentOrElse(
              other -> checkNumbers(other, " of " + validation.reference(), violations),
              () ->
                  violations.add(
                      POINTER, validation.reference() + " has no column '" + name + "'"));
    }
    return violations.count() > before ? null : new SampleWeights(column);
  }

  private static void checkNumbers(Column column, String owner, Violations violations) {
    String what = "Column '" + column.name() + "'" + owner;
    if (!column.type().isNumber()) {
      violations.add(
          POINTER,
          "%s is a %s; weights are numbers from 0 up".formatted(what, column.type().word()));
      return;
    }
    if (column.profile().nulls() > 0) {
      violations.add(
          POINTER,
          KnownColumns.missing(column)
              + "; a weight cannot be missing. Leave such rows out: \"where\": \""
              + column.name()
              + " IS NOT NULL\" in 'dataset'");
    }
    if (column.profile().min() instanceof Number min && min.doubleValue() < 0) {
      violations.add(
          POINTER, "%s has the value %s; weights are numbers from 0 up".formatted(what, min));
    } else if (column.profile().max() instanceof Number max && max.doubleValue() == 0) {
      violations.add(POINTER, what + " is 0 in all rows, so no row would count");
    } else if (column.profile().max() instanceof Number max
        && (max.doubleValue() > MOST || max.doubleValue() < LEAST)) {
      violations.add(
          POINTER,
          "%s has no value above %s; sums of such weights are too %s for 32-bit floats. Only their ratio counts: write them with a largest value near 1"
              .formatted(what, max, max.doubleValue() > MOST ? "large" : "small"));
    }
  }

  /** The columns that the model may read. */
  static List<Column> leftIn(List<Column> columns, @Nullable SampleWeights weights) {
    return weights == null
        ? columns
        : columns.stream().filter(column -> !column.name().equals(weights.column.name())).toList();
  }

  /** The encoding of rows with their weights. */
  static Encoding addTo(Encoding encoding, @Nullable SampleWeights weights) {
    if (weights == null) {
      return encoding;
    }
    Map<String, TargetEncoding> targets = new LinkedHashMap<>(encoding.targets());
    ColumnEncoding own =
        ColumnEncoding.Numeric.of(weights.column, new Scaling.None(), new Imputation.Refuse());
    targets.put(
        NAME,
        new TargetEncoding.NumberTarget(
            NAME, new InputEncoding(ElementType.FLOAT32, Shape.of(1), List.of(own))));
    return encoding.with(encoding.inputs(), targets);
  }

  /** The encoding that is published. */
  static Encoding removeFrom(Encoding encoding) {
    if (!encoding.targets().containsKey(NAME)) {
      return encoding;
    }
    Map<String, TargetEncoding> targets = new LinkedHashMap<>(encoding.targets());
    targets.remove(NAME);
    return encoding.with(encoding.inputs(), targets);
  }

  /** Refuses training rows of which none counts: there is nothing to learn. */
  static Subset checked(Subset training) {
    if (countsNone(training)) {
      throw new ServiceException(
          ErrorCode.INVALID_ROWS,
          "The sample weights of all %d rows for training are 0, so none of them would count"
              .formatted(training.rows()));
    }
    return training;
  }

  /**
   * Rows for validation or test. Where the weights of all are 0, as may happen to a few rows drawn
   * by chance, all count the same: else the mean of their losses would not be a number.
   */
  static Subset ofEvaluated(Subset rows) {
    return countsNone(rows) ? new Subset(rows.rows(), rows.inputs(), rows.targets()) : rows;
  }

  private static boolean countsNone(Subset rows) {
    HostTensor weights = rows.weights();
    for (int row = 0; weights != null && row < rows.rows(); row++) {
      if (weights.floatAt(row) > 0) {
        return false;
      }
    }
    return weights != null && rows.rows() > 0;
  }
}
