package io.trainyard.api.infer;

import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.request.DataType;
import io.trainyard.predict.request.NumberScanner;
import io.trainyard.predict.request.NumberScanner.Unexpected;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.MemorySegment;

/** The data of a tensor, flat or nested, straight from the bytes of a JSON body. */
final class TensorNumbers {
  private static final int MOST_LEVELS = 16;

  private final NumberScanner in;
  private final DataType type;
  private float[] floats = {};
  private double[] doubles = {};
  private long[] longs = {};
  private int elements;
  private int count;

  TensorNumbers(NumberScanner in, DataType type) {
    this.in = in;
    this.type = type;
  }

  /**
   * Reads as many numbers as the shape has elements.
   *
   * @throws Unexpected for texts, truth values, whole numbers that are not written as such, and
   *     numbers whose rounding the tensor would not show
   */
  HostTensor read(Shape shape, ByteBudget.Reservation memory) throws Unexpected {
    // As in the full reader: a short body cannot ask for much memory.
    if (type == DataType.BYTES
        || type == DataType.BOOL
        || type == DataType.FP16
        || shape.elements() > in.length() / 2L + 1) {
      throw NumberScanner.unexpected();
    }
    elements = (int) shape.elements();
    memory.add(elements, type.inJson().bytes(), "input");
    switch (type.inJson()) {
      case FLOAT32 -> floats = new float[elements];
      case FLOAT64 -> doubles = new double[elements];
      default -> longs = new long[elements];
    }
    in.expect('[');
    list(MOST_LEVELS);
    if (count != elements) {
      throw NumberScanner.unexpected();
    }
    return new HostTensor(type.inJson(), shape, data());
  }

  private MemorySegment data() {
    return switch (type.inJson()) {
      case FLOAT32 -> MemorySegment.ofArray(floats);
      case FLOAT64 -> MemorySegment.ofArray(doubles);
      default -> MemorySegment.ofArray(longs);
    };
  }

  /** The rest of a list behind its bracket. */
  private void list(int levels) throws Unexpected {
    if (levels == 0) {
      throw NumberScanner.unexpected();
    }
    if (in.take(']')) {
      return;
    }
    do {
      if (in.take('[')) {
        list(levels - 1);
      } else {
        number();
      }
    } while (in.take(','));
    in.expect(']');
  }

  private void number() throws Unexpected {
    if (count == elements) {
      throw NumberScanner.unexpected();
    }
    if (floats.length > 0) {
      double given = in.number();
      float narrow = type.narrowed(given);
      if (!Float.isFinite(narrow) || type.hidesRounding(given)) {
        throw NumberScanner.unexpected();
      }
      floats[count++] = narrow;
    } else if (doubles.length > 0) {
      doubles[count++] = in.number();
    } else {
      long whole = in.whole();
      if (whole < type.smallest() || whole > type.largest()) {
        throw NumberScanner.unexpected();
      }
      longs[count++] = whole;
    }
  }
}
