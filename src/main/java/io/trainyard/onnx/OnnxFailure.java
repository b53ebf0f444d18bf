package io.trainyard.onnx;

import ai.onnxruntime.OrtException;

/** What ONNX Runtime says, for callers. */
final class OnnxFailure {
  private static final int MOST = 300;

  private OnnxFailure() {}

  /** The message without places in ONNX Runtime's own source. */
  static String shown(OrtException e) {
    String text =
        String.valueOf(e.getMessage())
            .replaceAll("\\s+", " ")
            .replaceAll("\\S*onnxruntime_src\\S*", "")
            .replaceAll("\\S+\\.(cc|h):\\d+\\s*\\S*", "")
            .strip();
    return text.length() <= MOST ? text : text.substring(0, MOST - 1) + "…";
  }

  /** Whether the limit of memory was reached. */
  static boolean isMemory(OrtException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("Available memory of")
        || message.contains("bad_alloc")
        || message.contains("Failed to allocate memory");
  }
}
