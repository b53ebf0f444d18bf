package io.trainyard.api.edge;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Unpacks the members of a gzip file one after the other. {@link java.util.zip.GZIPInputStream}
 * drops in silence what stands behind the last one; here it is an error, as a file that was cut and
 * joined has it.
 *
 * <p>Source: RFC 1952, section 2.3.
 */
final class GzipMembers extends InputStream {
  private static final int MAGIC = 0x8b1f;
  private static final int DEFLATE = 8;

  /** Time, extra flags and system. */
  private static final int IGNORED = 6;

  private static final int HEADER_CRC = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private final InputStream packed;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final CRC32 ofHeader = new CRC32();
  private final byte[] buffer = new byte[1 << 13];
  private int at;
  private int end;
  private boolean isFirst = true;
  private boolean isInside;

  GzipMembers(InputStream packed) {
    this.packed = packed;
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
    while (isInside || begin()) {
      int read = inflate(bytes, from, count);
      if (read > 0) {
        checksum.update(bytes, from, read);
        return read;
      }
      if (inflater.finished()) {
        at = end - inflater.getRemaining();
        checkTrailer();
        isInside = false;
      } else if (inflater.needsDictionary()) {
        throw new ZipException("it needs a dictionary");
      } else if (!fill()) {
        throw new EOFException();
      } else {
        feed();
      }
    }
    return -1;
  }

  private int inflate(byte[] bytes, int from, int count) throws ZipException {
    try {
      return inflater.inflate(bytes, from, count);
    } catch (DataFormatException e) {
      throw new ZipException(String.valueOf(e.getMessage()));
    }
  }

  /** Gives the inflater what is in the buffer. */
  private void feed() {
    inflater.setInput(buffer, at, end - at);
    at = end;
  }

  private boolean fill() throws IOException {
    if (at == end) {
      at = 0;
      end = Math.max(0, packed.read(buffer, 0, buffer.length));
    }
    return at < end;
  }

  /** Reads the head of the next member; false when there is none. */
  private boolean begin() throws IOException {
    if (!isFirst && !fill()) {
      inflater.end();
      return false;
    }
    try {
      readHead();
    } catch (ZipException | EOFException e) {
      if (isFirst) {
        throw e;
      }
      throw new ZipException("other bytes follow its last member");
    }
    inflater.reset();
    checksum.reset();
    feed();
    isFirst = false;
    isInside = true;
    return true;
  }

  private void readHead() throws IOException {
    ofHeader.reset();
    if (number(2) != MAGIC) {
      throw new ZipException("it does not begin as gzip");
    }
    int method = next();
    int flags = next();
    if (method != DEFLATE || (flags & RESERVED) != 0) {
      throw new ZipException("its method is unknown");
    }
    pass(IGNORED);
    if ((flags & EXTRA) != 0) {
      pass(number(2));
    }
    if ((flags & NAME) != 0) {
      passText();
    }
    if ((flags & COMMENT) != 0) {
      passText();
    }
    if ((flags & HEADER_CRC) != 0 && (ofHeader.getValue() & 0xffff) != number(2)) {
      throw new ZipException("the checksum of its head is another one");
    }
  }

  private void checkTrailer() throws IOException {
    if (number(4) != checksum.getValue()) {
      throw new ZipException("its checksum is another one");
    }
    if (number(4) != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new ZipException("its length is another one");
    }
  }

  /** A number, lowest byte first. */
  private long number(int bytes) throws IOException {
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number |= (long) next() << (8 * i);
    }
    return number;
  }

  private void pass(long bytes) throws IOException {
    for (long i = 0; i < bytes; i++) {
      var _ = next();
    }
  }

  /** A text ends with a zero. */
  private void passText() throws IOException {
    while (next() != 0) {}
  }

  private int next() throws IOException {
    if (!fill()) {
      throw new EOFException();
    }
    int read = buffer[at++] & 0xff;
    ofHeader.update(read);
    return read;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
