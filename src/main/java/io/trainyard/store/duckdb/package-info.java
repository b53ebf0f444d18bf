/** DuckDB: sessions, conditions, profiles, rows. */
@NullMarked
package io.trainyard.store.duckdb;

import org.jspecify.annotations.NullMarked;
