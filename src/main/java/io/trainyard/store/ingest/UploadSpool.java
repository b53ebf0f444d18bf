package io.trainyard.store.ingest;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.springframework.util.unit.DataSize;

/** Streams a body to disk, however large, and hashes it on the way. */
final class UploadSpool {
  private static final int BUFFER = 1 << 19;

  private UploadSpool() {}

  /** A body on disk. */
  record Spooled(Path file, String sha256, long bytes) {}

  /** Looks at the bytes as they come, on a thread of its own. */
  interface Observer {
    void look(byte[] buffer, int count);
  }

  /**
   * Reads to the end.
   *
   * @param budget how many bytes may still come
   * @param most what all parts of an upload may have together
   * @param observer sees the bytes in their order
   */
  static Spooled spool(InputStream body, Path file, long budget, DataSize most, Observer observer)
      throws IOException {
    MessageDigest digest = sha256();
    long bytes = 0;
    try (OutputStream out = Files.newOutputStream(file);
        Lookout lookout = new Lookout(observer)) {
      byte[] buffer = lookout.buffer();
      for (int read = body.readNBytes(buffer, 0, BUFFER);
          read > 0;
          read = body.readNBytes(buffer, 0, BUFFER)) {
        bytes += read;
        if (bytes > budget) {
          throw tooLarge(most);
        }
        // The observer may read a buffer while it is hashed and written, and gives it back later.
        lookout.look(buffer, read);
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
        buffer = lookout.buffer();
      }
      lookout.finish();
    }
    return new Spooled(file, HexFormat.of().formatHex(digest.digest()), bytes);
  }

  static ServiceException tooLarge(DataSize most) {
    return new ServiceException(
        ErrorCode.BODY_TOO_LARGE,
        "The upload has more than " + most.toBytes() + " bytes (trainyard.datasets.max-upload)");
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Hands buffers to the observer and takes them back when both sides are done with them. */
  private static final class Lookout implements AutoCloseable {
    private static final int AHEAD = 8;

    private final Observer observer;
    private final ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("upload-scan").factory());
    private final ArrayDeque<Future<?>> pending = new ArrayDeque<>();
    private final ArrayDeque<byte[]> buffers = new ArrayDeque<>();

    Lookout(Observer observer) {
      this.observer = observer;
    }

    /** A buffer that nobody reads any more. */
    byte[] buffer() {
      if (pending.size() < AHEAD) {
        return new byte[BUFFER];
      }
      await(pending.removeFirst());
      return buffers.removeFirst();
    }

    void look(byte[] buffer, int count) {
      pending.addLast(thread.submit(() -> observer.look(buffer, count)));
      buffers.addLast(buffer);
    }

    void finish() {
      while (!pending.isEmpty()) {
        await(pending.removeFirst());
      }
    }

    private static void await(Future<?> look) {
      try {
        look.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ServiceException(ErrorCode.UNAVAILABLE, "The upload was interrupted", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException fault) {
          throw fault;
        }
        throw new IllegalStateException(e.getCause());
      }
    }

    @Override
    public void close() {
      thread.shutdownNow();
      thread.close();
    }
  }
}
