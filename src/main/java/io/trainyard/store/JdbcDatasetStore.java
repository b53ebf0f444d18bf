package io.trainyard.store;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.DatasetStore;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Rows;
import io.trainyard.dataset.Upload;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.node.ObjectNode;

/** Data set versions: their documents in tables, their rows in Parquet files. */
@Repository
class JdbcDatasetStore implements DatasetStore {
  private static final Logger log = LoggerFactory.getLogger(JdbcDatasetStore.class);
  private static final int ATTEMPTS = 5;

  private static final String VERSIONS =
      "select d.id, v.name, v.version, v.document, v.created_at from dataset_versions v"
          + " join datasets d on d.name = v.name";

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final DatasetProperties properties;
  private final DatasetSeals seals;
  private final DatasetFiles files;
  private final Clock clock;

  JdbcDatasetStore(
      JdbcClient jdbc,
      TransactionTemplate transaction,
      DatasetProperties properties,
      DataDirectory directory,
      Clock clock) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.properties = properties;
    this.seals = new DatasetSeals(jdbc, clock);
    this.files = new DatasetFiles(directory.folder("datasets"), seals);
    this.clock = clock;
  }

  @Override
  public Creation create(Upload upload) throws IOException {
    Path task = files.task();
    try (Ingestion ingestion = new Ingestion(properties, files, task, upload)) {
      String digest = ingestion.receive();
      Optional<DatasetVersion> known = findByDigest(upload.name(), digest);
      boolean sound = files.isSound(files.rows(digest)) && files.isSound(files.content(digest));
      if (known.isPresent()) {
        if (!sound) {
          log.warn("The damaged files of {} are made anew", known.get().reference());
          ingestion.ingest();
        }
        return new Creation(known.get(), false);
      }
      // The sweep spares what is named within the hour.
      files.touch(digest, clock.instant());
      DatasetVersion made = sound ? copyOfOther(digest).orElse(null) : null;
      if (made == null) {
        made = ingestion.ingest();
      }
      return insert(upload.name(), digest, DatasetDocument.write(made));
    } catch (UncheckedIOException e) {
      throw UploadSpool.full(java.util.Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw UploadSpool.full(e);
    } finally {
      FileSystemUtils.deleteRecursively(task);
    }
  }

  private Optional<DatasetVersion> findByDigest(String name, String digest) {
    return jdbc.sql(VERSIONS + " where v.name = :name and v.digest = :digest")
        .param("name", name)
        .param("digest", digest)
        .query(JdbcDatasetStore::readVersion)
        .optional();
  }

  /** Another data set may have been made of the same bytes; its files are ours as well. */
  private Optional<DatasetVersion> copyOfOther(String digest) {
    return jdbc.sql(VERSIONS + " where v.digest = :digest fetch first 1 rows only")
        .param("digest", digest)
        .query(JdbcDatasetStore::readVersion)
        .optional();
  }

  private Creation insert(String name, String digest, String document) {
    for (int attempt = 1; ; attempt++) {
      try {
        int version = inTransaction(() -> insertOnce(name, digest, document));
        return new Creation(find(name, version).orElseThrow(), true);
      } catch (DuplicateKeyException e) {
        // Somebody else uploaded the same, or made the data set's first version, meanwhile.
        Optional<DatasetVersion> known = findByDigest(name, digest);
        if (known.isPresent()) {
          return new Creation(known.get(), false);
        }
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private int insertOnce(String name, String digest, String document) {
    int updated =
        jdbc.sql("update datasets set last_version = last_version + 1 where name = :name")
            .param("name", name)
            .update();
    if (updated == 0) {
      jdbc.sql("insert into datasets (name, last_version) values (:name, 1)")
          .param("name", name)
          .update();
    }
    int version =
        jdbc.sql("select last_version from datasets where name = :name")
            .param("name", name)
            .query(Integer.class)
            .single();
    jdbc.sql(
            """
            insert into dataset_versions (name, version, digest, document, created_at)
            values (:name, :version, :digest, :document, :now)\
            """)
        .param("name", name)
        .param("version", version)
        .param("digest", digest)
        .param("document", document)
        .param("now", now())
        .update();
    return version;
  }

  private OffsetDateTime now() {
    return clock.instant().atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
  }

  private <T> T inTransaction(java.util.function.Supplier<T> work) {
    T result = transaction.execute(status -> work.get());
    if (result == null) {
      throw new IllegalStateException("a transaction gave nothing");
    }
    return result;
  }

  private static DatasetVersion readVersion(ResultSet row, int number) throws SQLException {
    return DatasetDocument.read(
        row.getString("name"),
        row.getInt("version"),
        row.getString("document"),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }

  @Override
  public Optional<DatasetVersion> find(String name, int version) {
    return jdbc.sql(VERSIONS + " where v.name = :name and v.version = :version")
        .param("name", name)
        .param("version", version)
        .query(JdbcDatasetStore::readVersion)
        .optional();
  }

  @Override
  public Optional<DatasetVersion> findLatest(String name) {
    return jdbc.sql(
            VERSIONS + " where v.name = :name order by v.version desc fetch first 1 rows only")
        .param("name", name)
        .query(JdbcDatasetStore::readVersion)
        .optional();
  }

  @Override
  public List<Listed> list(int limit, @Nullable Long before) {
    return jdbc.sql(
            VERSIONS
                + """
                 where d.id < :before and v.version =
                  (select max(o.version) from dataset_versions o where o.name = v.name)
                 order by d.id desc fetch first :limit rows only\
                """)
        .param("before", before == null ? Long.MAX_VALUE : before)
        .param("limit", limit)
        .query((row, number) -> new Listed(row.getLong("id"), readVersion(row, number)))
        .list();
  }

  @Override
  public List<DatasetVersion> listVersions(String name, int limit, @Nullable Long before) {
    if (findLatest(name).isEmpty()) {
      throw notFound(name);
    }
    return jdbc.sql(
            VERSIONS
                + """
                 where v.name = :name and v.version < :before
                 order by v.version desc fetch first :limit rows only\
                """)
        .param("name", name)
        .param("before", before == null ? Long.MAX_VALUE : before)
        .param("limit", limit)
        .query(JdbcDatasetStore::readVersion)
        .list();
  }

  private static ServiceException notFound(String name) {
    return new ServiceException(ErrorCode.DATASET_NOT_FOUND, "There is no data set '" + name + "'");
  }

  @Override
  public void delete(String name, int version) {
    int deleted =
        inTransaction(
            () -> {
              lock(name, version);
              checkNotHeld(name, version);
              return jdbc.sql(
                      "delete from dataset_versions where name = :name and version = :version")
                  .param("name", name)
                  .param("version", version)
                  .update();
            });
    if (deleted == 0) {
      throw notFound(name + "@" + version);
    }
  }

  private void checkNotHeld(String name, int version) {
    List<String> holders =
        jdbc.sql(
                """
                select holder from dataset_holds where name = :name and version = :version
                fetch first 1 rows only\
                """)
            .param("name", name)
            .param("version", version)
            .query(String.class)
            .list();
    if (!holders.isEmpty()) {
      throw new ServiceException(
          ErrorCode.IN_USE,
          name
              + "@"
              + version
              + " is needed by the job "
              + holders.getFirst()
              + ", which has not ended");
    }
  }

  /**
   * Whoever holds and whoever deletes do so one after the other: a foreign key alone does not keep
   * H2 from doing both at once.
   */
  private boolean lock(String name, int version) {
    return jdbc.sql(
            "select id from dataset_versions where name = :name and version = :version for update")
        .param("name", name)
        .param("version", version)
        .query(Long.class)
        .optional()
        .isPresent();
  }

  @Override
  public void hold(DatasetVersion version, String holder) {
    if (!lock(version.name(), version.version())) {
      throw ServiceException.invalid("/dataset", "Data set " + version.reference() + " is gone");
    }
    jdbc.sql("insert into dataset_holds (holder, name, version) values (:holder, :name, :version)")
        .param("holder", holder)
        .param("name", version.name())
        .param("version", version.version())
        .update();
  }

  @Override
  public void letGo(String holder) {
    jdbc.sql("delete from dataset_holds where holder = :holder").param("holder", holder).update();
  }

  @Override
  public List<ObjectNode> rows(DatasetVersion version, long offset, int limit) {
    return reading(
        version, null, (duck, source) -> new RowViewer(duck, version).rows(source, offset, limit));
  }

  @Override
  public List<Reject> rejects(DatasetVersion version, long offset, int limit) {
    String digest = digest(version);
    try {
      files.bringBack(digest);
      return Rejects.read(files.rejects(digest), offset, limit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public InputStream content(DatasetVersion version) throws IOException {
    return Files.newInputStream(sound(version, files.content(digest(version)), "original bytes"));
  }

  @Override
  public Selected select(DatasetVersion version, @Nullable String where, List<String> names) {
    return reading(
        version,
        where,
        (duck, source) -> {
          long rows = duck.query("SELECT count(*) FROM " + source, DuckDb::firstLong);
          List<Column> columns = columns(version, names);
          List<IngestedTable.Entry> entries =
              columns.stream()
                  .map(
                      c -> new IngestedTable.Entry(c.name(), c.type(), c.shape(), c.wholeNumbers()))
                  .toList();
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
        (duck, source) -> {
          new RowScanner(duck, source, columns(version, names), indices(version, names))
              .scan(reader);
          return true;
        });
  }

  @Override
  public List<String> distinct(
      DatasetVersion version, @Nullable String where, String column, int limit) {
    List<String> labels = version.column(column).orElseThrow().profile().labels();
    if (where == null && labels != null) {
      return labels.subList(0, Math.min(limit, labels.size()));
    }
    int index = indices(version, List.of(column)).getFirst();
    return reading(
        version,
        where,
        (duck, source) -> new RowViewer(duck, version).distinct(source, index, limit));
  }

  private static List<Column> columns(DatasetVersion version, List<String> names) {
    return names.stream().map(name -> version.column(name).orElseThrow()).toList();
  }

  private static List<Integer> indices(DatasetVersion version, List<String> names) {
    List<String> all = version.columns().stream().map(Column::name).toList();
    return names.stream().map(all::indexOf).toList();
  }

  /** A task on a version's rows. */
  private interface Reading<T> {
    T read(DuckDb duck, String source) throws SQLException;
  }

  private <T> T reading(DatasetVersion version, @Nullable String where, Reading<T> reading) {
    Path rows = sound(version, files.rows(digest(version)), "rows");
    try (DuckDb duck = DuckDb.open(properties, files.scratch(), List.of(rows))) {
      String source = ParquetFile.read(rows);
      if (where != null) {
        source =
            "(SELECT * FROM " + source + " WHERE " + condition(duck, where, version, source) + ")";
      }
      return reading.read(duck, source);
    } catch (SQLException e) {
      throw DuckDb.failed(e);
    }
  }

  /** The condition as SQL, once it is seen to be one and to run in time. */
  private String condition(DuckDb duck, String where, DatasetVersion version, String source)
      throws SQLException {
    String sql = Condition.sql(duck, where, version.columns());
    try (var statement = duck.connection().createStatement()) {
      statement.setQueryTimeout((int) Math.max(1, properties.whereTimeout().toSeconds()));
      try (ResultSet none =
          statement.executeQuery("SELECT " + sql + " FROM " + source + " LIMIT 0")) {
        if (none.getMetaData().getColumnType(1) != Types.BOOLEAN) {
          throw Condition.refused("it is neither true nor false for a row; compare something");
        }
      }
      statement.execute("SELECT count(*) FROM " + source + " WHERE " + sql);
      return sql;
    } catch (SQLException e) {
      throw Condition.refused(e, version.columns());
    }
  }

  private Path sound(DatasetVersion version, Path file, String what) {
    if (!files.isSound(file)) {
      log.error("{} is damaged or gone; the same upload under the same name mends it", file);
      throw new ServiceException(
          ErrorCode.CORRUPT_FILE,
          "The " + what + " of " + version.reference() + " are damaged or gone");
    }
    return file;
  }

  private String digest(DatasetVersion version) {
    return jdbc.sql("select digest from dataset_versions where name = :name and version = :version")
        .param("name", version.name())
        .param("version", version.version())
        .query(String.class)
        .optional()
        .orElseThrow(() -> notFound(version.reference()));
  }

  /** Frees the disk of versions that were deleted. */
  @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT1M")
  void sweep() {
    try {
      files.sweep(this::named, clock.instant());
      seals.sweep();
    } catch (DataAccessException | UncheckedIOException e) {
      log.warn("Files of data sets are swept later: {}", e.toString());
    }
  }

  private Set<String> named(Collection<String> digests) {
    return new HashSet<>(
        jdbc.sql("select digest from dataset_versions where digest in (:digests)")
            .param("digests", digests)
            .query(String.class)
            .list());
  }
}
