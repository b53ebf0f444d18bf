package io.trainyard.dataset.prepare;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.spec.check.Warning;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a job's rows will become, as known at submission.
 *
 * @param selection with its versions resolved to numbers
 * @param validationVersion the separate dataset to validate on, or null
 * @param encoding categories, classes and shapes; no scaling statistics yet
 * @param trainingRows rows to train on, or windows of a series
 * @param selectedRows rows that are read
 * @param bytes the memory that the encoded rows need
 * @param warnings about the columns that the model reads
 */
public record DataPlan(
    DatasetVersion version,
    @Nullable DatasetVersion validationVersion,
    DatasetSelection selection,
    Encoding encoding,
    long trainingRows,
    long validationRows,
    long testRows,
    long selectedRows,
    long bytes,
    List<Warning> warnings) {
  public DataPlan {
    warnings = List.copyOf(warnings);
  }

  public boolean hasValidation() {
    return validationRows > 0;
  }
}
