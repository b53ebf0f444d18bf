package io.trainyard.engine.layer;

import io.trainyard.tensor.DataFormat;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Shows rows with channels to libtorch, whose kernels expect [rows, channels, ...]. Channels-last
 * rows are permuted as a view: their memory already has libtorch's channels_last format. One
 * spatial axis is viewed as two, the first of length 1, because only 2-D kernels keep that format.
 *
 * @param spatialAxes 1, 2 or 3
 */
record ChannelLayout(DataFormat format, int spatialAxes) {

  /** Spatial axes of the kernel: 2 or 3. */
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
      // A convolution of one channel returns contiguous memory: convert it back at once.
      moved = (nativeAxes() == 2 ? y.permute(0, 2, 3, 1) : y.permute(0, 2, 3, 4, 1)).contiguous();
    }
    return spatialAxes == 1 ? moved.squeeze(last ? 1 : 2) : moved;
  }

  /** Values per kernel axis; a single spatial axis gets the filler in front. */
  long[] lift(long filler, long... perAxis) {
    if (spatialAxes > 1) {
      return perAxis;
    }
    return new long[] {filler, perAxis[0]};
  }

  long[] lift(long filler, List<Integer> perAxis) {
    return lift(filler, perAxis.stream().mapToLong(Integer::longValue).toArray());
  }

  /** A kernel [out, in, size...] with the extra axis of a single spatial one. */
  Tensor liftKernel(Tensor kernel) {
    return spatialAxes == 1 ? kernel.unsqueeze(2) : kernel;
  }
}
