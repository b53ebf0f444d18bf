package io.trainyard.dataset;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a job's data when it is submitted.
 *
 * @param selection with its versions fixed
 * @param validationVersion the data set to validate on, when it is one of its own
 * @param encoding categories, classes and shapes; no scaling statistics yet
 * @param bytes what the encoded rows will take in memory
 */
public record DataPlan(
    DatasetVersion version,
    @Nullable DatasetVersion validationVersion,
    DatasetSelection selection,
    Encoding encoding,
    long trainingRows,
    long validationRows,
    long testRows,
    long bytes) {
  /** Rows of the data set itself, all parts together. */
  long selectedRows() {
    return trainingRows + (validationVersion == null ? validationRows : 0) + testRows;
  }

  public boolean hasValidation() {
    return validationRows > 0;
  }
}
