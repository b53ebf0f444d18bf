package io.trainyard.dataset.prepare;

import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
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
