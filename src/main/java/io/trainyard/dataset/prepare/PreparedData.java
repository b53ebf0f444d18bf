package io.trainyard.dataset.prepare;

import io.trainyard.dataset.encoding.Encoding;

/**
 * A data set ready to train on; its memory is freed by {@link #close}.
 *
 * @param validation has no rows when the split asks for none
 * @param encoding what was learned from the training rows
 */
public record PreparedData(
    Subset training, Subset validation, Subset test, Encoding encoding, Runnable release)
    implements AutoCloseable {
  @Override
  public void close() {
    release.run();
  }
}
