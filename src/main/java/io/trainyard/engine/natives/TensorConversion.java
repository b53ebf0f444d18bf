package io.trainyard.engine.natives;

import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Converts between host tensors and native tensors. */
public final class TensorConversion {
  private TensorConversion() {}

  /** A pointer to memory that it doesn't own. */
  private static final class Borrowed extends Pointer {
    Borrowed(MemorySegment segment) {
      if (!segment.isNative()) {
        throw new IllegalArgumentException("a tensor's memory must be off-heap");
      }
      this.address = segment.address();
      this.limit = segment.byteSize();
      this.capacity = segment.byteSize();
    }
  }

  /**
   * The same memory as a native tensor. The caller keeps the host tensor reachable while the view
   * is used.
   */
  public static Tensor view(HostTensor tensor) {
    return torch.from_blob(
        new Borrowed(tensor.data()), tensor.shape().toLongs(), options(scalarType(tensor.type())));
  }

  /** A copy on the device; on the CPU too. */
  public static Tensor copy(HostTensor tensor, Device device) {
    Tensor view = view(tensor);
    return device == Device.CPU ? view.clone() : on(device, view);
  }

  /** The view itself on the CPU, a copy elsewhere. */
  public static Tensor resident(HostTensor tensor, Device device) {
    Tensor view = view(tensor);
    return on(device, view);
  }

  /** The tensor itself on the CPU, a copy elsewhere. */
  public static Tensor on(Device device, Tensor tensor) {
    return switch (device) {
      case CPU -> tensor;
      case CUDA -> tensor.to(libtorch(device), tensor.scalar_type());
    };
  }

  /** libtorch's name of the device. */
  static org.bytedeco.pytorch.Device libtorch(Device device) {
    return new org.bytedeco.pytorch.Device(device.code());
  }

  /** A float32 tensor with any values, on the device of another one. */
  public static Tensor emptyLike(Tensor other, long... shape) {
    return other.is_cuda() ? other.new_empty(shape, options(ScalarType.Float)) : torch.empty(shape);
  }

  /** As {@link #emptyLike(Tensor, long...)}, of whole numbers of 64 bits. */
  public static Tensor emptyWholesLike(Tensor other, long count) {
    return other.new_empty(new long[] {count}, options(ScalarType.Long));
  }

  /** A copy in host memory, freed by the garbage collector. */
  public static HostTensor toHost(Tensor tensor) {
    Tensor dense = (tensor.is_cuda() ? tensor.cpu() : tensor).contiguous();
    Shape shape = shape(dense);
    ElementType type = elementType(dense.scalar_type());
    HostTensor host = HostTensor.allocate(type, shape);
    MemorySegment.copy(memory(dense, host.bytes()), 0, host.data(), 0, host.bytes());
    return host;
  }

  /**
   * A tensor's memory as a host tensor, valid while the tensor lives. The tensor must be on the CPU
   * and contiguous.
   */
  public static HostTensor borrow(Tensor tensor) {
    Shape shape = shape(tensor);
    ElementType type = elementType(tensor.scalar_type());
    return new HostTensor(type, shape, memory(tensor, shape.elements() * type.bytes()));
  }

  private static MemorySegment memory(Tensor tensor, long bytes) {
    return bytes == 0
        ? MemorySegment.NULL
        : MemorySegment.ofAddress(tensor.data_ptr().address()).reinterpret(bytes);
  }

  /** The only element of a contiguous CPU tensor, without the cost of a Scalar. */
  public static float element(Tensor tensor) {
    return MemorySegment.ofAddress(tensor.data_ptr().address())
        .reinterpret(Float.BYTES)
        .get(ValueLayout.JAVA_FLOAT, 0);
  }

  /** The only element of a contiguous CPU tensor of 32 or 64 bits, as {@link #element}. */
  public static double number(Tensor tensor) {
    return tensor.element_size() == Float.BYTES ? element(tensor) : tensor.item_double();
  }

  /** A host tensor of numbers in another type; integers stay as they are. */
  public static HostTensor as(ElementType type, HostTensor tensor) {
    boolean differs =
        tensor.type() != type
            && (tensor.type() == ElementType.FLOAT32 || tensor.type() == ElementType.FLOAT64);
    return differs ? toHost(view(tensor).to(scalarType(type))) : tensor;
  }

  /** As {@link #as(ElementType, HostTensor)}, each by its name. */
  public static Map<String, HostTensor> as(ElementType type, Map<String, HostTensor> tensors) {
    Map<String, HostTensor> converted = new LinkedHashMap<>();
    try (PointerScope scope = new PointerScope()) {
      tensors.forEach((name, tensor) -> converted.put(name, as(type, tensor)));
    }
    return converted;
  }

  /** A tensor of numbers in another type; integers stay as they are. */
  public static Tensor as(ScalarType type, Tensor tensor) {
    return tensor.is_floating_point() && tensor.scalar_type().intern() != type
        ? tensor.to(type)
        : tensor;
  }

  static Shape shape(Tensor tensor) {
    int rank = (int) tensor.dim();
    List<Integer> dims = new ArrayList<>(rank);
    for (int axis = 0; axis < rank; axis++) {
      dims.add(Math.toIntExact(tensor.size(axis)));
    }
    return new Shape(dims);
  }

  public static TensorOptions options(ScalarType type) {
    return new TensorOptions(type);
  }

  public static ScalarType scalarType(ElementType type) {
    return switch (type) {
      case FLOAT32 -> ScalarType.Float;
      case FLOAT64 -> ScalarType.Double;
      case INT8 -> ScalarType.Char;
      case INT16 -> ScalarType.Short;
      case INT32 -> ScalarType.Int;
      case INT64 -> ScalarType.Long;
      case UINT8 -> ScalarType.Byte;
      case BOOL -> ScalarType.Bool;
    };
  }

  private static ElementType elementType(ScalarType type) {
    return switch (type.intern()) {
      case Float -> ElementType.FLOAT32;
      case Double -> ElementType.FLOAT64;
      case Char -> ElementType.INT8;
      case Short -> ElementType.INT16;
      case Int -> ElementType.INT32;
      case Long -> ElementType.INT64;
      case Byte -> ElementType.UINT8;
      case Bool -> ElementType.BOOL;
      default -> throw new IllegalArgumentException("host tensors have no type " + type);
    };
  }
}
