package io.trainyard.store.ingest;

import io.trainyard.store.duckdb.DuckDb;

/**
 * A column of a caller's Parquet file.
 *
 * @param type the type as DuckDB names it
 */
record SourceColumn(String name, String type) {
  /** The column in SQL. */
  String sql() {
    return DuckDb.quoted(name);
  }
}
