package io.trainyard.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A numeric type of NumPy, with the element type that it is read as.
 *
 * @param kind f, i, u or b, as NumPy names them
 * @param bytes of one element in the file
 * @param type a type that can hold all its values
 */
record NpyElements(char kind, int bytes, boolean bigEndian, ElementType type) {
  /** Maps the index of an element in row-major order to its index in the file. */
  interface Index {
    long at(long element);
  }

  static NpyElements of(char kind, int bytes, boolean bigEndian) {
    return new NpyElements(kind, bytes, bigEndian, type(kind, bytes));
  }

  private static ElementType type(char kind, int bytes) {
    return switch (kind + "" + bytes) {
      case "f2", "f4" -> ElementType.FLOAT32;
      case "f8" -> ElementType.FLOAT64;
      case "i1" -> ElementType.INT8;
      case "i2" -> ElementType.INT16;
      case "i4", "u2" -> ElementType.INT32;
      case "i8", "u4", "u8" -> ElementType.INT64;
      case "u1" -> ElementType.UINT8;
      case "b1" -> ElementType.BOOL;
      case "O0", "O8" ->
          throw new FormatException(
              "it holds Python objects, which are never unpickled; only numbers are read");
      default ->
          throw new FormatException(
              "its type is '" + kind + bytes + "'; known are f2, f4, f8, i1…i8, u1…u8 and b1");
    };
  }

  /**
   * Copies all elements.
   *
   * @param index null when the file is in row-major order
   */
  void copy(MemorySegment file, HostTensor tensor, @Nullable Index index) {
    boolean sameBytes = type.bytes() == bytes && kind != 'b' && !(kind == 'u' && bytes == 8);
    if (index == null && sameBytes && (!bigEndian || bytes == 1)) {
      MemorySegment.copy(file, 0, tensor.data(), 0, file.byteSize());
      return;
    }
    long elements = tensor.shape().elements();
    for (long i = 0; i < elements; i++) {
      copy(file, (index == null ? i : index.at(i)) * bytes, tensor, i);
    }
  }

  private void copy(MemorySegment file, long at, HostTensor tensor, long i) {
    ByteOrder order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    long bits =
        switch (bytes) {
          case 1 -> file.get(ValueLayout.JAVA_BYTE, at);
          case 2 -> file.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), at);
          case 4 -> file.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), at);
          default -> file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order), at);
        };
    MemorySegment out = tensor.data();
    switch (type) {
      case FLOAT32 ->
          tensor.setFloat(
              i,
              bytes == 2 ? Float.float16ToFloat((short) bits) : Float.intBitsToFloat((int) bits));
      case FLOAT64, INT64 ->
          out.set(ValueLayout.JAVA_LONG_UNALIGNED, i * 8, kind == 'u' ? unsigned(bits) : bits);
      case INT32 ->
          out.set(
              ValueLayout.JAVA_INT_UNALIGNED, i * 4, (int) (kind == 'u' ? bits & 0xffff : bits));
      case INT16 -> out.set(ValueLayout.JAVA_SHORT_UNALIGNED, i * 2, (short) bits);
      case INT8, UINT8 -> out.set(ValueLayout.JAVA_BYTE, i, (byte) bits);
      case BOOL -> out.set(ValueLayout.JAVA_BYTE, i, (byte) (bits == 0 ? 0 : 1));
    }
  }

  private long unsigned(long bits) {
    if (bytes == 4) {
      return bits & 0xffff_ffffL;
    }
    if (bits < 0) {
      throw new FormatException(
          Long.toUnsignedString(bits) + " does not fit a signed 64-bit integer");
    }
    return bits;
  }
}
