package io.trainyard.engine.natives;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns libtorch's exceptions into ours: the message without the C++ trace. */
public final class NativeFailure {
  /** Parts of what libtorch, oneDNN, CUDA and the C++ library say when memory runs out. */
  private static final List<String> MEMORY =
      List.of(
          "can't allocate memory",
          "not enough memory",
          "out of memory",
          "bad_alloc",
          "could not create a memory",
          "size calculation overflowed");

  private static final Pattern ASKED = Pattern.compile("tried to allocate (\\d+) bytes");

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
    if (MEMORY.stream().anyMatch(detail::contains)) {
      return new ServiceException(ErrorCode.OUT_OF_MEMORY, memory(detail), failure);
    }
    return new ServiceException(ErrorCode.INTERNAL, detail, failure);
  }

  private static String memory(String detail) {
    Matcher asked = ASKED.matcher(detail);
    // More digits than a long has are no size.
    String size =
        asked.find() && asked.group(1).length() < 19
            ? "%d MB".formatted(Math.ceilDiv(Long.parseLong(asked.group(1)), 1L << 20))
            : "A tensor";
    return size + " found no memory while the network was computed";
  }
}
