package io.trainyard.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A tensor in an NPY file that is read row by row, so that a large file needs little memory. */
public final class NpyRows {
  private final MemorySegment file;
  private final NpyElements elements;
  private final Shape shape;
  private final NpyElements.@Nullable Index index;

  /**
   * A tensor whose header has been read.
   *
   * @param file the elements, without the header
   * @param index null when they are in row-major order
   */
  NpyRows(
      MemorySegment file, NpyElements elements, Shape shape, NpyElements.@Nullable Index index) {
    this.file = file;
    this.elements = elements;
    this.shape = shape;
    this.index = index;
  }

  public Shape shape() {
    return shape;
  }

  public ElementType type() {
    return elements.type();
  }

  HostTensor all() {
    HostTensor tensor = HostTensor.allocate(type(), shape);
    elements.copy(file, tensor, index);
    return tensor;
  }

  /**
   * Reads rows {@code from} to {@code from + count} along the first axis.
   *
   * @throws FormatException when a number does not fit the element type
   */
  public HostTensor read(int from, int count, Arena arena) {
    HostTensor tensor = HostTensor.allocate(type(), shape.row().batched(count), arena);
    long first = from * shape.row().elements();
    if (index == null) {
      long bytes = count * shape.row().elements() * elements.bytes();
      elements.copy(file.asSlice(first * elements.bytes(), bytes), tensor, null);
    } else {
      elements.copy(file, tensor, element -> index.at(first + element));
    }
    return tensor;
  }
}
