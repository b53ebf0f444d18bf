package io.trainyard.store.ingest;

import io.trainyard.tensor.image.BadImageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** A ZIP file whose entries can be inflated one by one. */
final class ZipArchive implements AutoCloseable {
  static final int LOCAL_BYTES = 30;

  private static final int LOCAL = 0x04034b50;
  private static final int BUFFER = 1 << 14;

  private final FileChannel file;
  private final List<ZipDirectory.Entry> entries;

  private ZipArchive(FileChannel file, List<ZipDirectory.Entry> entries) {
    this.file = file;
    this.entries = entries;
  }

  /**
   * Opens an archive.
   *
   * @throws ZipException when it is not a valid archive, or has too many entries
   */
  static ZipArchive open(Path path, int maxEntries) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new ZipArchive(file, ZipDirectory.read(file, maxEntries));
    } catch (EOFException e) {
      file.close();
      throw new ZipException("the file ends too early");
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  List<ZipDirectory.Entry> entries() {
    return entries;
  }

  /** All bytes of an entry, which has exactly as many as it declares. */
  byte[] read(ZipDirectory.Entry entry) throws IOException, BadImageException {
    try (InputStream in = open(entry)) {
      byte[] bytes = in.readNBytes(Math.toIntExact(entry.bytes()));
      if (bytes.length < entry.bytes() || in.read() >= 0) {
        throw new BadImageException(
            "it does not inflate to the " + entry.bytes() + " bytes that it declares");
      }
      return bytes;
    } catch (ZipException | EOFException e) {
      throw new BadImageException("it cannot be unpacked: " + e.getMessage());
    }
  }

  /** The bytes of an entry, inflated as they are read. */
  InputStream open(ZipDirectory.Entry entry) throws IOException {
    ByteBuffer local = ZipDirectory.bytes(file, entry.header(), LOCAL_BYTES);
    long start =
        entry.header()
            + LOCAL_BYTES
            + ZipDirectory.uint16(local, 26)
            + ZipDirectory.uint16(local, 28);
    if (local.getInt(0) != LOCAL) {
      throw new ZipException("its header is missing");
    }
    if (start > entry.end() - entry.compressed()) {
      throw new ZipException("it overlaps the next entry");
    }
    InputStream raw = new Slice(file, start, entry.compressed());
    return entry.deflated() ? new Inflated(raw) : raw;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Frees its inflater, which InflaterInputStream does only for one that it made. */
  private static final class Inflated extends InflaterInputStream {
    Inflated(InputStream raw) {
      super(raw, new Inflater(true), BUFFER);
    }

    @Override
    public void close() throws IOException {
      super.close();
      inf.end();
    }
  }

  /** Some bytes of a file. */
  private static final class Slice extends InputStream {
    private final FileChannel file;
    private long at;
    private long left;

    Slice(FileChannel file, long at, long left) {
      this.file = file;
      this.at = at;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
      if (count == 0) {
        return 0;
      }
      if (left == 0) {
        return -1;
      }
      int read = file.read(ByteBuffer.wrap(bytes, from, (int) Math.min(count, left)), at);
      if (read < 0) {
        throw new EOFException("the file ends too early");
      }
      at += read;
      left -= read;
      return read;
    }
  }
}
