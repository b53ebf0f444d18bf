package io.trainyard.onnx.format;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a value for any number of rows N. Along the axis of the rows, of length p·N·m,
 * lie p blocks; in each, the m elements of row 0 come first, then those of row 1. A row's elements
 * follow from that row alone. A value without that axis is the same for all rows.
 */
final class RowFlow {
  /** Nothing is known: it may follow from several rows, or from their number. */
  static final RowFlow MIXED = new RowFlow(null, -2, 1, null);

  /** The same for all rows, of open shape. */
  static final RowFlow FIXED = new RowFlow(null, -1, 1, null);

  /** Lengths by axis, p·m for that of the rows; null when even their number is open. */
  private final long @Nullable [] dims;

  /** That of the rows; −1 without it, −2 when nothing is known. */
  private final int axis;

  /** The p of the axis of the rows. */
  private final long blocks;

  /** The elements of a short list of whole numbers, where they are known. */
  private final @Nullable List<Count> counts;

  private RowFlow(long @Nullable [] dims, int axis, long blocks, @Nullable List<Count> counts) {
    if (dims != null && dims.length > OnnxFile.MOST_AXES) {
      throw new IllegalArgumentException("too many axes");
    }
    this.dims = dims;
    this.axis = axis;
    this.blocks = blocks;
    this.counts = counts;
  }

  /** A whole number: {@code factor}, or N times as much. */
  record Count(long factor, boolean perRow) {
    static Count of(long value) {
      return new Count(value, false);
    }
  }

  static RowFlow fixed(long... dims) {
    return new RowFlow(dims, -1, 1, null);
  }

  /** Rows in order, in one block. */
  static RowFlow rows(long... dims) {
    return new RowFlow(dims, 0, 1, null);
  }

  /** A list of whole numbers. */
  static RowFlow list(List<Count> counts) {
    return new RowFlow(new long[] {counts.size()}, -1, 1, List.copyOf(counts));
  }

  /** One whole number. */
  static RowFlow scalar(Count count) {
    return new RowFlow(new long[0], -1, 1, List.of(count));
  }

  /** A constant of a file. */
  static RowFlow of(Constant constant) {
    long[] dims = constant.dims().stream().mapToLong(each -> each).toArray();
    boolean isList =
        CountRules.isCounted(constant.type())
            && dims.length <= 1
            && constant.elements() <= CountRules.MOST;
    long[] numbers = isList ? constant.integers() : new long[0];
    boolean fits = constant.type() == OnnxTypes.INT64 || CountRules.areNarrow(numbers);
    return isList && fits && numbers.length == constant.elements()
        ? new RowFlow(dims, -1, 1, Arrays.stream(numbers).mapToObj(Count::of).toList())
        : fixed(dims);
  }

  int axis() {
    return axis;
  }

  @Nullable List<Count> counts() {
    return counts;
  }

  /** Its numbers, where all are known and none follows from N. */
  long @Nullable [] numbers() {
    return counts == null || countsRows()
        ? null
        : counts.stream().mapToLong(Count::factor).toArray();
  }

  /** Whether its lengths are known. */
  boolean hasShape() {
    return dims != null;
  }

  boolean isMixed() {
    return axis == -2;
  }

  boolean hasRows() {
    return axis >= 0;
  }

  /** Whether its numbers follow from N. */
  boolean countsRows() {
    return counts != null && counts.stream().anyMatch(Count::perRow);
  }

  boolean isFixed() {
    return axis == -1 && !countsRows();
  }

  /** Its lengths, where they are known; else none. */
  long[] shape() {
    return dims == null ? new long[0] : dims;
  }

  int rank() {
    return shape().length;
  }

  /** Whether it is one number for all rows. */
  boolean isFixedScalar() {
    return isFixed() && dims != null && product(dims, 0, dims.length) == 1 && dims.length <= 1;
  }

  /** With other lengths and the same axis. */
  RowFlow with(long... other) {
    return at(axis, other);
  }

  /** With other lengths, and the axis of the rows at another place. */
  RowFlow at(int place, long... other) {
    return new RowFlow(other, place, blocks, null);
  }

  /** Whether rows lie along both as along the same axis. */
  boolean hasRowsLike(RowFlow other) {
    return axis == other.axis
        && hasRows()
        && rank() == other.rank()
        && shape()[axis] == other.shape()[axis]
        && blocks == other.blocks;
  }

  /** Whether the axes of the rows have the same blocks. */
  boolean isSplitLike(RowFlow other) {
    return blocks == other.blocks;
  }

  /** Whether the first axis is that of the rows, with one place for each. */
  boolean isAnswer() {
    return axis == 0 && blocks == 1 && shape()[0] == 1;
  }

  /** The same values without what is known of their numbers. */
  RowFlow plain() {
    return countsRows() ? MIXED : new RowFlow(dims, axis, blocks, null);
  }

  /** An axis that is counted from the end when it is negative; −1 when there is none such. */
  int place(long given) {
    long place = given < 0 ? given + rank() : given;
    return place >= 0 && place < rank() ? (int) place : -1;
  }

  static long product(long[] dims, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product = Math.multiplyExact(product, dims[i]);
    }
    return product;
  }

  /** All of them, brought to one shape as NumPy does. */
  static RowFlow broadcast(List<RowFlow> values) {
    int rank = values.stream().mapToInt(RowFlow::rank).max().orElse(0);
    long[] dims = new long[rank];
    Arrays.fill(dims, 1);
    int axis = -1;
    for (RowFlow value : values) {
      if (value.isMixed() || value.countsRows() || value.dims == null) {
        return MIXED;
      }
      if (value.hasRows()) {
        int own = value.axis + rank - value.rank();
        if (axis >= 0 && axis != own) {
          return MIXED;
        }
        axis = own;
      }
    }
    long perRow = 0;
    long blocks = 1;
    for (RowFlow value : values) {
      int shift = rank - value.rank();
      for (int i = 0; i < value.rank(); i++) {
        long dim = value.shape()[i];
        int at = i + shift;
        if (at == axis && value.hasRows()) {
          if (perRow != 0 && (perRow != dim || blocks != value.blocks)) {
            return MIXED;
          }
          perRow = dim;
          blocks = value.blocks;
        } else if (at == axis) {
          if (dim != 1) {
            return MIXED; // it fits some numbers of rows only
          }
        } else if (dims[at] == 1) {
          dims[at] = dim;
        } else if (dim != 1 && dim != dims[at]) {
          return MIXED;
        }
      }
    }
    if (axis >= 0) {
      dims[axis] = perRow;
    }
    return new RowFlow(dims, axis, blocks, null);
  }

  /** The same elements in order, on axes that {@code target} says: −1 is what is left. */
  RowFlow reshape(List<Count> target, boolean zeroCopies) {
    if (isMixed() || dims == null) {
      return isFixed() && target.stream().noneMatch(Count::perRow) ? FIXED : MIXED;
    }
    long[] to = new long[target.size()];
    int rowsAt = -1;
    int open = -1;
    long known = 1;
    for (int i = 0; i < to.length; i++) {
      Count count = target.get(i);
      boolean perRow = count.perRow();
      to[i] = count.factor();
      if (!perRow && to[i] == 0 && zeroCopies) {
        if (i >= dims.length) {
          return MIXED;
        }
        to[i] = dims[i];
        perRow = i == axis;
      }
      if (perRow) {
        if (rowsAt >= 0) {
          return MIXED;
        }
        rowsAt = i;
      }
      if (!perRow && to[i] == -1 && open < 0) {
        open = i;
      } else if (to[i] <= 0) {
        return MIXED;
      } else {
        known = Math.multiplyExact(known, to[i]);
      }
    }
    long all = product(dims, 0, dims.length);
    if (open >= 0) {
      if (all % known != 0) {
        return MIXED;
      }
      to[open] = all / known;
    } else if (all != known) {
      return MIXED;
    }
    if (!hasRows()) {
      return rowsAt >= 0 ? MIXED : fixed(to);
    }
    int at = rowsAt >= 0 ? rowsAt : open;
    if (at < 0) {
      return MIXED;
    }
    // What lies before the rows stays before them: as other axes, or as blocks of theirs.
    long before = Math.multiplyExact(product(dims, 0, axis), blocks);
    long others = product(to, 0, at);
    long own = before / others;
    boolean divides = before % others == 0 && to[at] % own == 0;
    return divides ? new RowFlow(to, at, own, null) : MIXED;
  }

  RowFlow transpose(long[] permutation) {
    if (dims == null || (permutation.length > 0 && permutation.length != rank())) {
      return MIXED;
    }
    long[] to = new long[rank()];
    int at = -1;
    for (int i = 0; i < to.length; i++) {
      int from = permutation.length == 0 ? to.length - 1 - i : place(permutation[i]);
      if (from < 0) {
        return MIXED;
      }
      to[i] = dims[from];
      at = from == axis ? i : at;
    }
    return new RowFlow(to, at, blocks, null);
  }

  /** Without an axis that is not that of the rows. */
  RowFlow without(int gone) {
    if (gone < 0 || gone == axis) {
      return MIXED;
    }
    long[] to = new long[rank() - 1];
    System.arraycopy(shape(), 0, to, 0, gone);
    System.arraycopy(shape(), gone + 1, to, gone, to.length - gone);
    return new RowFlow(to, axis > gone ? axis - 1 : axis, blocks, null);
  }

  /** With one more axis. */
  RowFlow inserted(int at, long dim) {
    if (at < 0 || at > rank() || dims == null) {
      return MIXED;
    }
    long[] to = new long[rank() + 1];
    System.arraycopy(dims, 0, to, 0, at);
    to[at] = dim;
    System.arraycopy(dims, at, to, at + 1, dims.length - at);
    return new RowFlow(to, axis >= at ? axis + 1 : axis, blocks, null);
  }

  /** With another length of an axis that is not that of the rows. */
  RowFlow resized(int at, long dim) {
    if (at < 0 || at == axis || dims == null) {
      return MIXED;
    }
    long[] to = dims.clone();
    to[at] = dim;
    return with(to);
  }

  /** Its values at the axes of {@code target}, as NumPy repeats them. */
  RowFlow expand(List<Count> target) {
    if (dims == null) {
      return MIXED;
    }
    int rank = Math.max(rank(), target.size());
    long[] to = new long[rank];
    int at = hasRows() ? axis + rank - rank() : -1;
    int own = at;
    for (int i = 0; i < rank; i++) {
      int from = i - (rank - rank());
      int wanted = i - (rank - target.size());
      long dim = from < 0 ? 1 : dims[from];
      Count count = wanted < 0 ? Count.of(1) : target.get(wanted);
      if (count.factor() < 1) {
        return MIXED;
      }
      if (i == own) {
        if (count.perRow() ? count.factor() != dim : count.factor() != 1) {
          return MIXED;
        }
        to[i] = dim;
      } else if (count.perRow()) {
        if (at >= 0 || dim != 1) {
          return MIXED;
        }
        at = i;
        to[i] = count.factor();
      } else if (dim == 1 || count.factor() == 1 || dim == count.factor()) {
        to[i] = Math.max(dim, count.factor());
      } else {
        return MIXED;
      }
    }
    return new RowFlow(to, at, blocks, null);
  }
}
