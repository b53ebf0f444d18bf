package io.trainyard.onnx;

import ai.onnxruntime.OrtException;

/** What ONNX Runtime says, for callers. */
final class OnnxFailure {
  private static final int MOST = 300;

  /** A function of ONNX Runtime, with the types of what it takes and gives. */
  private static final String FUNCTION =
      "((void|bool|auto|static|(std|onnxruntime)::\\S+) )*onnxruntime::[^\\s(]+\\([^()]*\\)("
          + " const)?";

  private OnnxFailure() {}

  /** The message without places and functions in ONNX Runtime's own source. */
  static String shown(OrtException e) {
    String text =
        String.valueOf(e.getMessage())
            .replaceAll("\\s+", " ")
            .replaceAll("\\S*onnxruntime_src\\S*", "")
            .replaceAll("\\S+\\.(cc|h):\\d+\\s*\\S*", "")
            .replaceAll(FUNCTION, "")
            .replace("Exception during initialization:", "")
            .replaceAll("\\[(Shape|Type)InferenceError\\]", "")
            .replaceAll(" +", " ")
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
