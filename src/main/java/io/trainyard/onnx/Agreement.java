package io.trainyard.onnx;

import io.trainyard.tensor.HostTensor;
import org.jspecify.annotations.Nullable;

/** Whether two tensors are equal up to rounding. */
final class Agreement {
  /**
   * Of an element, and of the tensor's largest element: sums of many terms cancel, and the two
   * libraries add in another order.
   */
  private static final double TOLERANCE = 1e-4;

  /** ONNX Runtime's sigmoid and tanh are approximations; near 0 they miss by some 1e-7. */
  private static final double FLOOR = 1e-6;

  private Agreement() {}

  /** What differs, or null. */
  static @Nullable String fault(@Nullable HostTensor expected, @Nullable HostTensor computed) {
    if (expected == null || computed == null || !expected.shape().equals(computed.shape())) {
      return "ONNX Runtime gives another shape";
    }
    long count = expected.shape().elements();
    double largest = 0;
    for (long i = 0; i < count; i++) {
      double value = Math.abs(expected.doubleAt(i));
      largest = Double.isFinite(value) ? Math.max(largest, value) : largest;
    }
    for (long i = 0; i < count; i++) {
      double wanted = expected.doubleAt(i);
      double given = computed.doubleAt(i);
      double limit = TOLERANCE * (Math.abs(wanted) + largest) + FLOOR;
      boolean equal =
          wanted == given
              || (Double.isNaN(wanted) && Double.isNaN(given))
              || Math.abs(wanted - given) <= limit;
      if (!equal) {
        return "ONNX Runtime computes %s where %s is computed here"
            .formatted((float) given, (float) wanted);
      }
    }
    return null;
  }
}
