package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.json.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;

/** A request body in memory, limited in size and counted in {@link BodyMemory}. */
public final class BoundedBody {
  private static final int FIRST_CHUNK = 16 * 1024;

  private BoundedBody() {}

  /** Reads a JSON value; see {@link #read} and {@link StrictJson}. */
  public static JsonNode json(InputStream in, long declared, int maxBytes) throws IOException {
    byte[] body = read(in, declared, maxBytes);
    BodyMemory.reserve(StrictJson.treeBytes(body));
    return StrictJson.parse(body);
  }

  /**
   * Reads to the end. Memory is reserved as bytes arrive: a declared length costs nothing.
   *
   * @param declared the length that the caller declared, or negative
   */
  public static byte[] read(InputStream in, long declared, int maxBytes) throws IOException {
    if (declared > maxBytes) {
      throw tooLarge(declared, maxBytes);
    }
    // One byte more than allowed tells a body that is too large.
    int limit = declared >= 0 ? (int) declared : maxBytes + 1;
    byte[] bytes = new byte[Math.min(FIRST_CHUNK, limit)];
    BodyMemory.reserve(bytes.length);
    int filled = in.readNBytes(bytes, 0, bytes.length);
    while (filled == bytes.length && filled < limit) {
      int larger = (int) Math.min(2L * filled, limit);
      BodyMemory.reserve(larger - filled);
      bytes = Arrays.copyOf(bytes, larger);
      filled += in.readNBytes(bytes, filled, larger - filled);
    }
    if (filled > maxBytes) {
      throw tooLarge(filled, maxBytes);
    }
    return filled == bytes.length ? bytes : Arrays.copyOf(bytes, filled);
  }

  private static ServiceException tooLarge(long bytes, int maxBytes) {
    return new ServiceException(
        ErrorCode.BODY_TOO_LARGE,
        "The body may have at most " + maxBytes + " bytes, it has at least " + bytes);
  }
}
