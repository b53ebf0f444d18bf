package io.trainyard.error;

import org.jspecify.annotations.Nullable;

/**
 * The process must not start. The message is one sentence for the operator: it names the file or
 * the setting, and what to do. It is the only line that the log gets about it.
 */
public final class StartRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StartRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public StartRefusedException(String message) {
    this(message, null);
  }
}
