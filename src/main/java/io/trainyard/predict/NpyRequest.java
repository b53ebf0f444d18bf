package io.trainyard.predict;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.FormatException;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;

/** One NPY array: the rows of a model's only input. Columns are in order and unscaled. */
public final class NpyRequest implements Predictor.Request {
  /** Numbers are encoded in blocks of at most this many, unless one row has more. */
  private static final int BLOCK = 1 << 18;

  private final byte[] file;
  private final List<String> outputs;

  public NpyRequest(byte[] file, List<String> outputs) {
    this.file = file;
    this.outputs = List.copyOf(outputs);
  }

  @Override
  public List<String> outputs() {
    return outputs;
  }

  @Override
  public Map<String, HostTensor> inputs(LoadedModel model, ByteBudget.Reservation memory) {
    HostTensor array;
    try {
      array = Npy.read(file);
    } catch (FormatException e) {
      throw new ServiceException(
          ErrorCode.MALFORMED_BODY, "The body is not an NPY file: " + e.getMessage(), e);
    }
    Signature signature = model.signature();
    if (signature.inputs().size() != 1) {
      throw ServiceException.invalid(
          "",
          "An NPY body is possible for a model with one input; this one has "
              + signature.inputs().keySet());
    }
    if (model.definition().encoding() != null) {
      Map<String, HostTensor> rows = rows(model, array, memory);
      model.checkIndices(rows, "");
      return rows;
    }
    var input = signature.inputs().entrySet().iterator().next();
    check(array, input.getValue().shape());
    memory.add(array.shape().axis(0), model.rowCost().inputBytes(), "input");
    return Map.of(input.getKey(), converted(array, input.getValue().type()));
  }

  private static Map<String, HostTensor> rows(
      LoadedModel model, HostTensor array, ByteBudget.Reservation memory) {
    PlainInstances.PlainColumns columns = model.plainColumns();
    if (columns == null) {
      throw ServiceException.invalid(
          "",
          "An NPY body is possible when all columns are plain numbers; this model reads others, so"
              + " use JSON");
    }
    check(array, Shape.of(columns.names().size()));
    InputRows rows = new InputRows(memory, model.rowCost().inputBytes());
    int width = columns.names().size();
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
          throw notFinite(at, array, elements[i]);
        }
      }
      rows.reserve(count);
      Map<String, HostTensor> block = columns.numbers().encode(elements, count);
      if (block == null) {
        throw ServiceException.invalid("", "A number is beyond the range of a 32-bit float");
      }
      rows.add(block);
    }
    return rows.all();
  }

  private static void check(HostTensor array, Shape row) {
    Shape shape = array.shape();
    if (shape.rank() != row.rank() + 1 || !shape.row().equals(row) || shape.axis(0) == 0) {
      throw ServiceException.invalid(
          "", "Rows of shape " + row + " were expected, the array is " + shape);
    }
  }

  private static HostTensor converted(HostTensor array, ElementType type) {
    if (type == array.type() && type == ElementType.INT64) {
      return array;
    }
    HostTensor tensor = HostTensor.allocate(type, array.shape());
    long elements = array.shape().elements();
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

  private static ServiceException notFinite(long element, HostTensor array, double x) {
    long row = element / Math.max(1, array.shape().row().elements());
    return ServiceException.invalid(
        "", "Row " + row + " holds " + x + ", which is not finite as a 32-bit float");
  }
}
