package io.trainyard.engine.natives;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;

/** Turns libtorch's exceptions into ours: the message without the C++ trace. */
public final class NativeFailure {
  private NativeFailure() {}

  /** Other exceptions pass unchanged; libtorch's are of the class RuntimeException itself. */
  public static RuntimeException translate(RuntimeException failure) {
    if (failure.getClass() != RuntimeException.class) {
      return failure;
    }
    String message = String.valueOf(failure.getMessage());
    int trace = message.indexOf("\nException raised from");
    String detail = (trace < 0 ? message : message.substring(0, trace)).strip();
    if (detail.contains("index out of range in self")) {
      return new ServiceException(
          ErrorCode.INVALID_BODY, "An index is outside its embedding's vocabulary", failure);
    }
    boolean memory = detail.contains("not enough memory") || detail.contains("out of memory");
    return new ServiceException(
        memory ? ErrorCode.TOO_MUCH_MEMORY : ErrorCode.INTERNAL, detail, failure);
  }
}
