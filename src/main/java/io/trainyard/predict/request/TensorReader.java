package io.trainyard.predict.request;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.JsonStream;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/**
 * Reads the instances of a raw-tensor model: nested lists, or objects of them by input name. It
 * goes straight from tokens to tensors.
 */
final class TensorReader {
  /** Its rows may be bare numbers. */
  private static final Shape ONE = Shape.of(1);

  /** More faults are of no use to a caller, so reading stops there. */
  private static final int MOST_FAULTS = 100;

  /** The elements of the largest block of rows, unless one row has more. */
  private static final long BLOCK = 1 << 14;

  /** The rows of the first block; most requests have no more. Each next block has twice as many. */
  private static final int FIRST_ROWS = 16;

  private final JsonStream in;
  private final Map<String, Signature.Tensor> inputs;
  private final InputRows rows;
  private final ImageInstances images;
  private final int mostRows;
  private final Predicate<String> takesTruths;
  private final Violations violations = new Violations();

  /** The input that is being read. */
  private String input = "";

  /**
   * @param in at the start of the list of instances
   * @param takesTruths whether an input takes true and false beside 1 and 0
   */
  TensorReader(
      JsonStream in,
      Map<String, Signature.Tensor> inputs,
      InputRows rows,
      ImageInstances images,
      Predicate<String> takesTruths) {
    this.takesTruths = takesTruths;
    this.in = in;
    this.inputs = inputs;
    this.rows = rows;
    this.images = images;
    long elements = inputs.values().stream().mapToLong(input -> input.shape().elements()).sum();
    mostRows = (int) Math.clamp(BLOCK / Math.max(1, elements), 1, BLOCK);
  }

  /**
   * Reads all instances.
   *
   * @param pointer where they are in the body
   */
  void read(String pointer) {
    boolean more = in.next() != JsonToken.END_ARRAY;
    for (int size = FIRST_ROWS; more; size = Math.min(2 * size, mostRows)) {
      int blockRows = Math.min(size, mostRows);
      Map<String, HostTensor> block = new LinkedHashMap<>();
      int filled = 0;
      while (more && filled < blockRows) {
        String at = Violation.pointer(pointer, rows.count());
        rows.reserve(1);
        if (block.isEmpty()) {
          block.putAll(Signature.zeros(inputs, blockRows));
        }
        readInstance(filled++, block, at);
        if (violations.count() >= MOST_FAULTS) {
          violations.setPartial();
          violations.throwIfAny();
        }
        more = in.next() != JsonToken.END_ARRAY;
      }
      int count = filled;
      block.replaceAll((_, tensor) -> tensor.rows(0, count));
      rows.add(block);
    }
    violations.throwIfAny();
  }

  private void readInstance(int row, Map<String, HostTensor> block, String pointer) {
    if (in.current() == JsonToken.START_OBJECT) {
      readMembers(row, block, pointer);
    } else if (inputs.size() == 1) {
      input = inputs.keySet().iterator().next();
      fill(block.values().iterator().next(), row, pointer);
    } else {
      violations.add(
          pointer,
          "An object with "
              + String.join(", ", inputs.keySet())
              + " was expected, got "
              + in.describe(pointer));
      in.skip();
    }
  }

  private void readMembers(int row, Map<String, HostTensor> block, String pointer) {
    Set<String> missing = new LinkedHashSet<>(inputs.keySet());
    Violations unknown = new Violations();
    while (in.next() != JsonToken.END_OBJECT) {
      String name = in.name();
      in.next();
      HostTensor tensor = block.get(name);
      if (tensor == null && name.equals(ImageInstances.MEMBER) && inputs.size() == 1) {
        missing.clear();
        fillImage(block.values().iterator().next(), row, pointer);
      } else if (tensor == null) {
        String shown = JsonObject.shorten(name);
        unknown.add(
            Violation.pointer(pointer, shown),
            "Unknown member '" + shown + "'; known here: " + String.join(", ", inputs.keySet()));
        in.skip();
      } else if (in.current() != JsonToken.VALUE_NULL) {
        missing.remove(name);
        input = name;
        fill(tensor, row, Violation.pointer(pointer, name));
      }
    }
    for (String name : missing) {
      violations.add(Violation.pointer(pointer, name), "The input '" + name + "' is required");
    }
    violations.addAll(unknown.list());
  }

  private void fill(HostTensor tensor, int row, String pointer) {
    if (in.current() == JsonToken.START_OBJECT) {
      fillFromObject(tensor, row, pointer);
      return;
    }
    Shape shape = tensor.shape().row();
    String fault = fill(tensor, row * shape.elements(), shape, 0, pointer);
    if (fault != null) {
      violations.add(pointer, fault);
    }
  }

  /** An image, where nested lists could stand. */
  private void fillFromObject(HostTensor tensor, int row, String pointer) {
    boolean given = false;
    while (in.next() != JsonToken.END_OBJECT) {
      String name = in.name();
      in.next();
      if (name.equals(ImageInstances.MEMBER)) {
        given = true;
        fillImage(tensor, row, pointer);
      } else {
        String shown = JsonObject.shorten(name);
        violations.add(
            Violation.pointer(pointer, shown), "Unknown member '" + shown + "'; known here: b64");
        in.skip();
      }
    }
    if (!given) {
      violations.add(pointer, expected(tensor.shape().row(), 0, "an object without 'b64'"));
    }
  }

  private void fillImage(HostTensor tensor, int row, String pointer) {
    Shape shape = tensor.shape().row();
    if (in.current() != JsonToken.VALUE_STRING) {
      String at = Violation.pointer(pointer, ImageInstances.MEMBER);
      violations.add(at, "The bytes of an image in Base64 were expected, got " + in.describe(at));
      in.skip();
      return;
    }
    byte[] pixels = images.pixels(in.text(), shape, pointer, violations);
    if (pixels != null) {
      ImageInstances.put(pixels, tensor, row * shape.elements());
    }
  }

  /**
   * Copies a value of that shape into the tensor; the fault, or null. Reads the value to its end.
   */
  private @Nullable String fill(HostTensor tensor, long at, Shape shape, int axis, String pointer) {
    if (axis == shape.rank()) {
      return set(tensor, at, shape, pointer);
    }
    if (in.current() != JsonToken.START_ARRAY) {
      if (shape.equals(ONE) && in.current().isScalarValue()) {
        return set(tensor, at, shape, pointer);
      }
      String got = in.describe(pointer);
      in.skip();
      return expected(shape, axis, got);
    }
    int length = shape.axis(axis);
    long stride = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      stride *= shape.axis(i);
    }
    String fault = null;
    int count = 0;
    while (in.next() != JsonToken.END_ARRAY) {
      if (fault != null || count >= length) {
        in.skip();
      } else {
        fault = fill(tensor, at + count * stride, shape, axis + 1, pointer);
      }
      count++;
    }
    return fault != null || count == length ? fault : expected(shape, axis, "length " + count);
  }

  private static String expected(Shape shape, int axis, String got) {
    return "A tensor of shape " + shape + " was expected; axis " + axis + " has " + got;
  }

  private @Nullable String set(HostTensor tensor, long at, Shape shape, String pointer) {
    JsonToken token = in.current();
    boolean isTruth = token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
    if (isTruth && tensor.type() == ElementType.INT64 && takesTruths.test(input)) {
      tensor.setLong(at, token == JsonToken.VALUE_TRUE ? 1 : 0);
      return null;
    }
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      String got = in.describe(pointer);
      in.skip();
      return "A tensor of shape " + shape + " was expected; a number in it is " + got;
    }
    JsonNode number = in.number();
    if (!StrictJson.isFinite(number)) {
      return "A number is beyond the range of a double";
    }
    if (tensor.type() == ElementType.INT64) {
      boolean whole = number.doubleValue() == Math.rint(number.doubleValue());
      if (!whole || !number.canConvertToLong()) {
        return "Whole numbers were expected, got " + JsonObject.describe(number);
      }
      tensor.setLong(
          at, number.isIntegralNumber() ? number.longValue() : (long) number.doubleValue());
      return null;
    }
    float element = (float) number.doubleValue();
    if (!Float.isFinite(element)) {
      return JsonObject.describe(number) + " is beyond the range of a 32-bit float";
    }
    tensor.setFloat(at, element);
    return null;
  }
}
