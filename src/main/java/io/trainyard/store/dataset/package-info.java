/**
 * Dataset versions in the database, behind the ports {@code DatasetCatalogue}, {@code DatasetRows},
 * {@code DatasetContent} and {@code DatasetHolds}. It must not know how a format is read or how
 * DuckDB is called beyond {@code store.duckdb}. Start at {@link
 * io.trainyard.store.dataset.JdbcDatasetStore}. Held by {@code JdbcDatasetStoreTest} on each kind
 * of database; {@code DamagedRowsTest} holds that damaged rows are not read.
 *
 * <p>Classes without a test of their name are held: {@code DatasetDocument} and {@code
 * DatasetVersionTable} by {@code JdbcDatasetStoreTest}.
 */
@NullMarked
package io.trainyard.store.dataset;

import org.jspecify.annotations.NullMarked;
