/** Rows on their way into a Parquet file. */
@NullMarked
package io.trainyard.store.table;

import org.jspecify.annotations.NullMarked;
