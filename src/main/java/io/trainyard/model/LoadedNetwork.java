package io.trainyard.model;

import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;

/**
 * A network with its weights in memory, ready to answer. It counts no users: whoever closes it
 * makes sure that no forward runs.
 */
public interface LoadedNetwork extends AutoCloseable {
  /**
   * Computes as at prediction.
   *
   * @param inputs by input name, [rows, ...]
   * @param outputs layer names wanted; {@code name:pre} is the value before the layer's activation
   * @return by the names asked for, [rows, ...]
   */
  Map<String, HostTensor> forward(Map<String, HostTensor> inputs, List<String> outputs);

  /** Memory it holds. */
  long bytes();

  @Override
  void close();
}
