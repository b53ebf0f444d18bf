package io.trainyard.store.database;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.trainyard.error.StartRefusedException;
import io.trainyard.store.DataDirectory;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.sql.DataSource;
import org.h2.Driver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Opens connections to the embedded database. H2 closes itself when it cannot write its file, and
 * stays closed while one of its connections is open; {@link #reopen} closes them and opens the
 * file. While the disk is full, it is open for reading only.
 */
final class EmbeddedDatabase implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);

  /** How long transactions may take to end before their connections are closed. */
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private static final Duration LOOK = Duration.ofMillis(10);

  /** How the file is opened. */
  enum Access {
    WRITABLE,
    READ_ONLY
  }

  private final DatabaseFile file;

  /** Held while connections are opened or the database is reopened. */
  private final ReentrantLock opening = new ReentrantLock();

  private final Set<Connection> connections = new HashSet<>();

  /** Keeps the database open, and shows whether it still is. */
  private volatile @Nullable Connection witness;

  private volatile Access access = Access.WRITABLE;
  private volatile Runnable whenClosed = () -> {};

  /** Serves the database to the workers of this process, once one needs it. */
  private @Nullable DatabaseServer server;

  private EmbeddedDatabase(DatabaseFile file) {
    this.file = file;
  }

  /** Opens the database of a data folder, and creates it in a new folder. */
  static EmbeddedDatabase open(DataDirectory directory) {
    DatabaseServer.bindToLoopback();
    EmbeddedDatabase database = new EmbeddedDatabase(DatabaseFile.lock(directory));
    try {
      database.witness = database.connect("");
      return database;
    } catch (SQLException e) {
      database.file.close();
      throw database.file.refusal(e, H2Failure.isInUse(e));
    }
  }

  private Connection connect(String settings) throws SQLException {
    return connect(file, settings);
  }

  private static Connection connect(DatabaseFile to, String settings) throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", "sa");
    login.setProperty("password", "");
    return new Driver().connect(to.url() + settings, login);
  }

  /** A pool over this database. Closed connections are removed from it. */
  HikariDataSource pool() {
    HikariDataSource pool = new HikariDataSource();
    pool.setDataSource(new Source(this::pooled));
    pool.setExceptionOverride(new Eviction());
    return pool;
  }

  /** A connection for the pool. */
  private Connection pooled() throws SQLException {
    opening.lock();
    try {
      Connection connection = reconnect();
      connections.removeIf(EmbeddedDatabase::isClosed);
      connections.add(connection);
      return connection;
    } finally {
      opening.unlock();
    }
  }

  /** Gives new connections. */
  private static final class Source extends AbstractDataSource {
    /** Opens one. */
    @FunctionalInterface
    interface Opening {
      Connection open() throws SQLException;
    }

    private final Opening opening;

    Source(Opening opening) {
      this.opening = opening;
    }

    @Override
    public Connection getConnection() throws SQLException {
      return opening.open();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return getConnection();
    }
  }

  private final class Eviction implements SQLExceptionOverride {
    @java.lang.Override
    public SQLExceptionOverride.Override adjudicate(SQLException failure) {
      if (H2Failure.isClosed(failure)) {
        whenClosed.run();
        return SQLExceptionOverride.Override.MUST_EVICT;
      }
      return SQLExceptionOverride.Override.CONTINUE_EVICT;
    }
  }

  /** Sets what runs when a statement finds the database closed. */
  void whenClosed(Runnable reaction) {
    whenClosed = reaction;
  }

  /** The file exists since {@link #open}: a missing one is not created again. */
  private Connection reconnect() throws SQLException {
    return connect(
        access == Access.WRITABLE ? ";IFEXISTS=TRUE" : ";IFEXISTS=TRUE;ACCESS_MODE_DATA=r");
  }

  /**
   * The settings with which a worker of this process connects. Its connections are served by this
   * process, which alone has the file open.
   */
  Map<String, String> serve() {
    opening.lock();
    try {
      DatabaseServer started = server;
      if (started == null) {
        started = DatabaseServer.start(file.name());
        server = started;
      }
      return started.settings(DatabaseFile.SETTINGS);
    } finally {
      opening.unlock();
    }
  }

  private static boolean isClosed(Connection connection) {
    try {
      return connection.isClosed();
    } catch (SQLException e) {
      return true;
    }
  }

  Access access() {
    return access;
  }

  /** Whether the database has not closed itself. */
  boolean isOpen() {
    Connection asked = witness;
    if (asked == null) {
      return false;
    }
    try (var statement = asked.createStatement();
        var answer = statement.executeQuery("select 1")) {
      return answer.next();
    } catch (SQLException e) {
      return false;
    }
  }

  /**
   * Closes all connections and opens the file again.
   *
   * @param evict makes a pool close its idle connections now, and the others when they are returned
   * @throws SQLException if the file cannot be opened so; no connection can be had until the next
   *     try
   */
  void reopen(Access wanted, Runnable evict) throws SQLException {
    opening.lock();
    try {
      if (server != null) {
        server.pause();
      }
      evict.run();
      if (isOpen()) {
        drain();
      }
      closeAll();
      access = wanted;
      Connection opened = reconnect();
      witness = opened;
      if (wanted == Access.WRITABLE) {
        write(opened);
      }
      resumeServing();
    } finally {
      opening.unlock();
    }
  }

  /**
   * Migrates a copy of the file, which then takes its place. H2 commits each statement: a migration
   * of the file itself that was killed could neither go on nor begin again.
   *
   * @param migration of a database without other users
   * @param evict makes a pool close its connections
   */
  <T> T migrate(Function<DataSource, T> migration, Runnable evict) throws SQLException {
    opening.lock();
    try {
      evict.run();
      closeAll();
      T result;
      try {
        result = migrateCopy(migration);
      } catch (SQLException | RuntimeException e) {
        try {
          witness = reconnect();
        } catch (SQLException again) {
          e.addSuppressed(again);
        }
        throw e;
      }
      witness = reconnect();
      return result;
    } finally {
      opening.unlock();
    }
  }

  private <T> T migrateCopy(Function<DataSource, T> migration) throws SQLException {
    try {
      DatabaseFile copy = file.beside();
      try {
        file.copyTo(copy);
        T result;
        // It keeps the copy open between the connections of the migration.
        try (Connection _ = connect(copy, ";IFEXISTS=TRUE")) {
          result = migration.apply(new Source(() -> connect(copy, ";IFEXISTS=TRUE")));
        }
        copy.replace(file);
        return result;
      } finally {
        copy.delete();
      }
    } catch (IOException e) {
      throw noRoom(e);
    } catch (SQLException | RuntimeException e) {
      if (H2Failure.isUnwritten(e)) {
        throw noRoom(e);
      }
      throw e;
    }
  }

  private StartRefusedException noRoom(Exception cause) {
    return new StartRefusedException(
        "The database cannot be migrated: a copy of %s is needed beside it, but %s; free as much disk space as it has"
            .formatted(file.path(), H2Failure.reason(cause)),
        cause);
  }

  /** Serves workers again, if it had to be paused and could not be resumed. */
  void resumeServing() throws SQLException {
    opening.lock();
    try {
      if (server != null && !server.isServing()) {
        server.resume();
      }
    } finally {
      opening.unlock();
    }
  }

  private void drain() {
    long end = System.nanoTime() + DRAIN.toNanos();
    connections.removeIf(EmbeddedDatabase::isClosed);
    while (!connections.isEmpty() && System.nanoTime() < end) {
      try {
        Thread.sleep(LOOK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      connections.removeIf(EmbeddedDatabase::isClosed);
    }
  }

  private void closeAll() {
    connections.forEach(EmbeddedDatabase::close);
    connections.clear();
    Connection kept = witness;
    if (kept != null) {
      close(kept);
      witness = null;
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      log.debug("A connection to a closed database: {}", e.toString());
    }
  }

  /** Shows that the file can grow. */
  private static void write(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.executeUpdate("update database_identity set written_at = current_timestamp");
    }
  }

  @Override
  public void close() {
    opening.lock();
    try {
      if (server != null) {
        server.pause();
      }
      closeAll();
      file.close();
    } finally {
      opening.unlock();
    }
  }
}
