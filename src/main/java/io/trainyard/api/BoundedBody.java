package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A request body in memory, limited in size. */
public final class BoundedBody {
  private static final int FIRST_CHUNK = 16 * 1024;

  private BoundedBody() {}

  /**
   * Reads to the end.
   *
   * @param declared the length that the caller declared, or negative
   */
  public static byte[] read(InputStream in, long declared, int maxBytes) throws IOException {
    if (declared > maxBytes) {
      throw tooLarge(declared, maxBytes);
    }
    if (declared >= 0) {
      return in.readNBytes((int) declared);
    }
    byte[] bytes = in.readNBytes(FIRST_CHUNK);
    while (true) {
      byte[] more = in.readNBytes(Math.min(bytes.length, maxBytes - bytes.length + 1));
      if (more.length == 0) {
        return bytes;
      }
      if (bytes.length + more.length > maxBytes) {
        throw tooLarge(bytes.length + (long) more.length, maxBytes);
      }
      int filled = bytes.length;
      bytes = Arrays.copyOf(bytes, filled + more.length);
      System.arraycopy(more, 0, bytes, filled, more.length);
    }
  }

  private static ServiceException tooLarge(long bytes, int maxBytes) {
    return new ServiceException(
        ErrorCode.BODY_TOO_LARGE,
        "The body may have at most " + maxBytes + " bytes, it has at least " + bytes);
  }
}
