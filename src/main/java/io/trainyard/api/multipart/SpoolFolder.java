package io.trainyard.api.multipart;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.util.unit.DataSize;

/**
 * Where bodies go that are too large for memory.
 *
 * @param largest the size of the largest of them
 * @param reserve keeps the disk from filling up
 */
public record SpoolFolder(Path folder, DataSize largest, Reserve reserve) {
  private static final String HAS_ROOM = SpoolFolder.class.getName() + ".hasRoom";

  /** The space of the disk that bodies leave free. */
  public interface Reserve {
    /** A stream that fails before it uses the reserve. */
    OutputStream guard(OutputStream out);

    /** Fails if so many bytes would use the reserve. */
    void require(long bytes) throws IOException;
  }

  /** A new empty file; the caller deletes it. */
  public Path newFile() throws IOException {
    return Files.createTempFile(folder, "body", ".tmp");
  }

  /**
   * Checks that there is room for a body whose parts the server is going to store. Only the first
   * check of a request counts: after it, the parts may have taken that room.
   */
  public void requireRoom(HttpServletRequest request) throws IOException {
    if (request.getAttribute(HAS_ROOM) == null) {
      reserve.require(Math.max(0, request.getContentLengthLong()));
      request.setAttribute(HAS_ROOM, true);
    }
  }

  public OutputStream write(Path file) throws IOException {
    return reserve.guard(Files.newOutputStream(file));
  }
}
