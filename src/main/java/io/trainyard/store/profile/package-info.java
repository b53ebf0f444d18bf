/**
 * Profiles the columns of datasets: statistics, frequent values, labels, and hints for columns that
 * deserve a second look. It must not know how a file is uploaded, nor the tables of the database.
 * Start at {@link io.trainyard.store.profile.Profiler}, which reads a Parquet file, or {@link
 * io.trainyard.store.profile.RunningProfile}, which sees the rows of a large one while they are
 * written.
 */
@NullMarked
package io.trainyard.store.profile;

import org.jspecify.annotations.NullMarked;
