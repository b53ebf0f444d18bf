package io.trainyard.os;

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

  @Override
  public void close() {
    release.run();
  }
}
