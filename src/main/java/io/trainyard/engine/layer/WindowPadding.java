package io.trainyard.engine.layer;

import io.trainyard.spec.layer.WindowSpec.Span;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The padding of a window: by libtorch's kernel where both ends are equal, else before it. */
final class WindowPadding {
  private final long[] perAxis;
  private final long[] pads;
  private final boolean symmetric;

  WindowPadding(ChannelLayout layout, List<Span> spans) {
    symmetric = Span.padsInKernel(spans);
    perAxis =
        layout.lift(0, spans.stream().mapToLong(span -> symmetric ? span.before() : 0).toArray());
    // constant_pad_nd wants pairs for the last axis first.
    pads = new long[2 * spans.size()];
    for (int axis = 0; axis < spans.size(); axis++) {
      int at = 2 * (spans.size() - 1 - axis);
      pads[at] = spans.get(axis).before();
      pads[at + 1] = spans.get(axis).after();
    }
  }

  /** Whether the kernel can pad. */
  boolean isSymmetric() {
    return symmetric;
  }

  /** The kernel's padding argument; zeros when {@link #pad} is used. */
  long[] perAxis() {
    return perAxis;
  }

  /** The input, padded unless the kernel pads. */
  Tensor apply(Tensor x, double filler) {
    return symmetric ? x : pad(x, filler);
  }

  Tensor pad(Tensor x, double filler) {
    return torch.constant_pad_nd(x, pads, new Scalar(filler));
  }
}
