/**
 * Reads the Parquet files of datasets with DuckDB: sessions, conditions of callers, profiles, hints
 * and rows. It must not know how a file is uploaded, nor the tables of the database. Start at
 * {@link io.trainyard.store.duckdb.DuckDb}, a locked-down session for one task. Held by {@code
 * DuckDbTest}, {@code ConditionTest}, {@code ProfilerTest} and {@code RowScannerTest}; {@code
 * HintsTest} also holds {@code RedundantColumns}.
 *
 * <p>Classes without a test of their name are held: {@code ConditionWriter} by {@code
 * ConditionTest}, {@code ColumnStatistics} by {@code ProfilerTest}.
 */
@NullMarked
package io.trainyard.store.duckdb;

import org.jspecify.annotations.NullMarked;
