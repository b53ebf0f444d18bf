package io.trainyard.store.dataset;

import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetContent;
import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.DerivedDatasets;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.Upload;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.os.HeldFile;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.duckdb.Condition;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import io.trainyard.store.duckdb.IngestedTable;
import io.trainyard.store.duckdb.ParquetFile;
import io.trainyard.store.duckdb.RowExport;
import io.trainyard.store.duckdb.RowScanner;
import io.trainyard.store.duckdb.RowViewer;
import io.trainyard.store.duckdb.TaskSlots;
import io.trainyard.store.file.DatasetFiles;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.FullDisk;
import io.trainyard.store.file.TaskFolder;
import io.trainyard.store.ingest.ExtendedRows;
import io.trainyard.store.ingest.ImageLimits;
import io.trainyard.store.ingest.Ingestion;
import io.trainyard.store.ingest.ParquetConversion;
import io.trainyard.store.ingest.ReceivedUpload;
import io.trainyard.store.profile.Profiler;
import io.trainyard.store.table.Rejects;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.node.ObjectNode;

/** Stores dataset versions: documents in tables, rows in Parquet files. */
@Repository
public class JdbcDatasetStore
    implements DatasetCatalogue, DatasetRows, DatasetContent, DerivedDatasets {
  private static final Logger log = LoggerFactory.getLogger(JdbcDatasetStore.class);

  private final DatasetVersionTable versions;
  private final DatasetProperties properties;
  private final ImageLimits images;
  private final ParquetConversion conversion;
  private final DatasetFiles files;
  private final TaskSlots slots;
  private final Path kept;

  public JdbcDatasetStore(
      JdbcClient jdbc,
      TransactionTemplate transaction,
      DatasetProperties properties,
      ImageLimits images,
      ParquetConversion conversion,
      DataDirectory directory,
      FileStores stores,
      Clock clock) {
    this.versions = new DatasetVersionTable(jdbc, transaction, new JdbcDatasetHolds(jdbc), clock);
    this.properties = properties;
    this.slots = new TaskSlots(properties);
    this.images = images;
    this.conversion = conversion;
    this.kept = directory.folder("predictions");
    this.files = new DatasetFiles(stores, jdbc, clock);
  }

  @Override
  public Creation create(Upload upload) throws IOException {
    Identity.current().requireDataset(upload.name());
    slots.checkRoom();
    try (TaskFolder task = files.newTaskFolder()) {
      return create(
          upload,
          task,
          ReceivedUpload.receive(upload, task.path(), properties.maxUpload(), files.reserve()));
    } catch (UncheckedIOException e) {
      IOException cause = Objects.requireNonNull(e.getCause());
      FullDisk.throwIfFull("the upload", cause);
      throw cause;
    } catch (IOException e) {
      FullDisk.throwIfFull("the upload", e);
      throw e;
    }
  }

  private Creation create(Upload upload, TaskFolder task, ReceivedUpload received)
      throws IOException {
    String digest = received.digest();
    Optional<DatasetVersion> known = versions.findByDigest(upload.name(), digest);
    boolean sound = files.isSound(files.rows(digest)) && files.isSound(files.content(digest));
    if (known.isPresent()) {
      if (!sound) {
        log.warn("The damaged files of {} are recreated", known.get().reference());
        var _ = ingest(upload, task, received, true);
      }
      return new Creation(known.get(), false);
    }
    // Keeps existing files from being deleted before the row is inserted.
    files.touch(digest);
    return versions.insert(upload.name(), digest, made(upload, task, received, digest, sound));
  }

  /** Another dataset may have the same bytes; then its files are shared. */
  private DatasetVersion made(
      Upload upload, TaskFolder task, ReceivedUpload received, String digest, boolean sound)
      throws IOException {
    if (!sound) {
      return ingest(upload, task, received, true);
    }
    Optional<DatasetVersion> visible = versions.findByDigest(digest, Identity.current().datasets());
    if (visible.isPresent()) {
      return visible.get();
    }
    Optional<DatasetVersion> hidden = versions.findByDigest(digest, Binding.ALL);
    // A quicker answer would tell the caller that somebody has these bytes.
    DatasetVersion own = ingest(upload, task, received, hidden.isEmpty());
    return hidden.orElse(own);
  }

  /**
   * Reads an upload.
   *
   * @param stores whether its files are stored
   */
  private DatasetVersion ingest(
      Upload upload, TaskFolder task, ReceivedUpload received, boolean stores) throws IOException {
    Identity caller = Identity.current();
    return slots.upload(
        () ->
            caller.call(
                () -> {
                  try (TaskFolder used = task.use();
                      Ingestion ingestion =
                          new Ingestion(
                              properties,
                              files,
                              used.path(),
                              upload,
                              received,
                              images,
                              conversion)) {
                    return ingestion.ingest(stores);
                  }
                }));
  }

  @Override
  public Optional<DatasetVersion> find(String name, int version) {
    return permits(name) ? versions.find(name, version) : Optional.empty();
  }

  @Override
  public Optional<DatasetVersion> findLatest(String name) {
    return permits(name) ? versions.findLatest(name) : Optional.empty();
  }

  /** Other datasets are as if they were not there. */
  private static boolean permits(String name) {
    return Identity.current().permitsDataset(name);
  }

  @Override
  public List<Placed<DatasetVersion>> select(
      Selection selection, @Nullable String after, int limit) {
    return versions.select(selection, after, limit, Identity.current().datasets());
  }

  @Override
  public List<Placed<DatasetVersion>> selectVersions(
      String name, Selection selection, @Nullable String after, int limit) {
    Identity.current().requireDataset(name);
    return versions.selectVersions(name, selection, after, limit);
  }

  @Override
  public void delete(String name, int version) {
    Identity.current().requireDataset(name);
    versions.delete(name, version);
  }

  @Override
  public List<ObjectNode> rows(DatasetVersion version, long offset, int limit, long maxBytes) {
    return reading(
        version,
        null,
        (duck, source, rows) -> new RowViewer(duck, version).rows(source, offset, limit, maxBytes));
  }

  @Override
  public List<Reject> rejects(DatasetVersion version, long offset, int limit) {
    if (version.rejectedRows() == 0) {
      return List.of();
    }
    try (HeldFile file = sound(version, files.rejects(versions.digest(version)), "rejects")) {
      return Rejects.read(file.path(), offset, limit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public InputStream original(DatasetVersion version) throws IOException {
    return sound(version, files.content(versions.digest(version)), "original bytes").open();
  }

  @Override
  public InputStream csv(DatasetVersion version) throws IOException {
    TaskFolder task = files.newTaskFolder();
    try (HeldFile held = sound(version, files.rows(versions.digest(version)), "rows")) {
      Path file = task.path().resolve("rows.csv");
      Path rows = held.path();
      return slots.read(
          () -> {
            try (TaskFolder _ = task.use();
                DuckDb duck =
                    DuckDb.open(properties, task.path(), files.reserve(), List.of(rows, file))) {
              RowExport.csv(duck, version, rows, file);
              return task.deletedAfter(Files.newInputStream(file));
            } catch (SQLException e) {
              throw DuckDb.failure(e);
            }
          });
    } finally {
      task.close();
    }
  }

  @Override
  public Extension extend(DatasetVersion source, List<NewColumn> columns, String key) {
    HeldFile rows = sound(source, files.rows(versions.digest(source)), "rows");
    try {
      return new ExtendedRows(properties, files, source, rows, columns, kept.resolve(key));
    } catch (RuntimeException | Error e) {
      rows.close();
      throw e;
    }
  }

  @Override
  public DatasetVersion publish(Staged staged, @Nullable String owner) {
    DatasetVersion version = staged.version();
    return versions.insertJoined(version.name(), staged.digest(), version, owner);
  }

  @Override
  public void forget(Predicate<String> keys) {
    try (Stream<Path> folders = Files.list(kept)) {
      for (Path folder : folders.toList()) {
        if (keys.test(String.valueOf(folder.getFileName()))) {
          FileSystemUtils.deleteRecursively(folder);
        }
      }
    } catch (IOException e) {
      log.warn("What predictions kept for another attempt cannot be deleted: {}", e.toString());
    }
  }

  @Override
  public Selected select(DatasetVersion version, @Nullable String where, List<String> names) {
    return reading(
        version,
        where,
        (duck, source, rows) -> {
          List<Column> columns = columns(version, names);
          List<IngestedTable.Entry> entries =
              columns.stream().map(IngestedTable.Entry::of).toList();
          return new Selected(
              rows,
              rows == 0
                  ? columns
                  : Profiler.ofSelection(duck, source, rows)
                      .profile(entries, indices(version, names)));
        });
  }

  @Override
  public void scan(
      DatasetVersion version, @Nullable String where, List<String> names, Consumer<Rows> reader) {
    reading(
        version,
        where,
        (duck, source, rows) -> {
          new RowScanner(
                  duck, source, rows, false, columns(version, names), indices(version, names))
              .scan(reader);
          return true;
        });
  }

  @Override
  public void first(
      DatasetVersion version,
      @Nullable String where,
      List<String> names,
      int limit,
      Consumer<Rows> reader) {
    reading(
        version,
        where,
        (duck, source, rows) -> {
          long most = Math.min(rows, limit);
          new RowScanner(
                  duck, source, most, most < rows, columns(version, names), indices(version, names))
              .scan(reader);
          return true;
        });
  }

  @Override
  public List<String> distinct(
      DatasetVersion version, @Nullable String where, String column, int least, int limit) {
    List<String> labels = version.column(column).orElseThrow().profile().labels();
    if (where == null && labels != null && least == 1) {
      return labels.subList(0, Math.min(limit, labels.size()));
    }
    int index = indices(version, List.of(column)).getFirst();
    return reading(
        version,
        where,
        (duck, source, rows) -> new RowViewer(duck, version).distinct(source, index, least, limit));
  }

  private static List<Column> columns(DatasetVersion version, List<String> names) {
    return indices(version, names).stream().map(version.columns()::get).toList();
  }

  private static List<Integer> indices(DatasetVersion version, List<String> names) {
    Map<String, Integer> byName = new HashMap<>();
    for (Column column : version.columns()) {
      byName.put(column.name(), byName.size());
    }
    return names.stream().map(name -> Objects.requireNonNull(byName.get(name))).toList();
  }

  /** A task that reads rows of a version, as many as given. */
  private interface Reading<T> {
    T read(DuckDb duck, String source, long rows) throws SQLException;
  }

  private <T> T reading(DatasetVersion version, @Nullable String where, Reading<T> reading) {
    try (HeldFile rows = sound(version, files.rows(versions.digest(version)), "rows")) {
      return slots.read(() -> read(version, rows.path(), where, reading));
    }
  }

  private <T> T read(
      DatasetVersion version, Path file, @Nullable String where, Reading<T> reading) {
    try (DuckDb duck = DuckDb.open(properties, files.scratch(), files.reserve(), List.of(file))) {
      String source = ParquetFile.read(file);
      if (where == null) {
        return reading.read(duck, source, version.rows());
      }
      Condition condition =
          Condition.run(duck, where, version.columns(), source, properties.whereTimeout());
      return reading.read(
          duck, "(select * from %s where %s)".formatted(source, condition.sql()), condition.rows());
    } catch (SQLException e) {
      throw DuckDb.failure(e);
    }
  }

  private HeldFile sound(DatasetVersion version, Path file, String what) {
    return files.requireSound(file, "The " + what + " of " + version.reference());
  }

  /** Deletes the files of deleted versions. */
  @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT1M")
  public void deleteOrphans() {
    files.deleteOrphans(versions::referenced);
  }
}
