package io.trainyard.train;

/** The loss became NaN or infinite; training cannot go on. */
public final class NonFiniteLossException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int epoch;
  private final long step;
  private final String layer;

  public NonFiniteLossException(int epoch, long step, String layer, String detail) {
    super(detail);
    this.epoch = epoch;
    this.step = step;
    this.layer = layer;
  }

  /** From 1. */
  public int epoch() {
    return epoch;
  }

  /** The batch within the epoch, from 1. */
  public long step() {
    return step;
  }

  /** The first layer whose output was not finite; "" when only the loss was not. */
  public String layer() {
    return layer;
  }
}
