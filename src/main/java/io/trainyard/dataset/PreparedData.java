package io.trainyard.dataset;

/**
 * A data set ready to train on; its memory is freed by {@link #close}.
 *
 * @param validation has no rows when the split asks for none
 * @param encoding what was learned from the training rows
 */
public record PreparedData(
    Part training, Part validation, Part test, Encoding encoding, Runnable release)
    implements AutoCloseable {
  @Override
  public void close() {
    release.run();
  }
}
