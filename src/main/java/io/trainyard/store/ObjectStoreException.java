package io.trainyard.store;

import java.io.IOException;

/** The shared store of files cannot be used now. It may pass; no caller caused it. */
public final class ObjectStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public ObjectStoreException(String message, Throwable cause) {
    super(message, cause);
  }

  public ObjectStoreException(String message) {
    super(message);
  }

  /** Whether a failure means that. */
  public static boolean caused(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof ObjectStoreException) {
        return true;
      }
    }
    return false;
  }
}
