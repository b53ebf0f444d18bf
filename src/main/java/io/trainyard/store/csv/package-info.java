/**
 * The CSV reader, used by {@code store.ingest} alone through {@link
 * io.trainyard.store.csv.CsvIngestion}, the only public class. {@code CsvReader} splits bytes into
 * cells, {@code CsvScan} is the first pass and {@code CsvSecondPass} the second. The package must
 * not know where the bytes come from and where the Parquet file is kept.
 */
@NullMarked
package io.trainyard.store.csv;

import org.jspecify.annotations.NullMarked;
