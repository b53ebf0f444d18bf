package io.trainyard.predict;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the instances of a raw-tensor model: nested lists, or objects of them by input name. */
final class TensorReader {
  private final Violations violations = new Violations();
  private final Map<String, Signature.Tensor> inputs;

  private TensorReader(Map<String, Signature.Tensor> inputs) {
    this.inputs = inputs;
  }

  /**
   * Reads all instances.
   *
   * @param pointer where they are in the body
   */
  static Map<String, HostTensor> read(
      JsonNode instances, Map<String, Signature.Tensor> inputs, String pointer) {
    return new TensorReader(inputs).read(instances, pointer);
  }

  private Map<String, HostTensor> read(JsonNode instances, String pointer) {
    if (!instances.isArray() || instances.isEmpty()) {
      violations.add(
          pointer,
          "A list of at least one instance was expected, got "
              + (instances.isArray() ? "an empty one" : JsonObject.describe(instances)));
      violations.throwIfAny();
    }
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    inputs.forEach(
        (name, input) ->
            tensors.put(
                name, HostTensor.allocate(input.type(), input.shape().batched(instances.size()))));
    for (int i = 0; i < instances.size(); i++) {
      readInstance(instances.get(i), i, tensors, Violation.pointer(pointer, i));
    }
    violations.throwIfAny();
    return tensors;
  }

  private void readInstance(
      JsonNode instance, int row, Map<String, HostTensor> tensors, String pointer) {
    if (!instance.isObject()) {
      if (inputs.size() == 1) {
        fill(tensors.values().iterator().next(), row, instance, pointer);
      } else {
        violations.add(
            pointer,
            "An object with "
                + String.join(", ", inputs.keySet())
                + " was expected, got "
                + JsonObject.describe(instance));
      }
      return;
    }
    JsonObject members = JsonObject.of(instance, pointer, violations);
    tensors.forEach(
        (name, tensor) -> {
          JsonNode value = members.get(name);
          if (value == null) {
            members.violate(name, "The input '" + name + "' is required");
          } else {
            fill(tensor, row, value, members.pointer(name));
          }
        });
    members.finish();
  }

  private void fill(HostTensor tensor, int row, JsonNode value, String pointer) {
    Shape shape = tensor.shape().row();
    String fault = fill(tensor, row * shape.elements(), shape, 0, value);
    if (fault != null) {
      violations.add(pointer, fault);
    }
  }

  /** Copies a value of that shape into the tensor; the fault, or null. */
  private static @Nullable String fill(
      HostTensor tensor, long at, Shape shape, int axis, JsonNode value) {
    if (axis == shape.rank()) {
      return set(tensor, at, shape, value);
    }
    int length = shape.axis(axis);
    if (!value.isArray() || value.size() != length) {
      return "A tensor of shape "
          + shape
          + " was expected; axis "
          + axis
          + " has "
          + (value.isArray() ? "length " + value.size() : JsonObject.describe(value));
    }
    long stride = 1;
    for (int i = axis + 1; i < shape.rank(); i++) {
      stride *= shape.axis(i);
    }
    for (int i = 0; i < length; i++) {
      String fault = fill(tensor, at + i * stride, shape, axis + 1, value.get(i));
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  private static @Nullable String set(HostTensor tensor, long at, Shape shape, JsonNode value) {
    if (!value.isNumber()) {
      return "A tensor of shape "
          + shape
          + " was expected; a number in it is "
          + JsonObject.describe(value);
    }
    if (tensor.type() == ElementType.INT64) {
      boolean whole = value.doubleValue() == Math.rint(value.doubleValue());
      if (!whole || !value.canConvertToLong()) {
        return "Whole numbers were expected, got " + JsonObject.describe(value);
      }
      tensor.setLong(at, value.isIntegralNumber() ? value.longValue() : (long) value.doubleValue());
      return null;
    }
    float element = (float) value.doubleValue();
    if (!Float.isFinite(element)) {
      return JsonObject.describe(value) + " is beyond the range of a 32-bit float";
    }
    tensor.setFloat(at, element);
    return null;
  }
}
