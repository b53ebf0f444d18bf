package io.trainyard.store.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Some bytes of a file. */
final class PartOfStream extends FilterInputStream {
  private long left;

  private PartOfStream(InputStream in, long bytes) {
    super(in);
    this.left = bytes;
  }

  /** Reads at most {@code length} bytes of a file, from a position in it. */
  static PartOfStream open(Path file, long from, long length) throws IOException {
    InputStream in = Files.newInputStream(file);
    try {
      in.skipNBytes(from);
      return new PartOfStream(in, length);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public int read() throws IOException {
    int read = left == 0 ? -1 : super.read();
    left -= read < 0 ? 0 : 1;
    return read;
  }

  @Override
  public int read(byte[] bytes, int offset, int count) throws IOException {
    int read = left == 0 ? -1 : super.read(bytes, offset, (int) Math.min(count, left));
    left -= Math.max(0, read);
    return read;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = super.skip(Math.min(count, left));
    left -= skipped;
    return skipped;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(left, super.available());
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
