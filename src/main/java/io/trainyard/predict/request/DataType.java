package io.trainyard.predict.request;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The element types of the Open Inference Protocol. */
public enum DataType {
  BOOL(ElementType.BOOL, 1),
  UINT8(ElementType.UINT8, 1),
  UINT16(ElementType.INT64, 2),
  UINT32(ElementType.INT64, 4),
  UINT64(ElementType.INT64, 8),
  INT8(ElementType.INT8, 1),
  INT16(ElementType.INT16, 2),
  INT32(ElementType.INT32, 4),
  INT64(ElementType.INT64, 8),
  FP16(ElementType.FLOAT32, 2),
  FP32(ElementType.FLOAT32, 4),
  FP64(ElementType.FLOAT64, 8),
  BYTES(null, 0);

  private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED;

  private final @Nullable ElementType element;
  private final int bytes;

  /**
   * @param element the type that holds it here; null for texts
   * @param bytes of one element in a binary tensor; 0 when each has its own length
   */
  DataType(@Nullable ElementType element, int bytes) {
    this.element = element;
    this.bytes = bytes;
  }

  public static Optional<DataType> of(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  /** The type that stands for an element type; null for texts. */
  public static DataType of(@Nullable ElementType element) {
    return switch (element) {
      case FLOAT32 -> FP32;
      case FLOAT64 -> FP64;
      case INT8 -> INT8;
      case INT16 -> INT16;
      case INT32 -> INT32;
      case INT64 -> INT64;
      case UINT8 -> UINT8;
      case BOOL -> BOOL;
      case null -> BYTES;
    };
  }

  /** The type of an output. */
  public static DataType of(NamedTensor output) {
    return of(output instanceof NamedTensor.Numbers numbers ? numbers.tensor().type() : null);
  }

  public int bytes() {
    return bytes;
  }

  /** The type that numbers of a JSON body are kept in: wide enough for each of this type. */
  public ElementType inJson() {
    return switch (this) {
      case FP16, FP32 -> ElementType.FLOAT32;
      case FP64 -> ElementType.FLOAT64;
      case BOOL -> ElementType.BOOL;
      case BYTES -> throw new IllegalStateException("texts are not numbers");
      case UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> ElementType.INT64;
    };
  }

  /** Each whole number up to this one is exact in this type; for the float types only. */
  long exact() {
    return switch (this) {
      case FP16 -> 1L << 11;
      case FP32 -> 1L << 24;
      case FP64 -> 1L << 53;
      default -> throw new IllegalStateException(this + " is no float");
    };
  }

  /** A number of a JSON body in this type of floats; infinite when it is beyond its range. */
  public float narrowed(double number) {
    return this == FP16
        ? Float.float16ToFloat(Float.floatToFloat16((float) number))
        : (float) number;
  }

  /** Whether a number is beyond the exact integers of this type of floats, and narrowed is not. */
  public boolean hidesRounding(double number) {
    return Math.abs(number) > exact() && Math.abs(narrowed(number)) <= exact();
  }

  /** The least whole number of this type; for the whole types only. */
  public long smallest() {
    return switch (this) {
      case UINT8, UINT16, UINT32, UINT64 -> 0;
      case INT64 -> Long.MIN_VALUE;
      default -> -(1L << (8 * bytes - 1));
    };
  }

  /** The largest whole number of this type that is taken; for the whole types only. */
  public long largest() {
    return switch (this) {
      case UINT8, UINT16, UINT32 -> (1L << (8 * bytes)) - 1;
      // Larger ones have no place in a tensor of 64-bit integers.
      case UINT64, INT64 -> Long.MAX_VALUE;
      default -> (1L << (8 * bytes - 1)) - 1;
    };
  }

  /**
   * A binary tensor: little-endian, row-major. The bytes are shared where the type is one of ours.
   *
   * @param data exactly as long as the shape says
   */
  HostTensor read(Shape shape, MemorySegment data) {
    ElementType kept = element;
    if (kept == null) {
      throw new IllegalStateException("texts are not numbers");
    }
    if (kept.bytes() == bytes && this != UINT64) {
      return new HostTensor(kept, shape, data);
    }
    HostTensor wide = HostTensor.allocate(kept, shape);
    long elements = shape.elements();
    for (long i = 0; i < elements; i++) {
      switch (this) {
        case UINT16 -> wide.setLong(i, data.get(I16, 2 * i) & 0xffff);
        case UINT32 -> wide.setLong(i, data.get(I32, 4 * i) & 0xffffffffL);
        case UINT64 -> wide.setLong(i, data.get(I64, 8 * i));
        case FP16 -> wide.setFloat(i, Float.float16ToFloat(data.get(I16, 2 * i)));
        default -> throw new IllegalStateException(this + " needs no conversion");
      }
    }
    return wide;
  }
}
