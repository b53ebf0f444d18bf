package io.trainyard.train.diagnosis;

/** The loss is NaN or infinite, so training can't continue. */
public final class NonFiniteLossException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int epoch;
  private final long step;
  private final String layer;

  /**
   * @param layer the first layer with an output that is not finite; "" when all outputs are
   * @param advice what may help
   */
  public NonFiniteLossException(int epoch, long step, String layer, String advice) {
    super(
        "The loss is not a finite number at epoch %d, step %d: %s; %s"
            .formatted(epoch, step, where(layer), advice));
    this.epoch = epoch;
    this.step = step;
    this.layer = layer;
  }

  private NonFiniteLossException(int epoch, String message, NonFiniteLossException cause) {
    super(message, cause);
    this.epoch = epoch;
    this.step = cause.step;
    this.layer = cause.layer;
  }

  /**
   * The same in the training of an ensemble's member.
   *
   * @param member from 0
   * @param before the epochs of the members before it
   */
  public NonFiniteLossException inMember(int member, int before) {
    return new NonFiniteLossException(
        before + epoch, "In member %d of the ensemble: %s".formatted(member, getMessage()), this);
  }

  private static String where(String layer) {
    return layer.isEmpty()
        ? "every layer's output was finite"
        : "the first layer whose output was not is '" + layer + "'";
  }

  /** From 1. */
  public int epoch() {
    return epoch;
  }

  /** The batch within the epoch, from 1. */
  public long step() {
    return step;
  }

  /** The first layer with an output that is not finite; "" when all outputs are. */
  public String layer() {
    return layer;
  }
}
