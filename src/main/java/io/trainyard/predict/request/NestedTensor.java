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
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** Reads nested lists into a tensor whose shape they show. */
final class NestedTensor {
  /** Memory is reserved for this many elements at once. */
  private static final int RESERVED = 1024;

  private final JsonStream in;
  private final String pointer;
  private final ByteBudget.Reservation memory;
  private final List<Integer> axes = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private double[] numbers = new double[16];

  /** The whole numbers exactly, as long as all are whole. */
  private long[] wholes = new long[16];

  private final BitSet missing = new BitSet();
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
      return new NamedTensor.Texts(name, shape, texts, missing);
    }
    HostTensor tensor =
        HostTensor.allocate(
            missing.cardinality() == count || !whole
                ? ElementType.FLOAT64
                : truths ? ElementType.BOOL : ElementType.INT64,
            shape);
    for (int i = 0; i < count; i++) {
      switch (tensor.type()) {
        case BOOL -> tensor.setByte(i, (byte) numbers[i]);
        case INT64 -> tensor.setLong(i, wholes[i]);
        default -> tensor.setDouble(i, numbers[i]);
      }
    }
    return new NamedTensor.Numbers(name, tensor, DataType.of(tensor.type()), missing);
  }

  private ServiceException mixed() {
    return ServiceException.invalid(pointer, "Texts and numbers are mixed in one tensor");
  }

  private void list(int axis) {
    if (axis == GivenShape.MOST_AXES) {
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
        addText(in.text());
      }
      case VALUE_TRUE -> add(1, 1);
      case VALUE_FALSE -> add(0, 0);
      case VALUE_NULL -> {
        missing.set(count);
        if (texts.isEmpty()) {
          add(Double.NaN, 0);
        } else {
          addText("");
        }
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        JsonNode number = in.number();
        if (!StrictJson.isFinite(number)) {
          throw ServiceException.invalid(pointer, "A number is beyond the range of a double");
        }
        truths = false;
        boolean exact = number.isIntegralNumber() && number.canConvertToLong();
        whole &= exact;
        add(number.doubleValue(), exact ? number.longValue() : 0);
      }
      default ->
          throw ServiceException.invalid(
              pointer, "Numbers, texts or truth values were expected, got " + in.describe(pointer));
    }
  }

  private void addText(String text) {
    if (texts.isEmpty() && missing.cardinality() >= count) {
      // Those before it were null.
      memory.add(count, BinaryTensor.TEXT_BYTES, "input");
      texts.addAll(Collections.nCopies(count, ""));
    }
    if (texts.size() != count) {
      throw mixed();
    }
    memory.add(1, BinaryTensor.TEXT_BYTES, "input");
    texts.add(text);
    count++;
  }

  private void add(double number, long exact) {
    if (!texts.isEmpty()) {
      throw mixed();
    }
    if (count % RESERVED == 0) {
      memory.add(RESERVED, 2 * Double.BYTES, "input");
    }
    if (count == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * count);
      wholes = Arrays.copyOf(wholes, 2 * count);
    }
    wholes[count] = exact;
    numbers[count++] = number;
  }
}
