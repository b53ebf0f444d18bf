package io.trainyard.store.ingest;

import io.trainyard.dataset.IngestOptions;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import java.nio.file.Path;
import java.util.List;

/** Where a caller's Parquet file is converted to ours. Only the result is read in this process. */
@FunctionalInterface
public interface ParquetConversion {
  /**
   * Converts a file.
   *
   * @param properties with the memory that the conversion may use
   * @param scratch a folder for temporary files
   * @param reserve the disk space that stays free
   * @param source the caller's file
   * @param parquet the file to write
   * @throws io.trainyard.error.ServiceException what is wrong with it
   */
  IngestedTable convert(
      DatasetProperties properties,
      Path scratch,
      DiskReserve reserve,
      Path source,
      IngestOptions options,
      Path parquet);

  /** Converts in this process. */
  static IngestedTable here(
      DatasetProperties properties,
      Path scratch,
      DiskReserve reserve,
      Path source,
      IngestOptions options,
      Path parquet) {
    try (DuckDb duck =
        DuckDb.openSingleThreaded(properties, scratch, reserve, List.of(source, parquet))) {
      return new ParquetIngestion(source, options).ingest(duck, parquet);
    }
  }
}
