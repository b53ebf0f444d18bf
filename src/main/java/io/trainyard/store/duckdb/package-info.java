/**
 * Reads the Parquet files of datasets with DuckDB: sessions, conditions of callers, and rows. It
 * must not know how a file is uploaded, nor the tables of the database. Start at {@link
 * io.trainyard.store.duckdb.DuckDb}, a locked-down session for one task; {@link
 * io.trainyard.store.duckdb.TaskSlots} bounds the tasks of all requests. Tested by {@code
 * TaskSlotsTest}, {@code DuckDbTest}, {@code ConditionTest} and {@code RowScannerTest}.
 *
 * <p>Other tests: {@code ConditionParser} and {@code ConditionTokens} in {@code ConditionTest},
 * {@code TaskSlot} and {@code RunningTask} in {@code TaskSlotsTest}, {@code RowViewer} in {@code
 * PagesByBytesHttpTest}.
 */
@NullMarked
package io.trainyard.store.duckdb;

import org.jspecify.annotations.NullMarked;
