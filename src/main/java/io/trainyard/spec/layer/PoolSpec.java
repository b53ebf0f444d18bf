package io.trainyard.spec.layer;

/** Layers that put one number in the place of many, channel by channel. */
public sealed interface PoolSpec extends LayerSpec {
  DataFormat dataFormat();

  /**
   * The largest or the mean under a window over 1, 2 or 3 axes. Padding never wins a maximum; a
   * mean leaves it out of the count under {@code same} and counts its zeros when it is explicit.
   * Source: torch.nn.MaxPool1d to AvgPool3d.
   */
  record Window(Kind kind, WindowSpec window, DataFormat dataFormat) implements PoolSpec {
    @Override
    public String type() {
      return (kind == Kind.MAX ? "max_pool" : "avg_pool") + window.axes() + "d";
    }
  }

  /** The largest or the mean of each channel: {@code [channels]}. */
  record Global(Kind kind, DataFormat dataFormat) implements PoolSpec {
    @Override
    public String type() {
      return kind == Kind.MAX ? "global_max_pool" : "global_avg_pool";
    }
  }

  enum Kind {
    MAX,
    AVERAGE
  }
}
