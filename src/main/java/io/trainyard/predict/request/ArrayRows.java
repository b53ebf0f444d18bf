package io.trainyard.predict.request;

import io.trainyard.dataset.encoding.PlainNumbers;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.LoadedModel;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One array of numbers as the only input of a model: columns in order and unscaled; tensors,
 * windows and indices as they are. NaN is a missing value of a column.
 */
final class ArrayRows {
  /** Numbers are encoded in blocks of at most this many, unless one row has more. */
  private static final int BLOCK = 1 << 18;

  private static final int FINITE_BLOCK = 1 << 12;

  private static final ValueLayout.OfInt BITS = ValueLayout.JAVA_INT_UNALIGNED;
  private static final int MAGNITUDE = Integer.MAX_VALUE;
  private static final int INFINITY = Float.floatToIntBits(Float.POSITIVE_INFINITY);

  private ArrayRows() {}

  /**
   * The input tensors for an array of [rows, ...].
   *
   * @param type the type that was sent
   * @param rounded elements that do not show that they were rounded to it
   */
  static Map<String, HostTensor> encode(
      LoadedModel model,
      HostTensor array,
      DataType type,
      BitSet rounded,
      ByteBudget.Reservation memory) {
    if (model.definition().encoding() != null) {
      return encoded(model, array, type, rounded, memory);
    }
    var input = model.signature().inputs().entrySet().iterator().next();
    memory.add(rowsOf(array), model.rowCost().inputBytes(), "input");
    return Map.of(input.getKey(), checked(array, input.getValue(), memory));
  }

  private static int rowsOf(HostTensor array) {
    return array.shape().rank() == 0 ? 0 : array.shape().axis(0);
  }

  /** An array in the type of an input whose rows have its shape. */
  static HostTensor checked(
      HostTensor array, Signature.Tensor input, ByteBudget.Reservation memory) {
    HostTensor rows = ofRows(array, input.shape());
    check(rows, input.shape());
    return converted(rows, input.type(), memory);
  }

  /** Bare numbers are rows of the shape [1]. */
  private static HostTensor ofRows(HostTensor array, Shape row) {
    return array.shape().rank() == 1 && row.equals(Shape.of(1))
        ? new HostTensor(array.type(), row.batched(array.shape().axis(0)), array.data())
        : array;
  }

  private static Map<String, HostTensor> encoded(
      LoadedModel model,
      HostTensor given,
      DataType type,
      BitSet rounded,
      ByteBudget.Reservation memory) {
    ArrayInput input = ArrayInput.of(Objects.requireNonNull(model.definition().encoding()));
    if (input == null) {
      throw ServiceException.invalid(
          "",
          "An NPY body is possible for columns of numbers, indices, or one column of tensors; this"
              + " model reads others, so use JSON");
    }
    HostTensor array = ofRows(given, input.instance());
    if (array.shape().rank() == 0 || !input.takes(array.shape().row())) {
      check(array, input.instance());
    }
    requireRows(array, input.instance());
    String fault = input.fault(array, type, rounded);
    if (fault != null) {
      throw ServiceException.invalid("", fault);
    }
    Map<String, HostTensor> plain =
        model.plainNumbers() == null ? null : rows(model, model.plainNumbers(), array, memory);
    return plain == null ? byColumn(input, model, array, memory) : plain;
  }

  /** Tensors, windows, indices, and columns with missing values. */
  private static Map<String, HostTensor> byColumn(
      ArrayInput input, LoadedModel model, HostTensor array, ByteBudget.Reservation memory) {
    InputRows rows = new InputRows(memory, model.rowCost().inputBytes());
    int together =
        Math.toIntExact(Math.clamp(BLOCK / Math.max(1, input.instance().elements()), 1, BLOCK));
    int all = array.shape().axis(0);
    Violations violations = new Violations();
    while (rows.count() < all) {
      int first = rows.count();
      int count = Math.min(together, all - first);
      rows.reserve(count);
      Map<String, HostTensor> block = input.encode(array.rows(first, count), first, violations);
      if (block != null) {
        rows.add(block);
      }
    }
    violations.throwIfAny();
    return rows.all();
  }

  /** Plain numbers; null where one is missing or not finite. */
  private static @Nullable Map<String, HostTensor> rows(
      LoadedModel model, PlainNumbers numbers, HostTensor array, ByteBudget.Reservation memory) {
    long before = memory.held();
    InputRows rows = new InputRows(memory, model.rowCost().inputBytes());
    int width = numbers.columns().size();
    int blockRows = Math.max(1, BLOCK / Math.max(1, width));
    int all = array.shape().axis(0);
    double[] elements = new double[Math.min(all, blockRows) * width];
    while (rows.count() < all) {
      int first = rows.count();
      int count = Math.min(blockRows, all - first);
      for (int i = 0; i < count * width; i++) {
        long at = (long) first * width + i;
        elements[i] = array.doubleAt(at);
        if (!Double.isFinite(elements[i])) {
          memory.reduceTo(before);
          return null;
        }
      }
      rows.reserve(count);
      Map<String, HostTensor> block = numbers.encode(elements, count);
      if (block == null) {
        memory.reduceTo(before);
        return null;
      }
      rows.add(block);
    }
    return rows.all();
  }

  private static void check(HostTensor array, Shape row) {
    Shape shape = array.shape();
    if (shape.rank() != row.rank() + 1 || !shape.row().equals(row)) {
      throw unexpected(array, row);
    }
    requireRows(array, row);
  }

  private static void requireRows(HostTensor array, Shape row) {
    if (array.shape().axis(0) == 0) {
      throw unexpected(array, row);
    }
  }

  private static ServiceException unexpected(HostTensor array, Shape row) {
    return ServiceException.invalid(
        "", "Rows of shape " + row + " were expected, the array is " + array.shape());
  }

  private static HostTensor converted(
      HostTensor array, ElementType type, ByteBudget.Reservation memory) {
    HostTensor tensor = memory.tensor(type, array.shape());
    if (type == array.type() && type == ElementType.INT64) {
      tensor.data().copyFrom(array.data());
      return tensor;
    }
    long elements = array.shape().elements();
    if (type == ElementType.FLOAT32 && array.type() == ElementType.FLOAT32) {
      copyFinite(array, tensor, elements);
      return tensor;
    }
    for (long i = 0; i < elements; i++) {
      if (type == ElementType.INT64) {
        double index = array.doubleAt(i);
        if (index != Math.rint(index)) {
          throw ServiceException.invalid(
              "", "Whole numbers were expected, the array holds " + index);
        }
        tensor.setLong(i, (long) index);
      } else {
        float x = (float) array.doubleAt(i);
        if (!Float.isFinite(x)) {
          throw notFinite(i, array, array.doubleAt(i));
        }
        tensor.setFloat(i, x);
      }
    }
    return tensor;
  }

  /**
   * Block by block. The bits of a float without its sign, as an integer, are at least those of
   * infinity only for infinity and NaN, so one maximum checks a block.
   */
  private static void copyFinite(HostTensor array, HostTensor tensor, long elements) {
    int[] block = new int[(int) Math.min(elements, FINITE_BLOCK)];
    for (long from = 0; from < elements; from += block.length) {
      int count = (int) Math.min(block.length, elements - from);
      MemorySegment.copy(array.data(), BITS, from * Float.BYTES, block, 0, count);
      int largest = 0;
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, block[i] & MAGNITUDE);
      }
      for (int i = 0; largest >= INFINITY && i < count; i++) {
        float x = Float.intBitsToFloat(block[i]);
        if (!Float.isFinite(x)) {
          throw notFinite(from + i, array, x);
        }
      }
      MemorySegment.copy(block, 0, tensor.data(), BITS, from * Float.BYTES, count);
    }
  }

  private static ServiceException notFinite(long element, HostTensor array, double x) {
    long row = element / Math.max(1, array.shape().row().elements());
    return ServiceException.invalid(
        "", "Row " + row + " holds " + x + ", which is not finite as a 32-bit float");
  }
}
