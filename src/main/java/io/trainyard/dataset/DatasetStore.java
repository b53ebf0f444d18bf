package io.trainyard.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Where data set versions live. */
public interface DatasetStore {
  /**
   * Reads an upload to its end and makes it an immutable version; the same bytes under the same
   * options are the same version. Nothing is left behind when it cannot be taken.
   */
  Creation create(Upload upload) throws IOException;

  Optional<DatasetVersion> find(String name, int version);

  Optional<DatasetVersion> findLatest(String name);

  /** The data sets, newest first, beginning behind the one with the id {@code before}. */
  List<Listed> list(int limit, @Nullable Long before);

  /**
   * The versions of one data set, newest first, beginning below {@code before}; DATASET_NOT_FOUND
   * when there is none.
   */
  List<DatasetVersion> listVersions(String name, int limit, @Nullable Long before);

  /** Rows in file order, as JSON shows them. */
  List<ObjectNode> rows(DatasetVersion version, long offset, int limit);

  /** The rows an upload with {@code on_error: skip} left out, in file order. */
  List<Reject> rejects(DatasetVersion version, long offset, int limit);

  /** The very bytes that were uploaded. */
  InputStream content(DatasetVersion version) throws IOException;

  /** Removes a version; IN_USE while someone holds it. */
  void delete(String name, int version);

  /**
   * Keeps a version from being deleted until its holder lets go; joins the caller's transaction.
   *
   * @param holder the id of a job
   */
  void hold(DatasetVersion version, String holder);

  /** Lets go of everything a holder holds; joins the caller's transaction. */
  void letGo(String holder);

  /** How many rows a condition selects, with what its columns hold in them. */
  Selected select(DatasetVersion version, @Nullable String where, List<String> columns);

  /**
   * Hands over the selected rows in file order, some at a time.
   *
   * @param where a condition that {@link #select} accepted, or null for all rows
   */
  void scan(
      DatasetVersion version, @Nullable String where, List<String> columns, Consumer<Rows> reader);

  /**
   * The different values of a column in the selected rows, in no order.
   *
   * @param limit at most so many are returned
   */
  List<String> distinct(DatasetVersion version, @Nullable String where, String column, int limit);

  /** A version and whether this call made it. */
  record Creation(DatasetVersion version, boolean created) {}

  /** A data set by its newest version. */
  record Listed(long id, DatasetVersion latest) {}

  /** A row that was left out. */
  record Reject(long line, @Nullable String column, String reason) {}

  /** What a condition selects; columns in the order asked for. */
  record Selected(long rows, List<Column> columns) {
    public Selected {
      columns = List.copyOf(columns);
    }
  }
}
