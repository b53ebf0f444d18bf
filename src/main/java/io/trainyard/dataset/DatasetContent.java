package io.trainyard.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a caller can read back from a dataset version. */
public interface DatasetContent {
  /** Rows as JSON, in file order. */
  List<ObjectNode> rows(DatasetVersion version, long offset, int limit);

  /** The rows that an upload with {@code on_error: skip} left out, in file order. */
  List<Reject> rejects(DatasetVersion version, long offset, int limit);

  /** The uploaded bytes. */
  InputStream original(DatasetVersion version) throws IOException;

  /** A row that was left out. */
  record Reject(long line, @Nullable String column, String reason) {}
}
