package io.trainyard.onnx.format;

import io.trainyard.tensor.FormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A constant of a file. Its values are decoded when they are asked for. Source: TensorProto.
 *
 * @param type the number of its element type
 * @param elements how many it claims, and has bytes for
 * @param elsewhere whether its values lie in another file
 */
record Constant(
    String name, int type, List<Long> dims, long elements, boolean elsewhere, ByteBuffer bytes) {
  private static final int INT8 = 3;
  private static final int INT32 = OnnxTypes.INT32;
  private static final int INT64 = OnnxTypes.INT64;
  private static final int UINT32 = 12;
  private static final int UINT64 = 13;

  Constant {
    dims = List.copyOf(dims);
  }

  /**
   * Reads what it is.
   *
   * @throws FormatException when it claims more elements than it has bytes
   */
  static Constant read(ByteBuffer bytes) {
    ProtoReader tensor = new ProtoReader(bytes);
    String name = "";
    int type = 0;
    boolean elsewhere = false;
    List<Long> dims = new ArrayList<>();
    long elements = 1;
    for (int field = tensor.next(); field != 0; field = tensor.next()) {
      switch (field) {
        case 1 -> {
          if (tensor.integersCount() + dims.size() > OnnxFile.MOST_AXES) {
            dims = Collections.nCopies(OnnxFile.MOST_AXES + 1, 1L); // a fault of the file
            break;
          }
          for (long dim : tensor.integers()) {
            elements = dim < 0 ? -1 : saturated(elements, dim);
            dims.add(dim);
          }
        }
        case 2 -> type = (int) tensor.integer();
        case 8 -> name = tensor.text();
        case 13 -> elsewhere = true;
        case 14 -> elsewhere |= tensor.integer() != 0;
        default -> {}
      }
    }
    // Elements of four bits are the smallest.
    if (elements < 0 || elements > 2 * tensor.size()) {
      throw new FormatException("a constant claims more elements than it has bytes");
    }
    return new Constant(name, type, dims, elements, elsewhere, bytes);
  }

  private static long saturated(long a, long b) {
    return a < 0 || (b != 0 && a > Long.MAX_VALUE / b) ? -1 : a * b;
  }

  /** Whether its elements are whole numbers. */
  boolean isWhole() {
    return OnnxTypes.isWhole(type);
  }

  /** Its values, if they are whole numbers; otherwise none. */
  long[] integers() {
    Node.Numbers numbers = new Node.Numbers();
    if (!isWhole()) {
      return numbers.toArray();
    }
    ProtoReader tensor = new ProtoReader(bytes);
    for (int field = tensor.next(); field != 0; field = tensor.next()) {
      switch (field) {
        case 5, 7, 11 -> tensor.eachInteger(numbers::add); // int32_data, int64_data, uint64_data
        case 9 -> raw(tensor.bytes(), numbers);
        default -> {}
      }
    }
    return numbers.toArray();
  }

  private void raw(ByteBuffer raw, Node.Numbers numbers) {
    int size =
        switch (type) {
          case INT64, UINT64 -> Long.BYTES;
          case INT32, UINT32 -> Integer.BYTES;
          case 4, 5 -> Short.BYTES;
          default -> 1;
        };
    for (int at = 0; at + size <= raw.limit(); at += size) {
      numbers.add(
          switch (type) {
            case INT64, UINT64 -> raw.getLong(at);
            case INT32 -> raw.getInt(at);
            case UINT32 -> Integer.toUnsignedLong(raw.getInt(at));
            case 4 -> Short.toUnsignedLong(raw.getShort(at));
            case 5 -> raw.getShort(at);
            case INT8 -> raw.get(at);
            default -> Byte.toUnsignedLong(raw.get(at));
          });
    }
  }
}
