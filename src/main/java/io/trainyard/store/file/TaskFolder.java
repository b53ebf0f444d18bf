package io.trainyard.store.file;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.springframework.util.FileSystemUtils;

/**
 * A folder for the temporary files of one task. It is deleted when its last user closes it: a
 * cancelled task may run longer than its caller waits.
 */
public final class TaskFolder implements AutoCloseable {
  private final Path path;
  private int users = 1;

  /** A folder that exists, with one user. */
  TaskFolder(Path path) {
    this.path = path;
  }

  public Path path() {
    return path;
  }

  /**
   * Adds a user, who closes the folder too.
   *
   * @throws CancellationException if the folder is deleted
   */
  public synchronized TaskFolder use() {
    if (users == 0) {
      throw new CancellationException("the caller no longer waits");
    }
    users++;
    return this;
  }

  /** A file of the folder, which is in use until the stream is closed. */
  public InputStream deletedAfter(InputStream file) {
    TaskFolder used = use();
    return new FilterInputStream(file) {
      private boolean closed;

      @Override
      public void close() throws IOException {
        if (!closed) {
          closed = true;
          try (used) {
            super.close();
          }
        }
      }
    };
  }

  @Override
  public synchronized void close() throws IOException {
    users--;
    if (users == 0) {
      FileSystemUtils.deleteRecursively(path);
    }
  }
}
