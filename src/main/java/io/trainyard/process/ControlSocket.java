package io.trainyard.process;

import io.trainyard.error.StartRefusedException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * A Unix domain socket on which a process waits for another one that it has started. Only its user
 * can open it.
 */
public final class ControlSocket implements AutoCloseable {
  /** The kernel's limit, with the byte that ends the text. */
  private static final int MAX_PATH = 107;

  private final ServerSocketChannel server;
  private final Path path;

  /** Whether its folder has nothing else. */
  private final boolean ownFolder;

  private ControlSocket(ServerSocketChannel server, Path path, boolean ownFolder) {
    this.server = server;
    this.path = path;
    this.ownFolder = ownFolder;
  }

  /**
   * Opens a socket in a folder; only the owner may enter a folder that did not exist. Where that
   * path is too long for the kernel, the socket is in a new folder for temporary files.
   */
  public static ControlSocket open(Path folder) throws IOException {
    privateFolder(folder);
    String name = UUID.randomUUID().toString().substring(0, 8);
    Path path = shorter(folder.resolve(name));
    if (isTooLong(path)) {
      return bind(Files.createTempDirectory("trainyard-socket").resolve(name), true);
    }
    return bind(path, false);
  }

  private static ControlSocket bind(Path path, boolean ownFolder) throws IOException {
    if (isTooLong(path)) {
      throw new StartRefusedException(
          "The path "
              + path
              + " is too long for a socket; name a shorter --trainyard.data-dir, or a shorter folder"
              + " for temporary files by -Djava.io.tmpdir");
    }
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      return new ControlSocket(server, path, ownFolder);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /** Creates a folder, unless it exists, that only the owner may enter. */
  public static void privateFolder(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Such processes start in the same folder, so a relative path will do. */
  private static Path shorter(Path path) {
    Path relative = Path.of("").toAbsolutePath().relativize(path.toAbsolutePath());
    return relative.toString().length() < path.toString().length() ? relative : path;
  }

  private static boolean isTooLong(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH;
  }

  public Path path() {
    return path;
  }

  /** Waits for a connection; {@link #close} ends the wait. */
  public SocketChannel accept() throws IOException {
    return server.accept();
  }

  public static SocketChannel connect(String path) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(path);
    if (ownFolder) {
      Files.deleteIfExists(path.resolveSibling(""));
    }
  }
}
