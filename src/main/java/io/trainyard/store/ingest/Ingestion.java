package io.trainyard.store.ingest;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Hint;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.label.Labels;
import io.trainyard.os.Sha256;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.csv.CsvIngestion;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import io.trainyard.store.duckdb.RunningTask;
import io.trainyard.store.file.DatasetFiles;
import io.trainyard.store.profile.Hints;
import io.trainyard.store.profile.Profiler;
import io.trainyard.store.table.Rejects;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.springframework.util.unit.DataSize;

/** Turns one received upload into the files of a version. */
public final class Ingestion implements AutoCloseable {
  private static final int CSV_CHUNK = 1 << 19;

  private final DatasetProperties properties;
  private final DatasetFiles files;
  private final Path task;
  private final Upload upload;
  private final ReceivedUpload received;
  private final ImageLimits images;
  private final ParquetConversion conversion;
  private final Path parquet;
  private final Path rejected;
  private final Rejects rejects;
  private final DuckDb duck;

  /**
   * Prepares an ingestion. It takes memory and threads, so it starts once the whole body has
   * arrived: a slow sender holds a file, nothing else.
   *
   * @param conversion for Parquet files
   * @param task a folder for temporary files; the caller deletes it
   */
  public Ingestion(
      DatasetProperties properties,
      DatasetFiles files,
      Path task,
      Upload upload,
      ReceivedUpload received,
      ImageLimits images,
      ParquetConversion conversion) {
    this.properties = properties;
    this.images = images;
    this.conversion = conversion;
    this.files = files;
    this.task = task;
    this.upload = upload;
    this.received = received;
    this.parquet = task.resolve("rows.parquet");
    this.rejected = task.resolve("rejects");
    this.rejects = new Rejects(upload.options().onError(), rejected);
    this.duck =
        DuckDb.openSingleThreaded(
            properties,
            task,
            files.reserve(),
            List.of(received.parts().getFirst().file(), parquet));
  }

  /**
   * Reads the rows; the version gets its number later.
   *
   * @param stores whether the files are stored; else those of an equal upload stay
   */
  public DatasetVersion ingest(boolean stores) throws IOException {
    // DuckDB writes the rows by itself. Columns rarely need more space than the bytes they are
    // from.
    files.reserve().require(received.bytes());
    List<ReceivedUpload.Part> parts = received.parts();
    String digest = received.digest();
    Path source = parts.getFirst().file();
    MessageDigest hash = Sha256.begin();
    FutureTask<DatasetFiles.SyncedFile> content =
        DatasetFiles.sync(parts.size() == 1 ? source : archive(hash));
    Map<Path, FutureTask<DatasetFiles.SyncedFile>> stored = new LinkedHashMap<>();
    IngestedTable table = read(source);
    stored.put(files.rows(digest), DatasetFiles.sync(parquet));
    rejects.close();
    if (Files.exists(rejected)) {
      stored.put(files.rejects(digest), DatasetFiles.sync(rejected));
    }
    stored.put(files.content(digest), content);
    duck.useAllThreads(properties);
    Profile profile = profile(table);
    if (stores) {
      files.commit(stored);
    } else {
      DatasetFiles.await(stored.values());
    }
    return new DatasetVersion(
        upload.name(),
        0,
        upload.format(),
        parts.size() == 1 ? parts.getFirst().sha256() : Sha256.hex(hash),
        parts.size(),
        table.rows(),
        table.rejected(),
        received.bytes(),
        profile.columns(),
        profile.hints(),
        Instant.EPOCH,
        Labels.NONE);
  }

  private record Profile(List<Column> columns, List<Hint> hints) {}

  /** What a few bytes stand for, others would wait for as long as it takes. */
  private Profile profile(IngestedTable table) {
    Duration limit = properties.convertTimeout(DataSize.ofBytes(received.bytes()));
    return RunningTask.within(
        limit,
        RunningTask.cancelled(),
        Set.of(duck),
        () -> ParquetTask.tooLong("Describing the columns of the rows", "", limit),
        () -> {
          try {
            String rows = ParquetFile.read(parquet);
            List<Column> columns = Profiler.ofVersion(duck, rows, table.rows()).profile(table);
            List<Hint> hints = new ArrayList<>(Hints.of(duck, rows, table.rows(), columns));
            hints.addAll(table.hints());
            return new Profile(columns, hints);
          } catch (SQLException e) {
            throw DuckDb.failure(e);
          }
        });
  }

  private IngestedTable read(Path source) throws IOException {
    IngestOptions options = upload.options();
    return switch (upload.format()) {
      case CSV -> csv(source, false);
      case TSV -> csv(source, true);
      case JSON -> new JsonIngestion(source, false, options, rejects).ingest(duck, parquet);
      case NDJSON -> new JsonIngestion(source, true, options, rejects).ingest(duck, parquet);
      case PARQUET ->
          conversion.convert(properties, task, files.reserve(), source, options, parquet);
      case NPY -> new NpyIngestion(npyFiles()).ingest(duck, parquet);
      case IMAGES ->
          new ImageIngestion(source, options, rejects, images, properties.maxUpload().toBytes())
              .ingest(duck, parquet);
    };
  }

  private IngestedTable csv(Path source, boolean tabs) throws IOException {
    try (CsvIngestion csv =
            new CsvIngestion(duck, upload.options(), tabs, rejects, parquet, received.bytes());
        InputStream in = Files.newInputStream(source)) {
      DiskReserve.Growth growth = files.reserve().growth();
      byte[] buffer = new byte[CSV_CHUNK];
      for (int read = in.readNBytes(buffer, 0, CSV_CHUNK);
          read > 0;
          read = in.readNBytes(buffer, 0, CSV_CHUNK)) {
        RunningTask.checkCancelled();
        growth.add(read);
        csv.scan(buffer, read);
      }
      return csv.ingest(source);
    }
  }

  /** A single file becomes the column that the options name; several are named by their parts. */
  private List<NpyIngestion.Named> npyFiles() {
    List<ReceivedUpload.Part> parts = received.parts();
    boolean single = parts.size() == 1 && parts.getFirst().name().equals("file");
    return parts.stream()
        .map(
            part ->
                new NpyIngestion.Named(
                    single ? upload.options().column() : part.name(), part.file()))
        .toList();
  }

  /** Several files are stored as one uncompressed archive. */
  private Path archive(MessageDigest hash) throws IOException {
    Path archive = task.resolve("parts.zip");
    try (ZipOutputStream zip =
        new ZipOutputStream(
            new DigestOutputStream(
                files.reserve().guard(new BufferedOutputStream(Files.newOutputStream(archive))),
                hash))) {
      zip.setLevel(Deflater.NO_COMPRESSION);
      for (ReceivedUpload.Part part : received.parts()) {
        ZipEntry entry = new ZipEntry(part.name() + ".npy");
        entry.setTime(0);
        zip.putNextEntry(entry);
        Files.copy(part.file(), zip);
      }
    }
    return archive;
  }

  @Override
  public void close() {
    try {
      rejects.close();
    } finally {
      duck.close();
    }
  }
}
