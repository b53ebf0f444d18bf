package io.trainyard.engine.weights;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Weights for prediction: one CPU tensor each. */
public final class InferenceWeights extends NetworkTensors {
  private final long bytes;

  public InferenceWeights(Map<String, HostTensor> stored) {
    long sum = 0;
    try (PointerScope scope = new PointerScope()) {
      for (Map.Entry<String, HostTensor> entry : stored.entrySet()) {
        add(entry.getKey(), TensorConversion.copy(entry.getValue(), Device.CPU));
        sum += entry.getValue().bytes();
      }
    }
    bytes = sum;
  }

  @Override
  public ScalarType type() {
    return ScalarType.Float;
  }

  public long bytes() {
    return bytes;
  }
}
