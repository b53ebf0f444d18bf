package io.trainyard.store.duckdb;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.file.FullDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * An in-memory DuckDB for one task, which may touch the given files and nothing else: no other
 * file, no network, no change of its settings.
 */
public final class DuckDb implements AutoCloseable {
  private static boolean libraryDeleted;

  private final DuckDBConnection connection;
  private final Path spill;

  private DuckDb(DuckDBConnection connection, Path spill) {
    this.connection = connection;
    this.spill = spill;
  }

  /**
   * Starts an instance.
   *
   * @param scratch a folder for what does not fit into memory; its own subfolder goes on close
   * @param files all that may be read or written
   */
  public static DuckDb open(DatasetProperties properties, Path scratch, List<Path> files) {
    DuckDb duck = openSingleThreaded(properties, scratch, files);
    duck.useAllThreads(properties);
    return duck;
  }

  /**
   * Starts an instance with a single thread, which {@link #widen} gives the others: rows that come
   * one after the other leave more threads nothing to do but spin.
   */
  public static DuckDb openSingleThreaded(
      DatasetProperties properties, Path scratch, List<Path> files) {
    Path spill = scratch.resolve("spill-" + java.util.UUID.randomUUID());
    try {
      DuckDBConnection connection =
          DriverManager.getConnection("jdbc:duckdb:").unwrap(DuckDBConnection.class);
      DuckDb duck = new DuckDb(connection, spill);
      deleteUnpackedLibrary();
      try {
        duck.lockDown(properties, files);
        return duck;
      } catch (SQLException | RuntimeException e) {
        duck.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /**
   * The driver unpacks its library to a temporary file and deletes it at a clean exit only. Once it
   * is mapped it needs no name, and nothing is left of it however the process ends.
   */
  private static synchronized void deleteUnpackedLibrary() {
    if (libraryDeleted) {
      return;
    }
    libraryDeleted = true;
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      for (String line :
          maps.filter(line -> line.endsWith(".so") && line.contains("/libduckdb_java"))
              .distinct()
              .toList()) {
        Files.deleteIfExists(Path.of(line.substring(line.indexOf('/'))));
      }
    } catch (IOException | UncheckedIOException e) {
      // Not Linux: the driver's own clean-up is all there is.
      return;
    }
  }

  private void lockDown(DatasetProperties properties, List<Path> files) throws SQLException {
    String allowed =
        files.stream().map(DuckDb::literal).collect(Collectors.joining(", ", "[", "]"));
    execute(
        "SET threads = 1;"
            + "SET memory_limit = '"
            + properties.memory().toBytes()
            + "B';"
            + "SET temp_directory = "
            + literal(spill)
            + ";"
            + "SET TimeZone = 'UTC';"
            + "SET autoinstall_known_extensions = false;"
            + "SET autoload_known_extensions = false;"
            + "SET allowed_paths = "
            + allowed
            + ";"
            + "SET enable_external_access = false");
  }

  /** Takes all threads there are; no setting can be changed from here on. */
  public void useAllThreads(DatasetProperties properties) {
    try {
      execute("SET threads = " + properties.taskThreads() + "; SET lock_configuration = true");
    } catch (SQLException e) {
      close();
      throw failure(e);
    }
  }

  /** A file of this task's own, which goes on close. */
  public Path scratchFile(String name) {
    try {
      Files.createDirectories(spill);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return spill.resolve(name);
  }

  public DuckDBConnection connection() {
    return connection;
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Runs a query and reads its rows. */
  public <T> T query(String sql, RowsReader<T> reader) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return reader.read(rows);
    }
  }

  public interface RowsReader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  public static long firstLong(ResultSet rows) throws SQLException {
    rows.next();
    return rows.getLong(1);
  }

  /** A text as SQL writes it. */
  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  public static String literal(Path path) {
    return literal(path.toAbsolutePath().normalize().toString());
  }

  /** A name as SQL writes it. */
  public static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A failure that is not the caller's fault: no space, or a fault of the service. */
  public static ServiceException failure(SQLException e) {
    if (FullDisk.is(e)) {
      return FullDisk.noRoomFor("the rows", e);
    }
    return isOutOfSpace(e)
        ? new ServiceException(
            ErrorCode.UNAVAILABLE,
            "The rows need more room than one task has in memory (trainyard.datasets.memory)"
                + " and on disk",
            e)
        : new ServiceException(ErrorCode.INTERNAL, "Reading rows failed: " + message(e), e);
  }

  /** Whether memory or disk is full. */
  public static boolean isOutOfSpace(SQLException e) {
    return FullDisk.is(e)
        || String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("out of memory");
  }

  /** The first line of what the database says, for callers: without kind and folders. */
  public static String message(SQLException e) {
    return firstLine(e.getMessage())
        .replaceFirst("^[A-Z][A-Za-z ]+ Error: ", "")
        .replaceAll("['\"]?/[^'\" ]*/tmp/[^'\" ]*['\"]?", "the upload");
  }

  static String firstLine(@Nullable String text) {
    String message = String.valueOf(text);
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  @Override
  public void close() {
    try {
      connection.close();
      if (Files.exists(spill)) {
        FileSystemUtils.deleteRecursively(spill);
      }
    } catch (SQLException | IOException e) {
      throw new ServiceException(ErrorCode.INTERNAL, "Closing a reading task failed", e);
    }
  }
}
