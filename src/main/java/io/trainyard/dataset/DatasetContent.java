package io.trainyard.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a caller can read back from a dataset version. */
public interface DatasetContent {
  /** Rows as JSON, in file order; fewer than the limit, but one, when they exceed the bytes. */
  List<ObjectNode> rows(DatasetVersion version, long offset, int limit, long maxBytes);

  /** Rows as JSON, in file order, whatever their size. */
  default List<ObjectNode> rows(DatasetVersion version, long offset, int limit) {
    return rows(version, offset, limit, Long.MAX_VALUE);
  }

  /** The rows that an upload with {@code on_error: skip} left out, in file order. */
  List<Reject> rejects(DatasetVersion version, long offset, int limit);

  /** The uploaded bytes. */
  InputStream original(DatasetVersion version) throws IOException;

  /** The rows as CSV with a header; a tensor is written as nested lists. */
  InputStream csv(DatasetVersion version) throws IOException;

  /** A row that was left out. */
  record Reject(long line, @Nullable String column, String reason) {}
}
