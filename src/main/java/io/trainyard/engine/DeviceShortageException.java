package io.trainyard.engine;

/**
 * The memory that a training needs is there, but others hold it now: waiting helps, as for a free
 * device.
 */
public final class DeviceShortageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param detail what is missing, in words
   */
  public DeviceShortageException(String detail) {
    super(detail);
  }
}
