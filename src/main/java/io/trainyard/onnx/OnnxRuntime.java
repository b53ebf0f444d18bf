package io.trainyard.onnx;

import ai.onnxruntime.OrtEnvironment;

/** ONNX Runtime in this process. */
public final class OnnxRuntime {
  private OnnxRuntime() {}

  /** The version of its native library, which is loaded by the first call. */
  public static String version() {
    return OrtEnvironment.getEnvironment().getVersion();
  }
}
