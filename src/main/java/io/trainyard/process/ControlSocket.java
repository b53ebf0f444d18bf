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

  private ControlSocket(ServerSocketChannel server, Path path) {
    this.server = server;
    this.path = path;
  }

  /** Opens a socket in a folder; only the owner may enter a folder that did not exist. */
  public static ControlSocket open(Path folder) throws IOException {
    privateFolder(folder);
    Path path = shorter(folder.resolve(UUID.randomUUID().toString().substring(0, 8)));
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      return new ControlSocket(server, path);
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
    Path shorter = relative.toString().length() < path.toString().length() ? relative : path;
    if (shorter.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
      throw new StartRefusedException(
          "The path "
              + path
              + " is too long for a socket; name a shorter --trainyard.data-dir, or train in this"
              + " process by --trainyard.jobs.isolation=none");
    }
    return shorter;
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
  }
}
