package io.trainyard.dataset.encoding;

import io.trainyard.dataset.Rows;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/** Encodes the instances of one predict request. */
final class InstanceEncoder {
  private final Encoding encoding;
  private final ColumnOrder order;
  private final String pointer;
  private final int first;
  private final boolean ignoreUnknown;
  private final Violations violations = new Violations();

  /**
   * @param pointer the place of the list of instances in the body
   * @param first the place of the first instance in that list
   * @param ignoreUnknown whether columns that no input reads are left out
   */
  InstanceEncoder(Encoding encoding, String pointer, int first, boolean ignoreUnknown) {
    this.encoding = encoding;
    this.order = encoding.columnOrder();
    this.ignoreUnknown = ignoreUnknown;
    this.pointer = pointer;
    this.first = first;
  }

  Map<String, HostTensor> encode(JsonNode instances) {
    Map<String, Rows> rows =
        new InstanceReader(encoding, order, first, ignoreUnknown, violations)
            .read(instances, pointer);
    violations.throwIfAny();
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    encoding
        .inputs()
        .forEach(
            (name, input) ->
                tensors.put(
                    name,
                    tensor(
                        input,
                        Objects.requireNonNull(rows.get(name)),
                        (row, column, detail) ->
                            violations.add(place(instances, input, row, column), detail))));
    violations.throwIfAny();
    return tensors;
  }

  static HostTensor tensor(InputEncoding input, Rows rows, InputEncoding.Faults faults) {
    HostTensor tensor =
        HostTensor.allocate(input.type(), input.shape().batched(rows.count() / input.rows()));
    int elements = Math.multiplyExact(rows.count(), input.rowWidth());
    MemorySegment data = tensor.data();
    if (input.type() == ElementType.INT64) {
      long[] encoded = new long[elements];
      input.encode(rows, encoded, faults);
      MemorySegment.copy(encoded, 0, data, ValueLayout.JAVA_LONG_UNALIGNED, 0, elements);
    } else {
      float[] encoded = new float[elements];
      input.encode(rows, encoded, faults);
      MemorySegment.copy(encoded, 0, data, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, elements);
    }
    return tensor;
  }

  private String place(JsonNode instances, InputEncoding input, int row, String column) {
    int instance = row / input.rows();
    return order.pointer(
        instances.get(instance),
        Violation.pointer(pointer, first + instance),
        column,
        input.window() == null ? ColumnOrder.WHOLE : row % input.rows());
  }
}
