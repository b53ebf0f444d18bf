package io.trainyard.dataset.prepare;

import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The encoded rows for training, validation or test.
 *
 * @param inputs by network input: FLOAT32 (or INT64 for indices) [rows, ...]
 * @param targets by target: INT64 [rows] for a class, FLOAT32 [rows, ...] for numbers
 * @param weights of the rows: FLOAT32 [rows]; null: every row counts the same
 */
public record Subset(
    int rows,
    Map<String, HostTensor> inputs,
    Map<String, HostTensor> targets,
    @Nullable HostTensor weights) {
  public Subset {
    inputs = Map.copyOf(inputs);
    targets = Map.copyOf(targets);
  }

  /** Rows that all count the same. */
  public Subset(int rows, Map<String, HostTensor> inputs, Map<String, HostTensor> targets) {
    this(rows, inputs, targets, null);
  }

  /** Some of the rows. */
  Subset at(int[] places) {
    return places.length == rows
        ? this
        : new Subset(
            places.length,
            at(inputs, places),
            at(targets, places),
            weights == null ? null : weights.rows(places));
  }

  private static Map<String, HostTensor> at(Map<String, HostTensor> tensors, int[] places) {
    Map<String, HostTensor> some = new HashMap<>();
    tensors.forEach((name, tensor) -> some.put(name, tensor.rows(places)));
    return some;
  }

  /** Bytes that lie in memory, not in a mapped file; a target that is an input counts once. */
  long residentBytes() {
    return Stream.of(
            inputs.values().stream(), targets.values().stream(), Stream.ofNullable(weights))
        .flatMap(each -> each)
        .map(HostTensor::data)
        .filter(data -> !data.isMapped())
        .distinct()
        .mapToLong(MemorySegment::byteSize)
        .sum();
  }
}
