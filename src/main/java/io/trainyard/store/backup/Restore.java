package io.trainyard.store.backup;

import io.trainyard.backup.Backups;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.StoredFiles;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One restore. The archive is read to its end and checked; then its files are stored, which nobody
 * sees; then one transaction inserts all rows.
 */
final class Restore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Restore.class);
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** An installation with rows in one of these is not empty. */
  private static final List<String> OF_CALLERS = List.of("datasets", "models", "jobs");

  /** The manifest names each file in about 120 bytes. */
  private static final int MOST_JSON = 256 << 20;

  private final DataSource database;
  private final JdbcClient jdbc;
  private final FileStores stores;
  private final Path folder;
  private final Map<String, StoredFiles> kinds = new LinkedHashMap<>();
  private final Map<String, Path> tables = new LinkedHashMap<>();

  /** Files that are not stored yet, by kind and name. */
  private final Map<String, Map<String, Path>> files = new LinkedHashMap<>();

  private final Entries entries = new Entries();
  private long fileBytes;

  Restore(DataSource database, JdbcClient jdbc, FileStores stores, Path scratch)
      throws IOException {
    this.database = database;
    this.jdbc = jdbc;
    this.stores = stores;
    this.folder = Files.createTempDirectory(scratch, "restore");
    for (String kind : FileStores.KINDS) {
      kinds.put(kind, stores.of(kind));
      files.put(kind, new LinkedHashMap<>());
    }
  }

  Backups.Contents run(InputStream in) throws IOException {
    requireEmpty();
    JsonNode head = read(in);
    storeFiles();
    Map<String, Long> rows = insertAll();
    long count = files.values().stream().mapToLong(Map::size).sum();
    log.info("Restored {} files and the rows {}", count, rows);
    return new Backups.Contents(createdAt(head), rows, count, fileBytes);
  }

  private void requireEmpty() {
    for (String table : OF_CALLERS) {
      if (jdbc.sql("select count(*) from " + table).query(Long.class).single() > 0) {
        throw new ServiceException(
            ErrorCode.ALREADY_EXISTS,
            "This installation has "
                + table
                + "; restore into a new one, with an empty data folder and database");
      }
    }
  }

  /** Reads the archive to its end, and checks it. */
  private JsonNode read(InputStream in) throws IOException {
    JsonNode head = null;
    JsonNode manifest = null;
    try (ZipInputStream zip = new ZipInputStream(new Unclosed(in), StandardCharsets.UTF_8)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName();
        if (manifest != null) {
          throw damaged("it goes on behind its manifest");
        }
        if (head == null) {
          head = readHead(name, zip);
        } else if (name.equals(JdbcBackups.MANIFEST)) {
          manifest = json(zip);
        } else {
          readEntry(name, zip);
        }
      }
    } catch (ZipException | EOFException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
    if (head == null) {
      throw damaged("it is no ZIP archive, or an empty one");
    }
    if (manifest == null) {
      throw damaged("its end is missing");
    }
    String difference = entries.difference(manifest);
    if (!difference.isEmpty()) {
      throw damaged(difference);
    }
    return head;
  }

  private JsonNode readHead(String name, InputStream in) throws IOException {
    if (!name.equals(JdbcBackups.HEAD)) {
      throw damaged("its first entry is '" + name + "' instead of " + JdbcBackups.HEAD);
    }
    Path file = folder.resolve("head");
    copy(name, in, file);
    JsonNode head;
    try (InputStream written = Files.newInputStream(file)) {
      head = json(written);
    }
    if (!head.path("format").asString("").equals(JdbcBackups.FORMAT)) {
      throw damaged("its " + JdbcBackups.HEAD + " has another format");
    }
    int schema = head.path("schema_version").asInt(Integer.MAX_VALUE);
    int own = JdbcBackups.schemaVersion(jdbc);
    if (head.path("format_version").asInt(0) > JdbcBackups.FORMAT_VERSION || schema > own) {
      throw damaged(
          "it was written by a newer release, whose tables have version %d instead of %d"
              .formatted(schema, own));
    }
    var _ = createdAt(head);
    return head;
  }

  private static Instant createdAt(JsonNode head) {
    try {
      return Instant.parse(head.path("created_at").asString(""));
    } catch (DateTimeParseException e) {
      throw damaged("its created_at is no time");
    }
  }

  private void readEntry(String name, InputStream in) throws IOException {
    if (name.matches("tables/[a-z0-9_]{1,60}\\.jsonl")) {
      String table =
          name.substring(JdbcBackups.TABLES.length(), name.length() - JdbcBackups.ROWS.length());
      Path file = folder.resolve(table + JdbcBackups.ROWS);
      copy(name, in, file);
      tables.put(table, file);
      return;
    }
    String[] parts = name.split("/", -1);
    StoredFiles kind = parts.length == 3 ? kinds.get(parts[1]) : null;
    if (kind == null || !parts[0].equals("files") || !ArchiveFiles.isName(parts[2])) {
      throw damaged("it has an unknown entry '" + name + "'");
    }
    // On the disk of the stored files, so that it is only renamed later.
    Path file = Files.createTempFile(kind.folder(), "new", ".tmp");
    files.getOrDefault(parts[1], new LinkedHashMap<>()).put(parts[2], file);
    copy(name, in, file);
    fileBytes += Files.size(file);
  }

  private void copy(String name, InputStream in, Path file) throws IOException {
    try (OutputStream out = stores.reserve().guard(Files.newOutputStream(file))) {
      Entries.Entry _ = entries.copy(name, in, out);
    }
  }

  private static JsonNode json(InputStream in) throws IOException {
    try {
      return MAPPER.readTree(in.readNBytes(MOST_JSON));
    } catch (JacksonException e) {
      throw damaged("it has an entry that is no JSON");
    }
  }

  private static ServiceException damaged(String reason) {
    return new ServiceException(
        ErrorCode.MALFORMED_BODY,
        "The archive cannot be restored: %s; nothing was changed".formatted(reason));
  }

  private void storeFiles() throws IOException {
    for (Map.Entry<String, Map<String, Path>> kind : files.entrySet()) {
      StoredFiles stored = stores.of(kind.getKey());
      for (Map.Entry<String, Path> file : kind.getValue().entrySet()) {
        try (FileChannel written = FileChannel.open(file.getValue(), StandardOpenOption.WRITE)) {
          written.force(true);
        }
        stored.publish(file.getValue(), file.getKey());
      }
    }
  }

  /** A start has made a key, perhaps one of the backup's; that of the backup takes its place. */
  private static void forgetFirstStart(Connection connection, Table table) throws SQLException {
    if (Set.of(KeptKeys.TABLE, "audit_entries").contains(table.name())) {
      try (Statement statement = connection.createStatement()) {
        statement.executeUpdate("delete from " + table.name());
      }
    }
  }

  private Map<String, Long> insertAll() throws IOException {
    Map<String, Long> rows = new LinkedHashMap<>();
    try (Connection connection = database.getConnection()) {
      List<Table> all = Table.all(connection);
      // H2 ends a transaction with such a statement, and no harm is done when the rest fails.
      for (Table table : all) {
        count(connection, table);
      }
      connection.setAutoCommit(false);
      try {
        lock(connection);
        requireEmpty();
        for (Table table : all) {
          Path file = tables.get(table.name());
          if (file != null) {
            KeptKeys keys = table.name().equals(KeptKeys.TABLE) ? KeptKeys.of(connection) : null;
            forgetFirstStart(connection, table);
            rows.put(table.name(), new TableRows(table).insert(connection, file));
            if (keys != null) {
              keys.putBack();
            }
          }
        }
        connection.commit();
      } catch (SQLException | IOException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw JdbcBackups.translated("insert the rows of a backup", e);
    } catch (JacksonException e) {
      throw damaged("a row is no JSON");
    }
    return rows;
  }

  /** Makes a database count on from the rows to come. */
  private void count(Connection connection, Table table) throws SQLException, IOException {
    Path file = tables.get(table.name());
    long next = file == null ? 0 : new TableRows(table).largestId(file) + 1;
    if (next > 1) {
      try (Statement statement = connection.createStatement()) {
        boolean _ =
            statement.execute(
                "alter table %s alter column %s restart with %d"
                    .formatted(table.name(), table.identity(), next));
      }
    }
  }

  /** Nobody adds rows while they are restored; in an embedded database this process could. */
  private void lock(Connection connection) throws SQLException {
    if (!DatabaseKind.isOfOneInstallation(database)) {
      try (Statement statement = connection.createStatement()) {
        boolean _ =
            statement.execute(
                "lock table " + String.join(", ", OF_CALLERS) + " in share row exclusive mode");
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Map<String, Path> kind : files.values()) {
      for (Path file : kind.values()) {
        Files.deleteIfExists(file);
      }
    }
    FileSystemUtils.deleteRecursively(folder);
  }

  /** The caller closes the body. */
  private static final class Unclosed extends FilterInputStream {
    Unclosed(InputStream in) {
      super(in);
    }

    @Override
    public void close() {}
  }
}
