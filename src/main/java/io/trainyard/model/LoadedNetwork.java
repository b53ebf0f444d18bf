package io.trainyard.model;

import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;

/**
 * A network with its weights in memory. It does not count its users: the caller of {@link #close}
 * makes sure that no forward runs.
 */
public interface LoadedNetwork extends AutoCloseable {
  /**
   * Computes outputs, in prediction mode.
   *
   * @param inputs by input name, [rows, ...]
   * @param outputs layer names; {@code name:pre} is the value before the layer's activation
   * @return by the requested names, [rows, ...]
   */
  Map<String, HostTensor> forward(Map<String, HostTensor> inputs, List<String> outputs);

  /** The memory it uses. */
  long bytes();

  @Override
  void close();
}
