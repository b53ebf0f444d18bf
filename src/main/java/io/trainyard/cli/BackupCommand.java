package io.trainyard.cli;

import io.trainyard.cli.ServiceClient.UnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Saves the whole installation. */
@Command(
    name = "backup",
    description = "Save everything that the service keeps into one file.",
    footer = {"", "Example: trainyard backup monday.backup"})
final class BackupCommand implements Callable<Integer> {
  private static final int CHUNK = 1 << 16;

  private final Session session;

  @Parameters(paramLabel = "FILE", description = "The file to write.")
  private Path file = Path.of("");

  @Option(names = "--force", description = "Replace the file if it is there.")
  private boolean force;

  BackupCommand(Session session) {
    this.session = session;
  }

  /** Writes beside the file and renames at the end: a file of that name is whole. */
  @Override
  public Integer call() throws IOException {
    if (!force && Files.exists(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Path whole = file.toAbsolutePath();
    Path part = whole.resolveSibling(whole.getFileName() + ".part");
    try {
      HttpResponse<InputStream> response = session.service().open(ServiceClient.path("backup"));
      long size = response.headers().firstValueAsLong("Content-Length").orElse(-1);
      long written = copy(response.body(), part, size);
      Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      session.terminal().print(file + ": " + Text.bytes(written));
    } finally {
      Files.deleteIfExists(part);
    }
    return TrainyardCommand.DONE;
  }

  private long copy(InputStream body, Path part, long size) throws IOException {
    long written = 0;
    try (body;
        OutputStream out = Files.newOutputStream(part)) {
      byte[] chunk = new byte[CHUNK];
      for (int read = read(body, chunk); read >= 0; read = read(body, chunk)) {
        out.write(chunk, 0, read);
        written += read;
        session.terminal().progress(size <= 0 ? 0 : (double) written / size, Text.bytes(written));
      }
    }
    return written;
  }

  private static int read(InputStream body, byte[] chunk) {
    try {
      return body.read(chunk);
    } catch (IOException e) {
      throw new UnavailableException("The download broke off: " + e.getMessage(), e);
    }
  }
}
