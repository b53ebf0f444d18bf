package io.trainyard.os;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that stays on this machine until it is closed.
 *
 * @param release ends that; it may be called only once
 */
public record HeldFile(Path path, Runnable release) implements AutoCloseable {
  /** A file that nobody removes while it is read. */
  public static HeldFile of(Path path) {
    return new HeldFile(path, () -> {});
  }

  /** Its bytes. The stream's end, or a failure to open it, is the end of the hold too. */
  public InputStream open() throws IOException {
    try {
      return new FilterInputStream(Files.newInputStream(path)) {
        @Override
        public void close() throws IOException {
          try {
            super.close();
          } finally {
            release.run();
          }
        }
      };
    } catch (IOException e) {
      release.run();
      throw e;
    }
  }

  @Override
  public void close() {
    release.run();
  }
}
