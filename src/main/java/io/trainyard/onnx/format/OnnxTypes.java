package io.trainyard.onnx.format;

import io.trainyard.tensor.ElementType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The numbers of element types. Source: TensorProto.DataType. */
public final class OnnxTypes {
  public static final int FLOAT = 1;
  public static final int INT32 = 6;
  public static final int INT64 = 7;

  private OnnxTypes() {}

  /** The number of an input's or a weight's type. */
  public static int of(ElementType type) {
    return switch (type) {
      case FLOAT32 -> FLOAT;
      case UINT8 -> 2;
      case INT8 -> 3;
      case INT16 -> 5;
      case INT32 -> INT32;
      case INT64 -> INT64;
      case BOOL -> 9;
      case FLOAT64 -> 11;
    };
  }

  /** The type of a number; null for types that are not served. */
  public static @Nullable ElementType elementType(int number) {
    return Arrays.stream(ElementType.values())
        .filter(type -> of(type) == number)
        .findFirst()
        .orElse(null);
  }

  /** What a value of a type that is not served is, in words. */
  public static String described(int number) {
    return switch (number) {
      case 0 -> "no tensor";
      case 4 -> "a tensor of uint16";
      case 8 -> "a tensor of texts";
      case 10 -> "a tensor of float16";
      case 12 -> "a tensor of uint32";
      case 13 -> "a tensor of uint64";
      case 16 -> "a tensor of bfloat16";
      default -> "a tensor of a type that is not served";
    };
  }

  /** Whether a type of elements is one of whole numbers of at least 8 bits. */
  static boolean isWhole(int number) {
    return (number >= 2 && number <= INT64) || number == 12 || number == 13;
  }
}
