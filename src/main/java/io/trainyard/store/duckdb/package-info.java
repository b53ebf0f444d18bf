/**
 * Reads the Parquet files of datasets with DuckDB: sessions, conditions of callers, profiles, hints
 * and rows. It must not know how a file is uploaded, nor the tables of the database. Start at
 * {@link io.trainyard.store.duckdb.DuckDb}, a locked-down session for one task; {@link
 * io.trainyard.store.duckdb.TaskSlots} bounds the tasks of all requests. Tested by {@code
 * TaskSlotsTest}, {@code DuckDbTest}, {@code ConditionTest}, {@code ProfilerTest} and {@code
 * RowScannerTest}; {@code HintsTest} also tests {@code RedundantColumns}.
 *
 * <p>Other tests: {@code ConditionParser} and {@code ConditionTokens} in {@code ConditionTest},
 * {@code ColumnStatistics} in {@code ProfilerTest}, {@code TaskSlot} and {@code RunningTask} in
 * {@code TaskSlotsTest}, {@code ColumnPass} in {@code ProfilerTest}, {@code ValueCounter}, {@code
 * Moments}, {@code QuantileSample} and {@code LinearCandidates} in {@code WideTableTest}, {@code
 * RowViewer} in {@code PagesByBytesHttpTest}.
 */
@NullMarked
package io.trainyard.store.duckdb;

import org.jspecify.annotations.NullMarked;
