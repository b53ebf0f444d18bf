package io.trainyard.dataset.prepare;

import io.trainyard.tensor.HostTensor;
import java.util.Map;

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
}
