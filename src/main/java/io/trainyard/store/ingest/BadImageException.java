package io.trainyard.store.ingest;

/** Says what is wrong with one image. */
final class BadImageException extends Exception {
  private static final long serialVersionUID = 1L;

  BadImageException(String message) {
    super(message);
  }
}
