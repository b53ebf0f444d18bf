/**
 * Dataset versions in the database, behind the ports {@code DatasetCatalogue}, {@code DatasetRows},
 * {@code DatasetContent} and {@code DatasetHolds}. It must not know how a format is read or how
 * DuckDB is called beyond {@code store.duckdb}. Start at {@link
 * io.trainyard.store.dataset.JdbcDatasetStore}.
 */
@NullMarked
package io.trainyard.store.dataset;

import org.jspecify.annotations.NullMarked;
