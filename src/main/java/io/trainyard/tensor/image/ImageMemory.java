package io.trainyard.tensor.image;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The memory that all images share while they are decoded. An image waits for its part. */
public final class ImageMemory {
  private static final long UNIT = 1024;
  private static final Duration WAIT = Duration.ofSeconds(30);

  private final int units;
  private final Duration wait;
  private final Semaphore free;

  /**
   * @param bytes for all images together
   */
  public ImageMemory(long bytes) {
    this(bytes, WAIT);
  }

  ImageMemory(long bytes, Duration wait) {
    this.wait = wait;
    this.units = (int) Math.min(Integer.MAX_VALUE, bytes / UNIT);
    this.free = new Semaphore(units, true);
  }

  /** Memory that one image holds. */
  public final class Held implements AutoCloseable {
    private final int held;

    private Held(int held) {
      this.held = held;
    }

    @Override
    public void close() {
      free.release(held);
    }
  }

  /**
   * Waits until there is memory for one image.
   *
   * @throws BadImageException when there is never enough
   * @throws ServiceException UNAVAILABLE when other images hold the memory for too long
   */
  public Held hold(long bytes) throws BadImageException {
    long wanted = Math.ceilDiv(bytes, UNIT);
    if (wanted > units) {
      throw new BadImageException(
          "decoding it needs "
              + bytes
              + " bytes of memory; all images together have "
              + units * UNIT
              + " (trainyard.datasets.archive.memory)");
    }
    try {
      if (free.tryAcquire((int) wanted, wait.toMillis(), TimeUnit.MILLISECONDS)) {
        return new Held((int) wanted);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceException(ErrorCode.UNAVAILABLE, "The request was interrupted", e);
    }
    throw new ServiceException(
        ErrorCode.UNAVAILABLE,
        "Other requests use the memory for decoding images (trainyard.datasets.archive.memory)");
  }
}
