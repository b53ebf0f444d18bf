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

/** Streams a body of any size to disk and computes its hash. */
final class UploadSpool {
  private static final int BUFFER = 1 << 19;

  private UploadSpool() {}

  /** A body on disk. */
  record Spooled(Path file, String sha256, long bytes) {}

  /** Sees the bytes while they arrive, on a separate thread. */
  interface ChunkObserver {
    void scan(byte[] buffer, int count);
  }

  /**
   * Reads a body to its end.
   *
   * @param budget the most bytes that may follow
   * @param limit the most bytes of all parts together, for the message
   * @param observer sees the bytes in order
   */
  static Spooled spool(
      InputStream body, Path file, long budget, DataSize limit, ChunkObserver observer)
      throws IOException {
    MessageDigest digest = sha256();
    long bytes = 0;
    try (OutputStream out = Files.newOutputStream(file);
        ScanThread scan = new ScanThread(observer)) {
      byte[] buffer = scan.buffer();
      for (int read = body.readNBytes(buffer, 0, BUFFER);
          read > 0;
          read = body.readNBytes(buffer, 0, BUFFER)) {
        bytes += read;
        if (bytes > budget) {
          throw tooLarge(limit);
        }
        // The observer reads the buffer while it is hashed and written here.
        scan.submit(buffer, read);
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
        buffer = scan.buffer();
      }
      scan.finish();
    }
    return new Spooled(file, HexFormat.of().formatHex(digest.digest()), bytes);
  }

  static ServiceException tooLarge(DataSize limit) {
    return new ServiceException(
        ErrorCode.BODY_TOO_LARGE,
        "The upload has more than " + limit.toBytes() + " bytes (trainyard.datasets.max-upload)");
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Runs the observer, and reuses buffers once it has read them. */
  private static final class ScanThread implements AutoCloseable {
    private static final int AHEAD = 8;

    private final ChunkObserver observer;
    private final ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("upload-scan").factory());
    private final ArrayDeque<Future<?>> pending = new ArrayDeque<>();
    private final ArrayDeque<byte[]> buffers = new ArrayDeque<>();

    ScanThread(ChunkObserver observer) {
      this.observer = observer;
    }

    /** A buffer that the observer does not need. */
    byte[] buffer() {
      if (pending.size() < AHEAD) {
        return new byte[BUFFER];
      }
      await(pending.removeFirst());
      return buffers.removeFirst();
    }

    void submit(byte[] buffer, int count) {
      pending.addLast(thread.submit(() -> observer.scan(buffer, count)));
      buffers.addLast(buffer);
    }

    void finish() {
      while (!pending.isEmpty()) {
        await(pending.removeFirst());
      }
    }

    private static void await(Future<?> scan) {
      try {
        scan.get();
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
