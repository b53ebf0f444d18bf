package io.trainyard.store.database;

import io.trainyard.os.Watchdog;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.engine.SysProperties;
import org.h2.tools.Server;

/**
 * Serves the embedded database to the workers of this process, on loopback and on a free port. A
 * client must know a random name for the database, which lives as long as this process; the server
 * has no other database.
 */
final class DatabaseServer {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int SECRET_BYTES = 24;

  private final String database;
  private final String secret = secret();
  private Server server;
  private List<Watchdog.Watched> watched;

  private DatabaseServer(String database) throws SQLException {
    this.database = database;
    this.server = listen(0);
    this.watched = watch(server);
  }

  /** Without its thread, workers cannot reach the database. */
  private static List<Watchdog.Watched> watch(Server server) {
    return Watchdog.threads(Set.of(server.getService().getName() + " (" + server.getURL() + ")"));
  }

  /**
   * Starts to serve a database.
   *
   * @param database its name for H2
   */
  static DatabaseServer start(String database) {
    if (!LOOPBACK.equals(SysProperties.BIND_ADDRESS)) {
      throw new IllegalStateException("H2 was loaded before its address was set");
    }
    try {
      return new DatabaseServer(database);
    } catch (SQLException e) {
      throw new IllegalStateException("the database cannot be served to workers", e);
    }
  }

  /** Must run before H2 is loaded: without this address, it would listen on all of them. */
  static void bindToLoopback() {
    System.setProperty("h2.bindAddress", LOOPBACK);
  }

  private static String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private Server listen(int port) throws SQLException {
    return Server.createTcpServer(
            "-tcpPort",
            Integer.toString(port),
            "-key",
            secret,
            database,
            // Only for commands to the server itself, which nobody gives.
            "-tcpPassword",
            secret(),
            "-ifExists",
            "-tcpDaemon")
        .start();
  }

  /**
   * The settings of a client.
   *
   * @param settings how the database is opened, should the client be the first
   */
  Map<String, String> settings(String settings) {
    return Map.of(
        "spring.datasource.url",
        "jdbc:h2:tcp://" + LOOPBACK + ":" + server.getPort() + "/" + secret + settings,
        "spring.datasource.username",
        "sa",
        "spring.datasource.password",
        "");
  }

  boolean isServing() {
    return server.isRunning(false);
  }

  /** Closes the connections of all clients, and takes no more. */
  void pause() {
    watched.forEach(Watchdog.Watched::close);
    server.stop();
  }

  /** Serves again, on the same port; throws while another process has it. */
  void resume() throws SQLException {
    server = listen(server.getPort());
    watched = watch(server);
  }
}
