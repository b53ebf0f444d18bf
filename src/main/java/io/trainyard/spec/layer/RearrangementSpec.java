package io.trainyard.spec.layer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers that move, repeat or leave out elements and compute nothing. */
public sealed interface RearrangementSpec extends LayerSpec {
  /**
   * The same elements, row-major, under another shape.
   *
   * @param shape one length may be −1: what is left
   */
  record Reshape(List<Integer> shape) implements RearrangementSpec {
    public Reshape {
      shape = List.copyOf(shape);
    }

    @Override
    public String type() {
      return "reshape";
    }
  }

  /** Axes in another order: the output's axis i is the input's axis axes[i]. */
  record Permute(List<Integer> axes) implements RearrangementSpec {
    public Permute {
      axes = List.copyOf(axes);
    }

    @Override
    public String type() {
      return "permute";
    }
  }

  /** The row n times along a new first axis. */
  record Repeat(int n) implements RearrangementSpec {
    @Override
    public String type() {
      return "repeat";
    }
  }

  /**
   * Leaves elements out at both ends of each axis but the channels'; one pair may stand for all.
   */
  record Crop(Padding.Explicit cropping, DataFormat dataFormat) implements RearrangementSpec {
    @Override
    public String type() {
      return "crop";
    }
  }

  /** Zeros at both ends of each axis but the channels'; one pair may stand for all. */
  record ZeroPad(Padding.Explicit padding, DataFormat dataFormat) implements RearrangementSpec {
    @Override
    public String type() {
      return "zero_pad";
    }
  }

  /** Each element size times along each axis but the channels'; one size may stand for all. */
  record Upsample(List<Integer> size, DataFormat dataFormat) implements RearrangementSpec {
    public Upsample {
      size = List.copyOf(size);
    }

    @Override
    public String type() {
      return "upsample";
    }
  }

  /**
   * Elements start to end, end left out, along one axis; negative places count from the end.
   *
   * @param end null: up to the last
   */
  record Slice(int axis, int start, @Nullable Integer end) implements RearrangementSpec {
    @Override
    public String type() {
      return "slice";
    }
  }

  /** The last of the first axis. */
  record LastStep() implements RearrangementSpec {
    @Override
    public String type() {
      return "last_step";
    }
  }

  /** The number for an axis of a list that may have one for all. */
  static int perAxis(List<Integer> numbers, int axis) {
    return numbers.get(numbers.size() == 1 ? 0 : axis);
  }
}
