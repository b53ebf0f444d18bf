package io.trainyard.dataset.prepare;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.spec.check.TargetValues;
import io.trainyard.spec.check.Warning;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a job's rows will become, as known at submission.
 *
 * @param selection with its versions resolved to numbers
 * @param validationVersion the separate dataset to validate on, or null
 * @param weights of the rows; null: every row counts the same
 * @param encoding categories, classes and shapes; no scaling statistics yet
 * @param trainingRows rows to train on, or windows of a series
 * @param selectedRows rows that are read
 * @param columns profiled over the selected rows
 * @param bytes the memory that the encoded rows need
 * @param warnings about the columns that the model reads, where they were asked for
 */
public record DataPlan(
    DatasetVersion version,
    @Nullable DatasetVersion validationVersion,
    DatasetSelection selection,
    @Nullable SampleWeights weights,
    Encoding encoding,
    long trainingRows,
    long validationRows,
    long testRows,
    long selectedRows,
    List<Column> columns,
    long bytes,
    List<Warning> warnings) {
  public DataPlan {
    columns = List.copyOf(columns);
    warnings = List.copyOf(warnings);
  }

  /** What the values of the targets are, with their ranges in the dataset. */
  public Map<String, TargetValues> targetValues() {
    Map<String, TargetValues> values = new LinkedHashMap<>(encoding.targetValues());
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              if (target instanceof TargetEncoding.NumberTarget numbers) {
                values.put(
                    name, new TargetValues.Numbers(numbers.shape(), range(numbers.encoding())));
              }
            });
    return values;
  }

  /** The range over all columns; null when a column has none. */
  private TargetValues.@Nullable Range range(InputEncoding numbers) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (String name : numbers.columnNames()) {
      Column column = version.column(name).orElse(null);
      if (column != null && column.type() == ColumnType.BOOLEAN) {
        min = Math.min(min, 0);
        max = Math.max(max, 1);
        continue;
      }
      if (column == null
          || !(column.profile().min() instanceof Number least)
          || !(column.profile().max() instanceof Number most)) {
        return null;
      }
      min = Math.min(min, least.doubleValue());
      max = Math.max(max, most.doubleValue());
    }
    return new TargetValues.Range(min, max);
  }

  public boolean hasValidation() {
    return validationRows > 0;
  }
}
