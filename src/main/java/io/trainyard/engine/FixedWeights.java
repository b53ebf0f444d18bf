package io.trainyard.engine;

import io.trainyard.tensor.HostTensor;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;

/** Weights that only answer: each a tensor of its own on the CPU. */
final class FixedWeights extends HeldWeights {
  private final long bytes;

  FixedWeights(Map<String, HostTensor> stored) {
    long sum = 0;
    try (PointerScope scope = new PointerScope()) {
      for (Map.Entry<String, HostTensor> entry : stored.entrySet()) {
        add(entry.getKey(), Transfer.copy(entry.getValue(), Device.CPU));
        sum += entry.getValue().bytes();
      }
    }
    bytes = sum;
  }

  long bytes() {
    return bytes;
  }
}
