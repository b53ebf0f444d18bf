package io.trainyard.model;

import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

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
   * Runs what needs answers of this network for the caller of this thread, who may be refused.
   *
   * @throws io.trainyard.error.ServiceException RATE_LIMITED for a caller who has to wait
   */
  default <T> T asked(Supplier<T> work) {
    return work.get();
  }

  /**
   * Whether a row takes some microseconds and no native code, so that callers compute on their own
   * threads. Else {@link #forward} runs on compute threads only.
   */
  default boolean runsOnCallers() {
    return false;
  }

  /** A network whose random layers can be sampled, and whose outputs have gradients. */
  interface Differentiable extends LoadedNetwork {
    /**
     * Computes outputs with dropout masks and noise, which each row draws for itself; batch
     * normalization is as in prediction mode.
     *
     * @param seed decides the masks and the noise
     * @see #forward
     */
    Map<String, HostTensor> sample(
        Map<String, HostTensor> inputs, List<String> outputs, long seed, BooleanSupplier stopped);

    /**
     * The gradient of Σ w·y in prediction mode, where y are the elements of an output.
     *
     * @param inputs by input name, [rows, ...]
     * @param output a layer name; {@code name:pre} is the value before the layer's activation
     * @param weights w, FLOAT32 in the output's shape
     * @param stopped asked between layers
     * @return by the names of the inputs of numbers, FLOAT32 in their shapes; 0 where none flows
     */
    Map<String, HostTensor> gradients(
        Map<String, HostTensor> inputs, String output, HostTensor weights, BooleanSupplier stopped);
  }

  /** The memory it uses. */
  long bytes();

  @Override
  void close();
}
