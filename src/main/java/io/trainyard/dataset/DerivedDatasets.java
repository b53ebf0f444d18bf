package io.trainyard.dataset;

import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes dataset versions of the rows of another one and of computed columns. */
public interface DerivedDatasets {
  /**
   * A column that is computed.
   *
   * @param shape of a row's tensor; null for a scalar
   */
  record NewColumn(String name, ColumnType type, @Nullable Shape shape) {}

  /**
   * Begins, or goes on with what was kept under the same key.
   *
   * @param key names what is kept; a job's id
   */
  Extension extend(DatasetVersion source, List<NewColumn> columns, String key);

  /** Computed columns on their way to a new version. One thread uses it. */
  interface Extension extends AutoCloseable {
    /** The rows that are kept on disk. */
    long keptRows();

    /**
     * Adds rows.
     *
     * @param numbers of the rows in the source, from 1
     * @param values by column, in order
     */
    void add(int[] numbers, List<ColumnValues> values);

    /** Keeps the rows that were added on disk, for another attempt. */
    void keep();

    /**
     * Joins the rows with those of the source, in the source's order, and stores their files.
     *
     * @param name of the new dataset
     * @param complete whether every row of the source was added, in order
     */
    Staged finish(String name, boolean complete);

    /** Ends; what is kept stays. */
    @Override
    void close();
  }

  /**
   * A version whose files are stored, and which has no number yet.
   *
   * @param digest names the files
   */
  record Staged(DatasetVersion version, String digest) {}

  /**
   * Gives a version its number, or finds the one with the same rows. Joins the caller's
   * transaction.
   *
   * @param owner whose quota a new version counts for; null: nobody's
   */
  DatasetVersion publish(Staged staged, @Nullable String owner);

  /** Deletes what is kept under these keys. */
  void forget(Predicate<String> keys);
}
