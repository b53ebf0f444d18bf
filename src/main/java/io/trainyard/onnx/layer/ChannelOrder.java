package io.trainyard.onnx.layer;

import io.trainyard.tensor.DataFormat;
import java.util.ArrayList;
import java.util.List;

/** ONNX's windows expect [rows, channels, ...]: channels-last rows are moved before and after. */
final class ChannelOrder {
  private ChannelOrder() {}

  /**
   * @param rank of a row
   */
  static String toFirst(String x, DataFormat format, int rank, LayerWriter to) {
    if (format == DataFormat.CHANNELS_FIRST) {
      return x;
    }
    List<Integer> axes = new ArrayList<>(List.of(0, rank));
    for (int axis = 1; axis < rank; axis++) {
      axes.add(axis);
    }
    return to.transpose(x, axes);
  }

  static String fromFirst(String x, DataFormat format, int rank, LayerWriter to) {
    if (format == DataFormat.CHANNELS_FIRST) {
      return x;
    }
    List<Integer> axes = new ArrayList<>(List.of(0));
    for (int axis = 2; axis <= rank; axis++) {
      axes.add(axis);
    }
    axes.add(1);
    return to.transpose(x, axes);
  }
}
