package io.trainyard.tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * A dense, row-major, little-endian tensor. Its shape includes the batch axis. It lies outside the
 * Java heap, where the arena of the segment decides how long it lives; only small tensors that no
 * native code reads may be {@link #onHeap}.
 */
public record HostTensor(ElementType type, Shape shape, MemorySegment data) {
  private static final int PIECE = 1 << 16;

  private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

  public HostTensor {
    long expected = shape.elements() * type.bytes();
    if (data.byteSize() != expected) {
      throw new IllegalArgumentException(
          "a "
              + type
              + " tensor of shape "
              + shape
              + " takes "
              + expected
              + " bytes, not "
              + data.byteSize());
    }
  }

  /** A zeroed tensor in the given arena, aligned for vector instructions. */
  public static HostTensor allocate(ElementType type, Shape shape, Arena arena) {
    long bytes = shape.elements() * type.bytes();
    return new HostTensor(type, shape, OffHeap.allocate(bytes, arena));
  }

  /** A zeroed tensor that the garbage collector frees; for short-lived values. */
  public static HostTensor allocate(ElementType type, Shape shape) {
    long bytes = shape.elements() * type.bytes();
    return new HostTensor(type, shape, OffHeap.allocateCollected(bytes));
  }

  /** A zeroed tensor on the Java heap, for values that no native code reads. */
  public static HostTensor onHeap(ElementType type, Shape shape) {
    int elements = Math.toIntExact(shape.elements());
    MemorySegment data =
        switch (type) {
          case FLOAT32 -> MemorySegment.ofArray(new float[elements]);
          case FLOAT64 -> MemorySegment.ofArray(new double[elements]);
          case INT16 -> MemorySegment.ofArray(new short[elements]);
          case INT32 -> MemorySegment.ofArray(new int[elements]);
          case INT64 -> MemorySegment.ofArray(new long[elements]);
          case INT8, UINT8, BOOL -> MemorySegment.ofArray(new byte[elements]);
        };
    return new HostTensor(type, shape, data);
  }

  public static HostTensor ofFloats(Shape shape, float... elements) {
    HostTensor tensor = allocate(ElementType.FLOAT32, shape);
    MemorySegment.copy(elements, 0, tensor.data, F32, 0, elements.length);
    return tensor;
  }

  public static HostTensor ofLongs(Shape shape, long... elements) {
    HostTensor tensor = allocate(ElementType.INT64, shape);
    MemorySegment.copy(elements, 0, tensor.data, I64, 0, elements.length);
    return tensor;
  }

  public static HostTensor ofDoubles(Shape shape, double... elements) {
    HostTensor tensor = allocate(ElementType.FLOAT64, shape);
    MemorySegment.copy(elements, 0, tensor.data, F64, 0, elements.length);
    return tensor;
  }

  /** A copy of some rows; the tensor itself when these are all, in their order. */
  public HostTensor rows(int[] places) {
    int all = shape.axis(0);
    if (places.length == all && IntStream.range(0, all).allMatch(i -> places[i] == i)) {
      return this;
    }
    HostTensor some = allocate(type, shape.row().batched(places.length));
    copyRows(places, some);
    return some;
  }

  /** Copies some rows into a tensor of as many rows. */
  public void copyRows(int[] places, HostTensor into) {
    long bytes = shape.row().elements() * type.bytes();
    for (int i = 0; i < places.length; i++) {
      MemorySegment.copy(data, places[i] * bytes, into.data, i * bytes, bytes);
    }
  }

  /** Rows {@code from} to {@code from + count} along the first axis, sharing the memory. */
  public HostTensor rows(int from, int count) {
    long rowBytes = shape.row().elements() * type.bytes();
    return new HostTensor(
        type, shape.row().batched(count), data.asSlice(from * rowBytes, count * rowBytes));
  }

  /** The same consecutive rows of each. */
  public static Map<String, HostTensor> rows(Map<String, HostTensor> tensors, int from, int count) {
    Map<String, HostTensor> rows = LinkedHashMap.newLinkedHashMap(tensors.size());
    tensors.forEach((name, tensor) -> rows.put(name, tensor.rows(from, count)));
    return rows;
  }

  /** The rows of all blocks, one block behind the other; each has tensors of the same names. */
  public static Map<String, HostTensor> joined(List<Map<String, HostTensor>> blocks) {
    Map<String, HostTensor> joined = new LinkedHashMap<>();
    blocks
        .getFirst()
        .forEach(
            (name, first) -> {
              int rows = 0;
              for (Map<String, HostTensor> block : blocks) {
                rows += Objects.requireNonNull(block.get(name)).shape.axis(0);
              }
              HostTensor all = allocate(first.type, first.shape.row().batched(rows));
              int from = 0;
              for (Map<String, HostTensor> block : blocks) {
                HostTensor part = Objects.requireNonNull(block.get(name));
                int count = part.shape.axis(0);
                all.rows(from, count).data.copyFrom(part.data);
                from += count;
              }
              joined.put(name, all);
            });
    return joined;
  }

  /** The tensors whose names begin with a prefix, by the rest of their names. */
  public static Map<String, HostTensor> below(String prefix, Map<String, HostTensor> tensors) {
    Map<String, HostTensor> below = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            below.put(name.substring(prefix.length()), tensor);
          }
        });
    return below;
  }

  public float floatAt(long index) {
    return data.get(F32, index * 4);
  }

  public void setFloat(long index, float element) {
    data.set(F32, index * 4, element);
  }

  public int intAt(long index) {
    return data.get(I32, index * 4);
  }

  public void setInt(long index, int element) {
    data.set(I32, index * 4, element);
  }

  public long longAt(long index) {
    return data.get(I64, index * 8);
  }

  public void setLong(long index, long element) {
    data.set(I64, index * 8, element);
  }

  public void setDouble(long index, double element) {
    data.set(F64, index * 8, element);
  }

  public void setByte(long index, byte element) {
    data.set(ValueLayout.JAVA_BYTE, index, element);
  }

  /** An element of any type as a double. */
  public double doubleAt(long index) {
    return switch (type) {
      case FLOAT32 -> data.get(F32, index * 4);
      case FLOAT64 -> data.get(F64, index * 8);
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case INT16 -> data.get(ValueLayout.JAVA_SHORT_UNALIGNED, index * 2);
      case INT32 -> data.get(I32, index * 4);
      case INT64 -> data.get(I64, index * 8);
      case UINT8, BOOL -> data.get(ValueLayout.JAVA_BYTE, index) & 0xff;
    };
  }

  public float[] toFloats() {
    if (type != ElementType.FLOAT32) {
      throw new IllegalStateException("a " + type + " tensor has no float elements");
    }
    return data.toArray(F32);
  }

  public long[] toLongs() {
    if (type != ElementType.INT64) {
      throw new IllegalStateException("a " + type + " tensor has no 64-bit integer elements");
    }
    return data.toArray(I64);
  }

  public double[] toDoubles() {
    if (type != ElementType.FLOAT64) {
      throw new IllegalStateException("a " + type + " tensor has no double elements");
    }
    return data.toArray(F64);
  }

  public long bytes() {
    return data.byteSize();
  }

  /** Writes the elements, little-endian and row-major, piece by piece. */
  public void writeTo(OutputStream out) throws IOException {
    byte[] piece = new byte[(int) Math.min(PIECE, bytes())];
    for (long at = 0; at < bytes(); at += piece.length) {
      int length = (int) Math.min(piece.length, bytes() - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, piece, 0, length);
      out.write(piece, 0, length);
    }
  }
}
