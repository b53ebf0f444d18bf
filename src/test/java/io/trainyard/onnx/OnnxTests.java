package io.trainyard.onnx;

import java.nio.file.Path;

/** One ONNX Runtime for all tests of a JVM: its memory belongs to the process. */
final class OnnxTests {
  /** Small, so that files which ask for too much are refused early. */
  static final OnnxRuntime RUNTIME = new OnnxRuntime(Path.of("target"), 256L << 20);

  private OnnxTests() {}
}
