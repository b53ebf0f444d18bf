package io.trainyard.store.duckdb;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.file.DriverLibrary;
import io.trainyard.store.file.FullDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBPreparedStatement;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * An in-memory DuckDB for one task. It may access the given files only: no other file and no
 * network. Once its threads are set, no setting can change.
 */
public final class DuckDb implements AutoCloseable {
  private static final String IN_MEMORY = "jdbc:duckdb:";

  private final DuckDBConnection connection;
  private final Path spill;
  private final DiskReserve reserve;
  private final Set<Statement> running = ConcurrentHashMap.newKeySet();

  private DuckDb(DuckDBConnection connection, Path spill, DiskReserve reserve) {
    this.connection = connection;
    this.reserve = reserve;
    this.spill = spill;
    RunningTask.opened(this);
  }

  /**
   * Starts an instance.
   *
   * @param scratch a folder to spill to; the instance uses a subfolder, which close deletes
   * @param reserve the disk space that spilled rows leave free
   * @param files the files that may be read or written
   */
  public static DuckDb open(
      DatasetProperties properties, Path scratch, DiskReserve reserve, List<Path> files) {
    DuckDb duck = openSingleThreaded(properties, scratch, reserve, files);
    duck.useAllThreads(properties);
    return duck;
  }

  /**
   * Starts an instance with one thread, until {@link #useAllThreads}. While rows are appended one
   * after the other, more threads would only spin.
   */
  public static DuckDb openSingleThreaded(
      DatasetProperties properties, Path scratch, DiskReserve reserve, List<Path> files) {
    Path spill = scratch.resolve("spill-" + UUID.randomUUID());
    loadDriver();
    try {
      DuckDBConnection connection =
          DriverManager.getConnection(IN_MEMORY, oneThread()).unwrap(DuckDBConnection.class);
      DuckDb duck = new DuckDb(connection, spill, reserve);
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

  /** Loads the library, which the first use would do. */
  public static void prepare() {
    loadDriver();
    try (Connection _ = DriverManager.getConnection(IN_MEMORY, oneThread())) {
      // A first connection loads the library.
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  private static void loadDriver() {
    try {
      DriverLibrary.prepare();
    } catch (IOException e) {
      FullDisk.throwIfFull("the library of DuckDB", e);
      throw new UncheckedIOException("the library of DuckDB cannot be unpacked", e);
    }
  }

  /** Otherwise it would begin with a thread for each core of the machine. */
  private static Properties oneThread() {
    Properties settings = new Properties();
    settings.setProperty("threads", "1");
    return settings;
  }

  private void lockDown(DatasetProperties properties, List<Path> files) throws SQLException {
    String allowed = files.stream().map(DuckDb::literal).collect(Collectors.joining(", "));
    execute(
        """
        set memory_limit = '%dB';
        set temp_directory = %s;
        set max_temp_directory_size = '%dB';
        set TimeZone = 'UTC';
        set autoinstall_known_extensions = false;
        set autoload_known_extensions = false;
        set allowed_paths = [%s];
        set enable_external_access = false\
        """
            .formatted(
                properties.memory().toBytes(),
                literal(spill),
                Math.max(1, reserve.available()),
                allowed));
  }

  /** Sets the configured number of threads, and locks all settings. */
  public void useAllThreads(DatasetProperties properties) {
    try {
      execute("set threads = " + properties.taskThreads() + "; set lock_configuration = true");
    } catch (SQLException e) {
      close();
      throw failure(e);
    }
  }

  /**
   * Checks, before a statement writes a file, that the file leaves the reserve free.
   *
   * @throws ServiceException UNAVAILABLE if it does not
   */
  public void requireSpace(long bytes) {
    try {
      reserve.require(bytes);
    } catch (IOException e) {
      throw FullDisk.noRoomFor("the rows", e);
    }
  }

  public DuckDBConnection connection() {
    return connection;
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      interruptible(statement, () -> statement.execute(sql));
    }
  }

  /** One call that runs a statement. */
  interface Execution<T> {
    T run() throws SQLException;
  }

  /** Runs a statement that {@link #interrupt} can stop. */
  <T> T interruptible(Statement statement, Execution<T> execution) throws SQLException {
    RunningTask.checkCancelled();
    running.add(statement);
    try {
      return execution.run();
    } catch (SQLException e) {
      RunningTask.checkCancelled();
      throw e;
    } finally {
      running.remove(statement);
    }
  }

  /** Stops the statements that run now; called from another thread. */
  void interrupt() {
    for (Statement statement : running) {
      try {
        statement.cancel();
      } catch (SQLException e) {
        // The statement has ended.
      }
    }
  }

  /** Runs a query and reads its rows. */
  public <T> T query(String sql, RowsReader<T> reader) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = interruptible(statement, () -> statement.executeQuery(sql))) {
      return reader.read(rows);
    }
  }

  public interface RowsReader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  public interface ChunkReader {
    void read(DuckDBDataChunkReader chunk) throws SQLException;
  }

  /** Runs a query and passes its rows on, chunk by chunk. */
  public void chunks(String sql, ChunkReader reader) throws SQLException {
    try (DuckDBPreparedStatement statement = connection.prepare(sql);
        DuckDBChunkedResult result = interruptible(statement, statement::query)) {
      while (interruptible(statement, result::nextChunk)) {
        reader.read(result.chunk());
      }
    }
  }

  public static long firstLong(ResultSet rows) throws SQLException {
    rows.next();
    return rows.getLong(1);
  }

  /** A text as an SQL literal. */
  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  public static String literal(Path path) {
    return literal(path.toAbsolutePath().normalize().toString());
  }

  /** A name as a quoted SQL identifier. */
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

  /** The first line of an error for callers, without the kind of error and without paths. */
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
    RunningTask.closed(this);
    try {
      connection.close();
      if (Files.exists(spill)) {
        FileSystemUtils.deleteRecursively(spill);
      }
    } catch (SQLException | IOException e) {
      throw new ServiceException(ErrorCode.INTERNAL, "DuckDB could not be closed", e);
    }
  }
}
