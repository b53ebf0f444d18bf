package io.trainyard.store.ingest;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.DerivedDatasets;
import io.trainyard.dataset.Hint;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.label.Labels;
import io.trainyard.os.Sha256;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import io.trainyard.store.duckdb.RowExport;
import io.trainyard.store.file.DatasetFiles;
import io.trainyard.store.file.TaskFolder;
import io.trainyard.store.profile.Hints;
import io.trainyard.store.profile.Profiler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/** Stores the files of a version that a query makes; its content is a Parquet file. */
final class JoinedVersion {
  private final DatasetProperties properties;
  private final DatasetFiles files;
  private final String name;
  private final List<IngestedTable.Entry> columns;
  private final long rows;

  JoinedVersion(
      DatasetProperties properties,
      DatasetFiles files,
      String name,
      List<IngestedTable.Entry> columns,
      long rows) {
    this.properties = properties;
    this.files = files;
    this.name = name;
    this.columns = List.copyOf(columns);
    this.rows = rows;
  }

  /**
   * Runs the query and stores its rows.
   *
   * @param inputs the files that the query reads
   */
  DerivedDatasets.Staged store(String query, List<Path> inputs) {
    try (TaskFolder task = files.newTaskFolder()) {
      Path parquet = task.path().resolve("rows.parquet");
      Path content = task.path().resolve("content.parquet");
      for (Path input : inputs) {
        files.reserve().require(2 * Files.size(input));
      }
      List<Path> all = Stream.concat(inputs.stream(), Stream.of(parquet, content)).toList();
      try (DuckDb duck = DuckDb.open(properties, task.path(), files.reserve(), all)) {
        duck.execute(ParquetFile.copy(query, columns, parquet));
        String stored = ParquetFile.read(parquet);
        duck.execute(ParquetFile.copy(RowExport.named(columns, stored), columns, content));
        String sha256;
        try (InputStream in = Files.newInputStream(content)) {
          sha256 = Sha256.of(in);
        }
        String digest = ReceivedUpload.digest(Upload.Format.PARQUET, IngestOptions.DEFAULT, sha256);
        long bytes = Files.size(content);
        IngestedTable table = new IngestedTable(columns, rows, 0);
        List<Column> profiled = Profiler.ofVersion(duck, stored, rows).profile(table);
        List<Hint> hints = Hints.of(duck, stored, rows, profiled);
        Map<Path, FutureTask<DatasetFiles.SyncedFile>> synced = new LinkedHashMap<>();
        synced.put(files.rows(digest), DatasetFiles.sync(parquet));
        synced.put(files.content(digest), DatasetFiles.sync(content));
        files.commit(synced);
        return new DerivedDatasets.Staged(
            new DatasetVersion(
                name,
                0,
                Upload.Format.PARQUET,
                sha256,
                1,
                rows,
                0,
                bytes,
                profiled,
                hints,
                Instant.EPOCH,
                Labels.NONE),
            digest);
      }
    } catch (SQLException e) {
      throw DuckDb.failure(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
