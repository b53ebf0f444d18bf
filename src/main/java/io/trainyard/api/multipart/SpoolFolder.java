package io.trainyard.api.multipart;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.springframework.util.unit.DataSize;

/**
 * Where bodies go that are too large for memory.
 *
 * @param largest the size of the largest of them
 * @param reserve keeps a stream from filling the disk
 */
public record SpoolFolder(Path folder, DataSize largest, UnaryOperator<OutputStream> reserve) {
  /** A new empty file; the caller deletes it. */
  public Path newFile() throws IOException {
    return Files.createTempFile(folder, "body", ".tmp");
  }

  public OutputStream write(Path file) throws IOException {
    return reserve.apply(Files.newOutputStream(file));
  }
}
