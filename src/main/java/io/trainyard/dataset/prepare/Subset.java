package io.trainyard.dataset.prepare;

import io.trainyard.tensor.HostTensor;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The encoded rows for training, validation or test.
 *
 * @param inputs by network input: FLOAT32 (or INT64 for indices) [rows, ...]
 * @param targets by target: INT64 [rows] for a class, FLOAT32 [rows, ...] for numbers
 */
public record Subset(int rows, Map<String, HostTensor> inputs, Map<String, HostTensor> targets) {
  public Subset {
    inputs = Map.copyOf(inputs);
    targets = Map.copyOf(targets);
  }

  /** Bytes that lie in memory, not in a mapped file; a target that is an input counts once. */
  long residentBytes() {
    return Stream.concat(inputs.values().stream(), targets.values().stream())
        .map(HostTensor::data)
        .filter(data -> !data.isMapped())
        .distinct()
        .mapToLong(MemorySegment::byteSize)
        .sum();
  }
}
