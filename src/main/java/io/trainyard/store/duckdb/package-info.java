/**
 * Reads the Parquet files of datasets with DuckDB: sessions, conditions of callers, and rows. It
 * must not know how a file is uploaded, nor the tables of the database. Start at {@link
 * io.trainyard.store.duckdb.DuckDb}, a locked-down session for one task; {@link
 * io.trainyard.store.duckdb.TaskSlots} bounds the tasks of all requests.
 */
@NullMarked
package io.trainyard.store.duckdb;

import org.jspecify.annotations.NullMarked;
