package io.trainyard.store.backup;

import io.trainyard.backup.Backups;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.os.HeldFile;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.RunningBackups;
import io.trainyard.store.file.Scratch;
import io.trainyard.store.file.StoredFiles;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.SQLErrorCodeSQLExceptionTranslator;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.StreamUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Backups as ZIP archives: {@code backup.json}, {@code tables/NAME.jsonl}, {@code files/KIND/NAME},
 * and at the end {@code manifest.json} with the length and SHA-256 of all others.
 */
@Component
@DependsOnDatabaseInitialization
final class JdbcBackups implements Backups {
  private static final Logger log = LoggerFactory.getLogger(JdbcBackups.class);

  static final String FORMAT = "trainyard-backup";
  static final int FORMAT_VERSION = 1;
  static final String HEAD = "backup.json";
  static final String MANIFEST = "manifest.json";
  static final String TABLES = "tables/";
  static final String ROWS = ".jsonl";
  static final String FILES = "files/";

  /** An archive with more entries would take too much memory: none is written, and none is read. */
  private static final int MOST_ENTRIES = 1_000_000;

  /** H2's snapshot of all tables. */
  private static final int H2_SNAPSHOT = 6;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final DataSource database;
  private final JdbcClient jdbc;
  private final FileStores stores;
  private final RunningBackups running;
  private final Path scratch;
  private final Clock clock;
  private final int mostEntries;

  /** Held by the restore that this process runs; those of other processes wait for its locks. */
  private final ReentrantLock restoring = new ReentrantLock();

  @Autowired
  JdbcBackups(
      DataSource database,
      JdbcClient jdbc,
      FileStores stores,
      RunningBackups running,
      Scratch scratch,
      Clock clock) {
    this(database, jdbc, stores, running, scratch, clock, MOST_ENTRIES);
  }

  JdbcBackups(
      DataSource database,
      JdbcClient jdbc,
      FileStores stores,
      RunningBackups running,
      Scratch scratch,
      Clock clock,
      int mostEntries) {
    this.mostEntries = mostEntries;
    this.database = database;
    this.jdbc = jdbc;
    this.stores = stores;
    this.running = running;
    this.scratch = scratch.folder();
    this.clock = clock;
  }

  @Override
  public Snapshot snapshot() throws IOException {
    Instant createdAt = clock.instant();
    // Recorded before the database is read: so no process deletes a file that it names.
    RunningBackups.Running backup = running.start();
    Path folder = null;
    try {
      folder = Files.createTempDirectory(scratch, "backup");
      var taken = new Taken(backup, folder, createdAt);
      taken.readTables();
      taken.requireFewEntries();
      return taken;
    } catch (IOException | RuntimeException e) {
      backup.close();
      delete(folder);
      throw e;
    }
  }

  private static void delete(@Nullable Path folder) {
    try {
      FileSystemUtils.deleteRecursively(folder);
    } catch (IOException e) {
      log.warn("{} cannot be deleted: {}", folder, e.toString());
    }
  }

  /** Rows in a folder, and the names of their files. */
  private final class Taken implements Snapshot {
    private final RunningBackups.Running backup;
    private final Path folder;
    private final Instant createdAt;
    private final ArchiveFiles files = new ArchiveFiles();
    private final Map<String, Long> rows = new LinkedHashMap<>();

    Taken(RunningBackups.Running backup, Path folder, Instant createdAt) {
      this.backup = backup;
      this.folder = folder;
      this.createdAt = createdAt;
    }

    /** All of one moment. A slow caller of the archive does not keep the transaction open. */
    void readTables() throws IOException {
      try (Connection connection = database.getConnection()) {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(
            DatabaseKind.isOfOneInstallation(database)
                ? H2_SNAPSHOT
                : Connection.TRANSACTION_REPEATABLE_READ);
        for (Table table : Table.all(connection)) {
          rows.put(table.name(), readTable(connection, table));
        }
        connection.rollback();
        connection.setAutoCommit(true);
      } catch (SQLException e) {
        throw translated("read the tables", e);
      }
    }

    /** The same as a restore requires, said before the first byte of an archive. */
    void requireFewEntries() {
      long entries = rows.size() + files.count() + 1;
      if (entries > mostEntries) {
        throw new ServiceException(
            ErrorCode.TOO_MUCH_MEMORY,
            ("A backup of this installation has up to %d entries, and at most %d can be restored;"
                    + " stop the service and copy its data folder, with a dump of its PostgreSQL"
                    + " and a copy of its object store if it has them, or delete versions first")
                .formatted(entries, mostEntries));
      }
    }

    private long readTable(Connection connection, Table table) throws SQLException, IOException {
      try (var out =
          new BufferedWriter(
              new OutputStreamWriter(
                  stores.reserve().guard(Files.newOutputStream(file(table.name()))),
                  StandardCharsets.UTF_8))) {
        return new TableRows(table).write(connection, out, row -> files.collect(table.name(), row));
      }
    }

    private Path file(String table) {
      return folder.resolve(table + ROWS);
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
      Entries entries = new Entries();
      // The caller closes the stream.
      ZipOutputStream zip =
          new ZipOutputStream(StreamUtils.nonClosing(out), StandardCharsets.UTF_8);
      zip.setLevel(Deflater.BEST_SPEED);
      write(zip, entries, HEAD, new ByteArrayInputStream(MAPPER.writeValueAsBytes(head())));
      for (String table : rows.keySet()) {
        try (InputStream in = Files.newInputStream(file(table))) {
          write(zip, entries, TABLES + table + ROWS, in);
        }
      }
      zip.setLevel(Deflater.NO_COMPRESSION);
      for (String kind : FileStores.KINDS) {
        writeFiles(zip, entries, kind);
      }
      zip.setLevel(Deflater.BEST_SPEED);
      zip.putNextEntry(new ZipEntry(MANIFEST));
      zip.write(MAPPER.writeValueAsBytes(entries.toJson()));
      zip.closeEntry();
      zip.finish();
      zip.flush();
      log.info("A backup of {} entries was written", entries.size());
    }

    private JsonNode head() {
      ObjectNode head =
          JsonNodeFactory.instance
              .objectNode()
              .put("format", FORMAT)
              .put("format_version", FORMAT_VERSION)
              .put("schema_version", schemaVersion(jdbc))
              .put("created_at", createdAt.toString());
      rows.forEach(head.putObject("rows")::put);
      return head;
    }

    private void writeFiles(ZipOutputStream zip, Entries entries, String kind) throws IOException {
      StoredFiles stored = stores.of(kind);
      for (String name : files.of(kind)) {
        Optional<HeldFile> found = stored.find(name);
        if (found.isEmpty()) {
          if (!ArchiveFiles.isOptional(name)) {
            log.error("The backup lacks {} of {}, which is missing here", name, kind);
          }
          continue;
        }
        try (HeldFile file = found.get()) {
          if (!files.isContent(kind, name, file.path())) {
            // An archive with it could not be restored.
            log.error("The backup lacks {} of {}, which is damaged here", name, kind);
            continue;
          }
          try (InputStream in = Files.newInputStream(file.path())) {
            write(zip, entries, FILES + kind + "/" + name, in);
          }
        }
      }
    }

    private static void write(ZipOutputStream zip, Entries entries, String name, InputStream in)
        throws IOException {
      zip.putNextEntry(new ZipEntry(name));
      Entries.Entry _ = entries.copy(name, in, zip);
      zip.closeEntry();
    }

    @Override
    public void close() {
      backup.close();
      delete(folder);
    }
  }

  /** The number of the newest migration. */
  static int schemaVersion(JdbcClient jdbc) {
    return jdbc
        .sql("select \"version\" from \"flyway_schema_history\" where \"version\" is not null")
        .query(String.class)
        .list()
        .stream()
        .mapToInt(Integer::parseInt)
        .max()
        .orElse(0);
  }

  static RuntimeException translated(String task, SQLException cause) {
    RuntimeException known = new SQLErrorCodeSQLExceptionTranslator().translate(task, null, cause);
    return known == null ? new IllegalStateException(task, cause) : known;
  }

  @Override
  public Contents restore(InputStream in, boolean holdsJobs) throws IOException {
    if (!restoring.tryLock()) {
      throw new ServiceException(
          ErrorCode.CONFLICT,
          "Another restore is under way; ask for the models and datasets when it has ended");
    }
    try (Restore restore = new Restore(database, jdbc, stores, scratch, mostEntries, holdsJobs)) {
      return restore.run(in);
    } finally {
      restoring.unlock();
    }
  }
}
