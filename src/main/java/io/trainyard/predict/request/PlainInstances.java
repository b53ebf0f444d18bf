package io.trainyard.predict.request;

import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.LoadedModel;
import io.trainyard.predict.PlainColumns;
import io.trainyard.predict.request.NumberScanner.Unexpected;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fast reader for most bodies: {@code {"instances": [...]}} without other members, where every
 * instance is a tensor of the only input, or an object of plain numbers. Gives null for every other
 * body, valid or not; {@link JsonRequest} then reads it and reports the faults.
 */
final class PlainInstances {
  private static final byte[] INSTANCES = PlainColumns.quoted("instances");

  /** Names out of order are searched one by one, which would be slow for more columns. */
  private static final int MAX_UNORDERED = 64;

  /** Numbers are gathered in blocks of at most this many, unless one row has more. */
  private static final int BLOCK = 1 << 18;

  private PlainInstances() {}

  /** The rows of a body; their memory is reserved as they come. */
  static @Nullable InputRows read(byte[] body, LoadedModel model, ByteBudget.Reservation memory) {
    InputRows rows = new InputRows(memory, model.rowCost().inputBytes());
    long before = memory.held();
    try {
      NumberScanner in = new NumberScanner(body);
      in.expect('{');
      if (in.takeName(INSTANCES)) {
        in.expect('[');
        PlainColumns columns = model.plainColumns();
        boolean read =
            columns != null ? rows(in, columns, rows) : tensors(in, model.signature(), rows);
        if (read) {
          in.expect('}');
          in.expectEnd();
          return rows;
        }
      }
    } catch (Unexpected e) {
      // The full reader says what is wrong, or reads it.
    }
    memory.reduceTo(before);
    return null;
  }

  private static boolean rows(NumberScanner in, PlainColumns columns, InputRows rows)
      throws Unexpected {
    int width = columns.names().size();
    double[] elements = new double[width * 4];
    boolean[] seen = new boolean[width];
    boolean more = true;
    while (more) {
      int count = 0;
      do {
        if ((count + 1) * width > elements.length) {
          elements = Arrays.copyOf(elements, elements.length * 2);
        }
        row(in, columns.names(), elements, count * width, seen);
        count++;
        more = in.take(',');
      } while (more && (count + 1) * width <= BLOCK);
      rows.reserve(count);
      Map<String, HostTensor> block = columns.numbers().encode(elements, count);
      if (block == null) {
        return false;
      }
      rows.add(block);
    }
    in.expect(']');
    return true;
  }

  private static void row(
      NumberScanner in, List<byte[]> names, double[] elements, int from, boolean[] seen)
      throws Unexpected {
    int width = names.size();
    Arrays.fill(seen, false);
    in.expect('{');
    for (int i = 0; i < width; i++) {
      if (i > 0) {
        in.expect(',');
      }
      int column = in.takeName(names.get(i)) ? i : find(in, names);
      if (seen[column]) {
        throw NumberScanner.unexpected();
      }
      seen[column] = true;
      elements[from + column] = in.number();
    }
    in.expect('}');
  }

  private static int find(NumberScanner in, List<byte[]> names) throws Unexpected {
    for (int i = 0; i < names.size() && i < MAX_UNORDERED; i++) {
      if (in.takeName(names.get(i))) {
        return i;
      }
    }
    throw NumberScanner.unexpected();
  }

  /** False for a model with other inputs than one of floats. */
  private static boolean tensors(NumberScanner in, Signature signature, InputRows rows)
      throws Unexpected {
    if (signature.inputs().size() != 1) {
      return false;
    }
    var input = signature.inputs().entrySet().iterator().next();
    Shape shape = input.getValue().shape();
    if (input.getValue().type() != ElementType.FLOAT32 || shape.elements() == 0) {
      return false;
    }
    int width = Math.toIntExact(shape.elements());
    float[] elements = new float[width];
    boolean more = true;
    while (more) {
      int count = 0;
      do {
        if ((count + 1) * width > elements.length) {
          elements = Arrays.copyOf(elements, elements.length * 2);
        }
        tensor(in, shape, 0, elements, count * width);
        count++;
        more = in.take(',');
      } while (more && (count + 1) * width <= BLOCK);
      rows.reserve(count);
      HostTensor tensor = HostTensor.allocate(ElementType.FLOAT32, shape.batched(count));
      MemorySegment.copy(
          elements, 0, tensor.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, count * width);
      rows.add(Map.of(input.getKey(), tensor));
    }
    in.expect(']');
    return true;
  }

  /** Reads one nested list and returns where the next one goes. */
  private static int tensor(NumberScanner in, Shape shape, int axis, float[] elements, int at)
      throws Unexpected {
    if (axis == shape.rank()) {
      elements[at] = in.floatNumber();
      return at + 1;
    }
    in.expect('[');
    int length = shape.axis(axis);
    int next = at;
    for (int i = 0; i < length; i++) {
      if (i > 0) {
        in.expect(',');
      }
      next = tensor(in, shape, axis + 1, elements, next);
    }
    in.expect(']');
    return next;
  }
}
