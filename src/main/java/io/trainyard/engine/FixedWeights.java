package io.trainyard.engine;

import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** Weights that only answer: each a tensor of its own on the CPU. */
final class FixedWeights implements NetworkWeights, AutoCloseable {
  private final Retained retained = new Retained();
  private final Map<String, Tensor> tensors = new HashMap<>();
  private final Map<String, TensorOptional> optionals = new HashMap<>();
  private final TensorOptional none;
  private final long bytes;

  FixedWeights(Map<String, HostTensor> stored) {
    long sum = 0;
    try (PointerScope scope = new PointerScope()) {
      none = retained.keep(new TensorOptional());
      for (Map.Entry<String, HostTensor> entry : stored.entrySet()) {
        Tensor tensor = retained.keep(Transfer.copy(entry.getValue(), Device.CPU));
        tensors.put(entry.getKey(), tensor);
        optionals.put(entry.getKey(), retained.keep(new TensorOptional(tensor)));
        sum += entry.getValue().bytes();
      }
    }
    bytes = sum;
  }

  @Override
  public Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  @Override
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  @Override
  public <P extends Pointer> P keep(P pointer) {
    return retained.keep(pointer);
  }

  @Override
  public TensorOptional optional(String name) {
    return optionals.getOrDefault(name, none);
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    retained.close();
  }
}
