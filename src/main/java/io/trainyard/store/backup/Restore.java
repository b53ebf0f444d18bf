package io.trainyard.store.backup;

import io.trainyard.backup.Backups;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.database.DatabaseKind;
import io.trainyard.store.database.TableRules;
import io.trainyard.store.file.DatasetChecksums.Checksum;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.StoredFiles;
import io.trainyard.store.job.PausedJobs;
import java.io.EOFException;
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
import java.util.Collection;
import java.util.HashMap;
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
import org.springframework.util.StreamUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
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

  /** The length of the longest head: it has a number for each table. */
  private static final int LONGEST_HEAD = 1 << 20;

  private final DataSource database;
  private final JdbcClient jdbc;
  private final FileStores stores;
  private final Path folder;
  private final int mostEntries;
  private final boolean holdsJobs;
  private final Map<String, Table> known = new LinkedHashMap<>();
  private final Map<String, Path> tables = new LinkedHashMap<>();

  private final Map<String, TableRows.Contents> contents = new HashMap<>();

  private final ArchiveFiles named = new ArchiveFiles();

  /** Files that are not stored yet, by kind and name. */
  private final Map<String, Map<String, Path>> files = new LinkedHashMap<>();

  private final Entries entries = new Entries();
  private long fileBytes;

  Restore(
      DataSource database,
      JdbcClient jdbc,
      FileStores stores,
      Path scratch,
      int mostEntries,
      boolean holdsJobs)
      throws IOException {
    this.holdsJobs = holdsJobs;
    this.mostEntries = mostEntries;
    this.database = database;
    this.jdbc = jdbc;
    this.stores = stores;
    this.folder = Files.createTempDirectory(scratch, "restore");
    for (String kind : FileStores.KINDS) {
      files.put(kind, new LinkedHashMap<>());
    }
  }

  Backups.Contents run(InputStream in) throws IOException {
    requireEmpty();
    readTables();
    JsonNode head = read(in);
    warnOfMissing();
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

  private void readTables() {
    try (Connection connection = database.getConnection()) {
      Table.all(connection).forEach(table -> known.put(table.name(), table));
    } catch (SQLException e) {
      throw JdbcBackups.translated("read the tables", e);
    }
  }

  /** A backup says the same when it is made; it has all that was left. */
  private void warnOfMissing() {
    for (Map.Entry<String, Map<String, Path>> kind : files.entrySet()) {
      for (String name : named.of(kind.getKey())) {
        if (!kind.getValue().containsKey(name) && !ArchiveFiles.isOptional(name)) {
          log.error(
              "The archive lacks {} of {}; what needs it cannot be read", name, kind.getKey());
        }
      }
    }
  }

  /** Reads the archive to its end, and checks it. */
  private JsonNode read(InputStream in) throws IOException {
    JsonNode head = null;
    String difference = "its end is missing";
    boolean ended = false;
    try (ZipInputStream zip =
        new ZipInputStream(StreamUtils.nonClosing(in), StandardCharsets.UTF_8)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName();
        if (ended) {
          throw DamagedArchive.because("it goes on behind its manifest");
        }
        if (head == null) {
          head = readHead(name, zip);
        } else if (name.equals(JdbcBackups.MANIFEST)) {
          ended = true;
          difference = difference(entries, zip);
        } else {
          admit(name);
          readEntry(name, zip);
        }
      }
    } catch (EOFException e) {
      throw DamagedArchive.because("it ends in the middle of an entry; make or send it again");
    } catch (ZipException e) {
      throw DamagedArchive.because("it is no ZIP archive, or damaged (" + e.getMessage() + ")");
    } catch (IOException e) {
      if (!"Push back buffer is full".equals(e.getMessage())) {
        throw e;
      }
      // What the JDK says where an entry's bytes end before the entry does.
      throw DamagedArchive.because("an entry does not end where its bytes do");
    }
    if (head == null) {
      throw DamagedArchive.because("it is no ZIP archive, or an empty one");
    }
    if (!difference.isEmpty()) {
      throw DamagedArchive.because(difference);
    }
    requireRows(head);
    return head;
  }

  /** Called before the entry has a file. */
  private void admit(String name) {
    if (entries.has(name)) {
      throw DamagedArchive.because("it has '%s' twice".formatted(name));
    }
    if (entries.size() == mostEntries) {
      throw DamagedArchive.because("it has more than %d entries".formatted(mostEntries));
    }
  }

  private JsonNode readHead(String name, InputStream in) throws IOException {
    if (!name.equals(JdbcBackups.HEAD)) {
      throw DamagedArchive.because(
          "its first entry is '" + name + "' instead of " + JdbcBackups.HEAD);
    }
    Path file = folder.resolve("head");
    copy(name, in, file);
    JsonNode head;
    try (InputStream written = Files.newInputStream(file)) {
      head = MAPPER.readTree(written.readNBytes(LONGEST_HEAD));
    } catch (JacksonException e) {
      throw DamagedArchive.because("its " + name + " is no JSON");
    }
    if (!head.path("format").asString("").equals(JdbcBackups.FORMAT)) {
      throw DamagedArchive.because("its " + JdbcBackups.HEAD + " has another format");
    }
    int schema = version(head, "schema_version");
    int own = JdbcBackups.schemaVersion(jdbc);
    if (version(head, "format_version") > JdbcBackups.FORMAT_VERSION || schema > own) {
      throw DamagedArchive.because(
          "it was written by a newer release, whose tables have version %d instead of %d; restore it with that release"
              .formatted(schema, own));
    }
    var _ = createdAt(head);
    return head;
  }

  private static int version(JsonNode head, String member) {
    JsonNode version = head.path(member);
    if (!version.isInt() || version.intValue() < 1) {
      throw DamagedArchive.because(
          "its %s has %s as '%s', expected a whole number of at least 1"
              .formatted(JdbcBackups.HEAD, TableRules.shown(version), member));
    }
    return version.intValue();
  }

  /** A table with more or fewer rows than when the head was written. */
  private void requireRows(JsonNode head) {
    for (Map.Entry<String, JsonNode> said : head.path("rows").properties()) {
      TableRows.Contents found = contents.get(said.getKey());
      if (found == null || found.rows() != said.getValue().asLong(-1)) {
        throw DamagedArchive.because(
            "its %s says that %s has %s rows, but it has %d"
                .formatted(
                    JdbcBackups.HEAD,
                    JdbcBackups.TABLES + said.getKey() + JdbcBackups.ROWS,
                    TableRules.shown(said.getValue()),
                    found == null ? 0 : found.rows()));
      }
    }
  }

  private static Instant createdAt(JsonNode head) {
    try {
      return Instant.parse(head.path("created_at").asString(""));
    } catch (DateTimeParseException e) {
      throw DamagedArchive.because(
          "its %s has %s as 'created_at', expected a time"
              .formatted(JdbcBackups.HEAD, TableRules.shown(head.path("created_at"))));
    }
  }

  private static String difference(Entries entries, InputStream in) {
    try (JsonParser manifest = MAPPER.createParser(StreamUtils.nonClosing(in))) {
      return entries.difference(manifest);
    } catch (JacksonException e) {
      return "its manifest is no JSON";
    }
  }

  private void readEntry(String name, InputStream in) throws IOException {
    if (name.startsWith(JdbcBackups.TABLES) && name.endsWith(JdbcBackups.ROWS)) {
      readTable(
          name.substring(JdbcBackups.TABLES.length(), name.length() - JdbcBackups.ROWS.length()),
          in);
      return;
    }
    String[] parts = name.split("/", -1);
    Map<String, Path> ofKind = parts.length == 3 ? files.get(parts[1]) : null;
    if (ofKind == null || !parts[0].equals("files")) {
      throw DamagedArchive.because("it has an unknown entry '" + name + "'");
    }
    readFile(name, parts[1], parts[2], ofKind, in);
  }

  private void readTable(String name, InputStream in) throws IOException {
    Table table = known.get(name);
    if (table == null) {
      throw DamagedArchive.because("it has an unknown table '" + name + "'");
    }
    Path file = folder.resolve(name + JdbcBackups.ROWS);
    copy(JdbcBackups.TABLES + name + JdbcBackups.ROWS, in, file);
    tables.put(name, file);
    contents.put(name, new TableRows(table).read(file, row -> named.collect(name, row)));
  }

  private void readFile(
      String entry, String kind, String name, Map<String, Path> ofKind, InputStream in)
      throws IOException {
    if (!named.of(kind).contains(name)) {
      throw DamagedArchive.because(
          "no row before it names '%s', expected in the columns %s"
              .formatted(entry, ArchiveFiles.columns(kind)));
    }
    // On the disk of the stored files, so that it is only renamed later.
    Path file = Files.createTempFile(stores.of(kind).folder(), "new", ".tmp");
    ofKind.put(name, file);
    Entries.Entry copied = copy(entry, in, file);
    if (!named.isContent(kind, name, copied.sha256(), Checksum.of(file))
        || !named.isLength(kind, name, copied.bytes())) {
      throw DamagedArchive.because(
          "the bytes of '%s' are not those expected by the columns %s"
              .formatted(entry, ArchiveFiles.columns(kind)));
    }
    fileBytes += copied.bytes();
  }

  private Entries.Entry copy(String name, InputStream in, Path file) throws IOException {
    try (OutputStream out = stores.reserve().guard(Files.newOutputStream(file))) {
      return entries.copy(name, in, out);
    }
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
      Collection<Table> all = known.values();
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
        Contradictions contradictions = new Contradictions(connection);
        contradictions.refuse();
        contradictions.mend();
        if (holdsJobs) {
          PausedJobs.hold(connection);
        }
        connection.commit();
      } catch (SQLException | IOException | RuntimeException e) {
        connection.rollback();
        // Rows that a caller added during the restore contradict those of the archive.
        requireEmpty();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw JdbcBackups.translated("insert the rows of a backup", e);
    }
    return rows;
  }

  /** Makes a database count on from the rows to come. */
  private void count(Connection connection, Table table) throws SQLException {
    TableRows.Contents found = contents.get(table.name());
    if (found != null && found.largest() > 0) {
      try (Statement statement = connection.createStatement()) {
        boolean _ =
            statement.execute(
                "alter table %s alter column %s restart with %d"
                    .formatted(table.name(), table.identity(), found.largest() + 1));
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
}
