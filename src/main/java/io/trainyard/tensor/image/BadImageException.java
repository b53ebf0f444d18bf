package io.trainyard.tensor.image;

/** Says what is wrong with one image. */
public final class BadImageException extends Exception {
  private static final long serialVersionUID = 1L;

  public BadImageException(String message) {
    super(message);
  }
}
