package io.trainyard.spec.layer;

import java.util.List;
import java.util.stream.IntStream;

/** A window that slides over one to three axes: the geometry of convolutions and pools. */
public record WindowSpec(
    List<Integer> size, List<Integer> strides, List<Integer> dilation, Padding padding) {
  public WindowSpec {
    size = List.copyOf(size);
    strides = List.copyOf(strides);
    dilation = List.copyOf(dilation);
  }

  public int axes() {
    return size.size();
  }

  /** Elements under the window. */
  public long volume() {
    long volume = 1;
    for (int length : size) {
      volume = Math.multiplyExact(volume, length);
    }
    return volume;
  }

  /** The window over axes of these lengths. */
  public List<Span> spans(List<Integer> lengths) {
    return IntStream.range(0, axes()).mapToObj(axis -> span(axis, lengths.get(axis))).toList();
  }

  private Span span(int axis, int length) {
    int k = size.get(axis);
    int s = strides.get(axis);
    int d = dilation.get(axis);
    long reach = (long) d * (k - 1) + 1;
    long before = 0;
    long after = 0;
    switch (padding) {
      case Padding.Valid _ -> {}
      case Padding.Causal _ -> before = reach - 1;
      case Padding.Same _ -> {
        long out = Math.ceilDiv(length, s);
        long total = Math.max((out - 1) * s + reach - length, 0);
        before = total / 2;
        after = total - before;
      }
      case Padding.Explicit explicit -> {
        before = explicit.before().get(axis);
        after = explicit.after().get(axis);
      }
    }
    return new Span(length, k, s, d, Math.toIntExact(before), Math.toIntExact(after));
  }

  /**
   * The window along one axis.
   *
   * @param before padding in front of the axis's elements
   * @param after padding behind them
   */
  public record Span(int length, int size, int stride, int dilation, int before, int after) {
    /** Elements from the window's first to its last, both included. */
    public long reach() {
      return (long) dilation * (size - 1) + 1;
    }

    /** How often the window fits; 0 or less when it does not. */
    public int out() {
      return Math.toIntExact(Math.floorDiv((long) length + before + after - reach(), stride) + 1);
    }

    String formula() {
      return "floor((%d + %d + %d − %d·(%d − 1) − 1)/%d) + 1 = %d"
          .formatted(length, before, after, dilation, size, stride, out());
    }
  }
}
