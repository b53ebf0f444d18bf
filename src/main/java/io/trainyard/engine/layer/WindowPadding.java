package io.trainyard.engine.layer;

import io.trainyard.spec.layer.WindowSpec.Span;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Padding as libtorch's kernels take it (the same on both sides), or done by hand before them. */
final class WindowPadding {
  private final long[] perAxis;
  private final long[] byHand;
  private final boolean symmetric;
  private final boolean none;

  WindowPadding(ChannelLayout layout, List<Span> spans) {
    // Means over three axes refuse an axis shorter than the window, even where padding makes up.
    symmetric =
        spans.stream()
            .allMatch(
                span ->
                    span.before() == span.after()
                        && (spans.size() < 3 || span.length() >= span.size()));
    none = spans.stream().allMatch(span -> span.before() == 0 && span.after() == 0);
    perAxis =
        layout.lift(0, spans.stream().mapToLong(span -> symmetric ? span.before() : 0).toArray());
    // Pairs for the last axis first.
    byHand = new long[2 * spans.size()];
    for (int axis = 0; axis < spans.size(); axis++) {
      int at = 2 * (spans.size() - 1 - axis);
      byHand[at] = spans.get(axis).before();
      byHand[at + 1] = spans.get(axis).after();
    }
  }

  boolean isNone() {
    return none;
  }

  /** Whether a kernel can do it. */
  boolean isSymmetric() {
    return symmetric;
  }

  /** What a kernel is told; zeros when {@link #pad} does it. */
  long[] perAxis() {
    return perAxis;
  }

  /** The input, padded unless the kernel does it. */
  Tensor apply(Tensor x, double filler) {
    return symmetric ? x : pad(x, filler);
  }

  Tensor pad(Tensor x, double filler) {
    return torch.constant_pad_nd(x, byHand, new Scalar(filler));
  }
}
