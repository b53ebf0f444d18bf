/**
 * Profiles the columns of datasets: statistics, frequent values, labels, and hints for columns that
 * deserve a second look. It must not know how a file is uploaded, nor the tables of the database.
 * Start at {@link io.trainyard.store.profile.Profiler}, which reads a Parquet file, or {@link
 * io.trainyard.store.profile.RunningProfile}, which sees the rows of a large one while they are
 * written. Tested by {@code ProfilerTest}, {@code WideTableTest} and {@code RunningProfileTest};
 * {@code HintsTest} also tests {@code RedundantColumns}.
 *
 * <p>Other tests: {@code ColumnStatistics} and {@code ColumnPass} in {@code ProfilerTest}, {@code
 * ValueCounter}, {@code Moments}, {@code QuantileSample}, {@code DistinctEstimate} and {@code
 * LinearCandidates} in {@code WideTableTest}.
 */
@NullMarked
package io.trainyard.store.profile;

import org.jspecify.annotations.NullMarked;
