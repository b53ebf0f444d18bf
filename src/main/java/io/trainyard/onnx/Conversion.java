package io.trainyard.onnx;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.ValueLayout;

/** Tensors of the types that files have. */
final class Conversion {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private Conversion() {}

  /**
   * The tensor, or a copy of another type.
   *
   * @param name for faults
   * @throws ServiceException INVALID_BODY when a number is not one of the type
   */
  static HostTensor to(ElementType type, HostTensor tensor, String name) {
    if (tensor.type() == type) {
      return tensor;
    }
    HostTensor copy = HostTensor.allocate(type, tensor.shape());
    long count = tensor.shape().elements();
    for (long i = 0; i < count; i++) {
      switch (type) {
        case FLOAT32 -> copy.setFloat(i, (float) number(tensor, i));
        case FLOAT64 -> copy.setDouble(i, number(tensor, i));
        case INT64 -> copy.setLong(i, whole(tensor, i, Long.MIN_VALUE, Long.MAX_VALUE, name));
        case INT32 ->
            copy.setInt(i, (int) whole(tensor, i, Integer.MIN_VALUE, Integer.MAX_VALUE, name));
        case INT16 ->
            copy.data()
                .setAtIndex(
                    SHORT, i, (short) whole(tensor, i, Short.MIN_VALUE, Short.MAX_VALUE, name));
        case INT8 -> copy.setByte(i, (byte) whole(tensor, i, Byte.MIN_VALUE, Byte.MAX_VALUE, name));
        case UINT8 -> copy.setByte(i, (byte) whole(tensor, i, 0, 255, name));
        case BOOL -> copy.setByte(i, (byte) whole(tensor, i, 0, 1, name));
      }
    }
    return copy;
  }

  private static double number(HostTensor tensor, long i) {
    return switch (tensor.type()) {
      case INT16 -> tensor.data().getAtIndex(SHORT, i);
      case INT8 -> tensor.data().get(ValueLayout.JAVA_BYTE, i);
      case UINT8, BOOL -> tensor.data().get(ValueLayout.JAVA_BYTE, i) & 0xFF;
      case INT32 -> tensor.intAt(i);
      case INT64 -> tensor.longAt(i);
      case FLOAT32, FLOAT64 -> tensor.doubleAt(i);
    };
  }

  private static long whole(HostTensor tensor, long i, long least, long most, String name) {
    double number = number(tensor, i);
    long whole = tensor.type() == ElementType.INT64 ? tensor.longAt(i) : (long) number;
    if (whole < least || whole > most || whole != number) {
      throw new ServiceException(
          ErrorCode.INVALID_BODY,
          "The input '%s' takes whole numbers from %d to %d, got %s"
              .formatted(name, least, most, tensor.type() == ElementType.INT64 ? whole : number));
    }
    return whole;
  }
}
