package io.trainyard.dataset.prepare;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.spec.check.Warning;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a job's data when it is submitted.
 *
 * @param selection with its versions fixed
 * @param validationVersion the data set to validate on, when it is one of its own
 * @param encoding categories, classes and shapes; no scaling statistics yet
 * @param trainingRows rows, or windows of a series, to train on
 * @param selectedRows rows of the data set that are read
 * @param bytes what the encoded rows will take in memory
 * @param warnings what is odd about the columns
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
