package io.trainyard.engine.layer;

import io.trainyard.spec.layer.DataFormat;
import org.bytedeco.pytorch.Tensor;

/**
 * How rows with channels are shown to libtorch, whose kernels want [rows, channels, ...]: as a view
 * with moved axes. Channels-last memory keeps its place, since that is libtorch's channels_last
 * memory format. One spatial axis becomes two with the first of length 1, so that its kernels keep
 * that format too.
 *
 * @param spatialAxes 1, 2 or 3
 */
record ChannelLayout(DataFormat format, int spatialAxes) {

  /** Spatial axes as libtorch sees them. */
  int nativeAxes() {
    return Math.max(2, spatialAxes);
  }

  Tensor toNative(Tensor x) {
    boolean last = format == DataFormat.CHANNELS_LAST;
    Tensor lifted = spatialAxes == 1 ? x.unsqueeze(last ? 1 : 2) : x;
    if (!last) {
      return lifted;
    }
    return nativeAxes() == 2 ? lifted.permute(0, 3, 1, 2) : lifted.permute(0, 4, 1, 2, 3);
  }

  Tensor fromNative(Tensor y) {
    boolean last = format == DataFormat.CHANNELS_LAST;
    Tensor moved = y;
    if (last) {
      // A convolution of one channel gives the other memory format: bring it back at once.
      moved = (nativeAxes() == 2 ? y.permute(0, 2, 3, 1) : y.permute(0, 2, 3, 4, 1)).contiguous();
    }
    return spatialAxes == 1 ? moved.squeeze(last ? 1 : 2) : moved;
  }

  /** Values per spatial axis as libtorch wants them, the axis in front of a lone one filled. */
  long[] lift(long filler, long... perAxis) {
    if (spatialAxes > 1) {
      return perAxis;
    }
    return new long[] {filler, perAxis[0]};
  }

  /** A kernel [out, in, size...] with the axis in front of a lone one. */
  Tensor liftKernel(Tensor kernel) {
    return spatialAxes == 1 ? kernel.unsqueeze(2) : kernel;
  }
}
