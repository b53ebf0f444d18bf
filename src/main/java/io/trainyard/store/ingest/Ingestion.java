package io.trainyard.store.ingest;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Hint;
import io.trainyard.dataset.IngestOptions;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ServiceException;
import io.trainyard.store.csv.CsvIngestion;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.Hints;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import io.trainyard.store.duckdb.Profiler;
import io.trainyard.store.file.DatasetFiles;
import io.trainyard.store.table.Rejects;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** Turns one upload into the files of a version: receive the bytes first, then ingest the rows. */
public final class Ingestion implements AutoCloseable {
  private final DatasetProperties properties;
  private final DatasetFiles files;
  private final Path task;
  private final Upload upload;
  private final Path parquet;
  private final DuckDb duck;
  private final List<UploadSpool.Spooled> parts = new ArrayList<>();
  private final Path rejected;
  private final Rejects rejects;
  private final @Nullable CsvIngestion csv;
  private @Nullable ServiceException fault;
  private String digest = "";

  /**
   * Prepares an ingestion.
   *
   * @param task a folder for temporary files; the caller deletes it
   */
  public Ingestion(DatasetProperties properties, DatasetFiles files, Path task, Upload upload) {
    this.properties = properties;
    this.files = files;
    this.task = task;
    this.upload = upload;
    this.parquet = task.resolve("rows.parquet");
    this.rejected = task.resolve("rejects");
    this.rejects = new Rejects(upload.options().onError(), rejected);
    boolean tabs = upload.format() == Upload.Format.TSV;
    this.duck = DuckDb.openSingleThreaded(properties, task, List.of(part(0), parquet));
    this.csv =
        tabs || upload.format() == Upload.Format.CSV
            ? new CsvIngestion(duck, upload.options(), tabs, rejects, parquet)
            : null;
  }

  private Path part(int index) {
    return task.resolve("part-" + index);
  }

  private CsvIngestion csv() {
    return Objects.requireNonNull(csv);
  }

  /** A fault stops the scan, not the upload: the caller gets the answer after the last byte. */
  private void scan(byte[] buffer, int count) {
    if (fault == null) {
      try {
        csv().scan(buffer, count);
      } catch (ServiceException e) {
        fault = e;
      }
    }
  }

  /**
   * Streams the bytes to disk; gives a digest of the bytes and of the options. The digest is stored
   * and names files: renaming a constant of {@link Upload.Format} or {@link IngestOptions.OnError}
   * would give a known upload a new digest.
   */
  public String receive() throws IOException {
    MessageDigest hash = UploadSpool.sha256();
    hash.update(
        (upload.format() + "\n" + canonical(upload.options())).getBytes(StandardCharsets.UTF_8));
    long budget = properties.maxUpload().toBytes();
    for (Upload.Part part : upload.parts()) {
      if (part.length() > budget) {
        throw UploadSpool.tooLarge(properties.maxUpload());
      }
      Path file = part(parts.size());
      UploadSpool.Spooled spooled =
          UploadSpool.spool(
              part.body(),
              file,
              budget,
              properties.maxUpload(),
              csv == null ? (buffer, count) -> {} : this::scan);
      budget -= spooled.bytes();
      parts.add(spooled);
      hash.update(("\n" + part.name() + "\n" + spooled.sha256()).getBytes(StandardCharsets.UTF_8));
    }
    digest = HexFormat.of().formatHex(hash.digest());
    return digest;
  }

  /** All options: if one is missing here, uploads that differ only in it share a version. */
  private static String canonical(IngestOptions options) {
    return options.onError()
        + "\n"
        + options.delimiter()
        + "\n"
        + options.header()
        + "\n"
        + options.types()
        + "\n"
        + options.nullValues()
        + "\n"
        + options.column()
        + "\n"
        + options.image();
  }

  /** Reads the rows and stores the files; the version gets its number later. */
  public DatasetVersion ingest() throws IOException {
    if (fault != null) {
      throw fault;
    }
    Path source = parts.getFirst().file();
    MessageDigest hash = UploadSpool.sha256();
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
    List<Column> columns;
    List<Hint> hints;
    try {
      List<Integer> indices = IntStream.range(0, table.columns().size()).boxed().toList();
      String rows = ParquetFile.read(parquet);
      columns = Profiler.ofVersion(duck, rows, table.rows()).profile(table.columns(), indices);
      hints = Hints.of(duck, rows, table.rows(), columns);
    } catch (SQLException e) {
      throw DuckDb.failure(e);
    }
    files.commit(stored);
    long bytes = parts.stream().mapToLong(UploadSpool.Spooled::bytes).sum();
    return new DatasetVersion(
        upload.name(),
        0,
        upload.format(),
        parts.size() == 1 ? parts.getFirst().sha256() : HexFormat.of().formatHex(hash.digest()),
        parts.size(),
        table.rows(),
        table.rejected(),
        bytes,
        columns,
        hints,
        Instant.EPOCH);
  }

  private IngestedTable read(Path source) throws IOException {
    IngestOptions options = upload.options();
    return switch (upload.format()) {
      case CSV, TSV -> csv().ingest(source);
      case JSON -> new JsonIngestion(source, false, options, rejects).ingest(duck, parquet);
      case NDJSON -> new JsonIngestion(source, true, options, rejects).ingest(duck, parquet);
      case PARQUET -> new ParquetIngestion(source, options).ingest(duck, parquet);
      case NPY -> new NpyIngestion(npyFiles()).ingest(duck, parquet);
      case IMAGES -> new ImageIngestion(source, options, rejects).ingest(duck, parquet);
    };
  }

  /** A single file becomes the column that the options name; several are named by their parts. */
  private List<NpyIngestion.Named> npyFiles() {
    List<NpyIngestion.Named> named = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      String column =
          parts.size() == 1
                  && upload.parts().size() == 1
                  && upload.parts().get(0).name().equals("file")
              ? upload.options().column()
              : upload.parts().get(i).name();
      named.add(new NpyIngestion.Named(column, parts.get(i).file()));
    }
    return named;
  }

  /** Several files are stored as one uncompressed archive. */
  private Path archive(MessageDigest hash) throws IOException {
    Path archive = task.resolve("parts.zip");
    try (ZipOutputStream zip =
        new ZipOutputStream(
            new DigestOutputStream(
                new BufferedOutputStream(Files.newOutputStream(archive)), hash))) {
      zip.setLevel(Deflater.NO_COMPRESSION);
      for (int i = 0; i < parts.size(); i++) {
        ZipEntry entry = new ZipEntry(upload.parts().get(i).name() + ".npy");
        entry.setTime(0);
        zip.putNextEntry(entry);
        Files.copy(parts.get(i).file(), zip);
      }
    }
    return archive;
  }

  @Override
  public void close() {
    try {
      if (csv != null) {
        csv.close();
      }
      rejects.close();
    } finally {
      duck.close();
    }
  }
}
