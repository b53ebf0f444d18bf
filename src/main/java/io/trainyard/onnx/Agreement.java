package io.trainyard.onnx;

import io.trainyard.tensor.Closeness;
import io.trainyard.tensor.HostTensor;
import org.jspecify.annotations.Nullable;

/** Whether two tensors are equal up to rounding. */
final class Agreement {
  /** ONNX Runtime's sigmoid and tanh are approximations; near 0 they miss by some 1e-7. */
  private static final Closeness EQUAL = new Closeness(1e-4, 1e-4, 1e-6);

  private Agreement() {}

  /** What differs, or null. */
  static @Nullable String fault(@Nullable HostTensor expected, @Nullable HostTensor computed) {
    if (expected == null || computed == null || !expected.shape().equals(computed.shape())) {
      return "ONNX Runtime gives another shape";
    }
    long place = EQUAL.firstDifference(expected, computed);
    return place < 0
        ? null
        : "ONNX Runtime computes %s where %s is computed here"
            .formatted((float) computed.doubleAt(place), (float) expected.doubleAt(place));
  }
}
