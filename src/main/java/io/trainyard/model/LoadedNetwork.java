package io.trainyard.model;

import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

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
   * @param stopped asked between layers: whether nobody waits for the result any more
   * @return by the requested names, [rows, ...]
   * @throws java.util.concurrent.CancellationException when it was stopped
   */
  Map<String, HostTensor> forward(
      Map<String, HostTensor> inputs, List<String> outputs, BooleanSupplier stopped);

  /**
   * Whether a row takes some microseconds and no native code, so that callers compute on their own
   * threads. Else {@link #forward} runs on compute threads only.
   */
  default boolean runsOnCallers() {
    return false;
  }

  /** The memory it uses. */
  long bytes();

  @Override
  void close();
}
