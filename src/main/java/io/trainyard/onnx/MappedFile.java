package io.trainyard.onnx;

import io.trainyard.tensor.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file that is read where it lies, without a copy on the heap. */
final class MappedFile {
  private MappedFile() {}

  /**
   * The bytes of a file.
   *
   * @throws FormatException when it is empty or larger than allowed
   */
  static ByteBuffer of(Path path, long mostBytes) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      if (size == 0 || size > Math.min(mostBytes, Integer.MAX_VALUE)) {
        throw new FormatException(
            size == 0
                ? "it is empty"
                : "it has %d bytes; at most %d are possible".formatted(size, mostBytes));
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
    }
  }
}
