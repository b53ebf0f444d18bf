package io.trainyard.tensor;

import java.util.ArrayList;
import java.util.List;

/** The place of the channels among the axes of a row. */
public enum DataFormat {
  /** {@code [..., channels]}. */
  CHANNELS_LAST,
  /** {@code [channels, ...]}, as in PyTorch. */
  CHANNELS_FIRST;

  /** The axis of the channels. */
  public int channelAxis(Shape row) {
    return this == CHANNELS_LAST ? row.rank() - 1 : 0;
  }

  public int channels(Shape row) {
    return row.axis(channelAxis(row));
  }

  /** The lengths of the other axes. */
  public List<Integer> spatial(Shape row) {
    int last = row.rank();
    return this == CHANNELS_LAST ? row.dims().subList(0, last - 1) : row.dims().subList(1, last);
  }

  /** The first of the other axes in a batch of rows. */
  public int firstSpatial() {
    return this == CHANNELS_LAST ? 1 : 2;
  }

  /** A row with these channels and other axes. */
  public Shape row(int channels, List<Integer> spatial) {
    List<Integer> dims = new ArrayList<>(spatial);
    dims.add(this == CHANNELS_LAST ? spatial.size() : 0, channels);
    return new Shape(dims);
  }

  /** The axes in words, for faults. */
  public String layout(int spatialAxes) {
    String[] names =
        switch (spatialAxes) {
          case 1 -> new String[] {"steps"};
          case 2 -> new String[] {"height", "width"};
          default -> new String[] {"depth", "height", "width"};
        };
    String spatial = String.join(", ", names);
    return this == CHANNELS_LAST ? "[" + spatial + ", channels]" : "[channels, " + spatial + "]";
  }
}
