package io.trainyard.predict.request;

import io.trainyard.error.ServiceException;
import io.trainyard.json.JsonStream;
import io.trainyard.json.StrictJson;
import io.trainyard.predict.ByteBudget;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** Reads nested lists into a tensor whose shape they show. */
final class NestedTensor {
  private static final int MOST_AXES = 16;

  /** The bytes that a text takes besides its own. */
  private static final int TEXT_BYTES = 56;

  /** Memory is reserved for this many elements at once. */
  private static final int RESERVED = 1024;

  private static final double LARGEST_EXACT = 1L << 53;

  private final JsonStream in;
  private final String pointer;
  private final ByteBudget.Reservation memory;
  private final List<Integer> axes = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private double[] numbers = new double[16];
  private int count;
  private int rank = -1;
  private boolean whole = true;
  private boolean truths = true;

  /**
   * @param in at the start of the value
   */
  NestedTensor(JsonStream in, String pointer, ByteBudget.Reservation memory) {
    this.in = in;
    this.pointer = pointer;
    this.memory = memory;
  }

  NamedTensor read(String name) {
    if (in.current() != JsonToken.START_ARRAY) {
      throw ServiceException.invalid(
          pointer, "A list with one value per row was expected, got " + in.describe(pointer));
    }
    list(0);
    Shape shape = new Shape(axes);
    if (!texts.isEmpty()) {
      if (texts.size() != shape.elements() || count > 0) {
        throw mixed();
      }
      return new NamedTensor.Texts(name, shape, texts);
    }
    HostTensor tensor =
        HostTensor.allocate(
            count == 0 || !whole
                ? ElementType.FLOAT64
                : truths ? ElementType.BOOL : ElementType.INT64,
            shape);
    for (int i = 0; i < count; i++) {
      switch (tensor.type()) {
        case BOOL -> tensor.setByte(i, (byte) numbers[i]);
        case INT64 -> tensor.setLong(i, (long) numbers[i]);
        default -> tensor.setDouble(i, numbers[i]);
      }
    }
    return new NamedTensor.Numbers(name, tensor);
  }

  private ServiceException mixed() {
    return ServiceException.invalid(pointer, "Texts and numbers are mixed in one tensor");
  }

  private void list(int axis) {
    if (axis == MOST_AXES) {
      throw ServiceException.invalid(pointer, "Lists are nested in more than 16 levels");
    }
    int length = 0;
    while (in.next() != JsonToken.END_ARRAY) {
      if (in.current() == JsonToken.START_ARRAY) {
        if (axis + 1 == rank) {
          throw ragged();
        }
        if (axes.size() == axis) {
          axes.add(-1);
        }
        list(axis + 1);
      } else {
        if (rank < 0) {
          rank = axis + 1;
        } else if (rank != axis + 1) {
          throw ragged();
        }
        leaf();
      }
      length++;
    }
    while (axes.size() <= axis) {
      axes.add(-1);
    }
    if (axes.get(axis) >= 0 && axes.get(axis) != length) {
      throw ragged();
    }
    axes.set(axis, length);
  }

  private ServiceException ragged() {
    return ServiceException.invalid(
        pointer, "Lists of one length and one depth were expected, these differ");
  }

  private void leaf() {
    switch (in.current()) {
      case VALUE_STRING -> {
        memory.add(1, TEXT_BYTES, "input");
        texts.add(in.text());
      }
      case VALUE_TRUE -> add(1);
      case VALUE_FALSE -> add(0);
      case VALUE_NULL -> {
        whole = false;
        add(Double.NaN);
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        JsonNode number = in.number();
        if (!StrictJson.isFinite(number)) {
          throw ServiceException.invalid(pointer, "A number is beyond the range of a double");
        }
        truths = false;
        whole &= number.isIntegralNumber() && Math.abs(number.doubleValue()) <= LARGEST_EXACT;
        add(number.doubleValue());
      }
      default ->
          throw ServiceException.invalid(
              pointer, "Numbers, texts or truth values were expected, got " + in.describe(pointer));
    }
  }

  private void add(double number) {
    if (!texts.isEmpty()) {
      throw mixed();
    }
    if (count % RESERVED == 0) {
      memory.add(RESERVED, 2 * Double.BYTES, "input");
    }
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * count);
    }
    numbers[count++] = number;
  }
}
