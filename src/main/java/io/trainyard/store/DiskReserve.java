package io.trainyard.store;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Disk space that only the database may use: it must be able to record what else happens. Writers
 * of other files ask before every few megabytes.
 */
public final class DiskReserve {
  private static final DataSize MOST_BY_DEFAULT = DataSize.ofMegabytes(256);

  /** By default, the reserve is this part of the volume. */
  private static final int PART_BY_DEFAULT = 20;

  /** How much may be written between two looks at the disk. */
  private static final long STEP = 1 << 20;

  private final Path folder;
  private final long bytes;

  /**
   * The reserve on a folder's disk.
   *
   * @param configured null for 5 % of the volume, at most 256 MB
   */
  public DiskReserve(Path folder, @Nullable DataSize configured) {
    this.folder = folder;
    this.bytes =
        configured == null
            ? Math.min(MOST_BY_DEFAULT.toBytes(), folder.toFile().getTotalSpace() / PART_BY_DEFAULT)
            : configured.toBytes();
  }

  public long bytes() {
    return bytes;
  }

  /** The free space of the disk; 0 when it cannot be read. */
  public long free() {
    return folder.toFile().getUsableSpace();
  }

  /** The free space that files beside the database may use. */
  public long available() {
    return Math.max(0, free() - bytes);
  }

  /**
   * Checks that a file may grow.
   *
   * @throws IOException with the words of a full disk, if the reserve would be used
   */
  public void require(long more) throws IOException {
    if (more > available()) {
      throw new IOException("No space left above the reserve (trainyard.disk-reserve)");
    }
  }

  /** Counts what a file grows by, and looks at the disk before every megabyte. */
  public final class Growth {
    private long unchecked = STEP;

    private Growth() {}

    /**
     * Call it before a write.
     *
     * @throws IOException with the words of a full disk, if the reserve would be used
     */
    public void add(long more) throws IOException {
      unchecked += more;
      if (unchecked >= STEP) {
        require(Math.max(more, STEP));
        unchecked = 0;
      }
    }
  }

  /** The growth of a new file. */
  public Growth growth() {
    return new Growth();
  }

  /** A stream that fails like a full disk before it uses the reserve. */
  public OutputStream guard(OutputStream out) {
    return new Guarded(out, growth());
  }

  private static final class Guarded extends FilterOutputStream {
    private final Growth growth;

    Guarded(OutputStream out, Growth growth) {
      super(out);
      this.growth = growth;
    }

    @Override
    public void write(int b) throws IOException {
      growth.add(1);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      growth.add(count);
      out.write(bytes, offset, count);
    }
  }
}
