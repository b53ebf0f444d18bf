package io.trainyard.dataset.prepare;

import io.trainyard.dataset.encoding.Encoding;

/**
 * A dataset ready to train on. {@link #close} frees its memory.
 *
 * @param validation without rows when the split has no validation share
 * @param encoding fitted to the training rows
 */
public record PreparedData(
    Subset training, Subset validation, Subset test, Encoding encoding, Runnable release)
    implements AutoCloseable {
  /** Bytes of the rows that lie in memory, not in a mapped file. */
  public long residentBytes() {
    return training.residentBytes() + validation.residentBytes() + test.residentBytes();
  }

  @Override
  public void close() {
    release.run();
  }
}
