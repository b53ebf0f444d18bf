/**
 * Writes rows to Parquet files in batches while more rows are read ({@link
 * io.trainyard.store.table.ParquetStream}, the class to start at); {@link
 * io.trainyard.store.table.WideParquet} writes tables of many columns or of tensors. It also has
 * the rules that all upload formats share: names of columns, timestamps as text, and rejected rows.
 * It must not know any upload format.
 */
@NullMarked
package io.trainyard.store.table;

import org.jspecify.annotations.NullMarked;
