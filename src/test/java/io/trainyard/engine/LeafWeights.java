package io.trainyard.engine;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.NetworkWeights;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Weights with gradients for a test, in the test's scope. */
final class LeafWeights implements NetworkWeights {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  LeafWeights(Map<String, HostTensor> stored, ScalarType type) {
    stored.forEach((name, tensor) -> tensors.put(name, leaf(name, tensor, type)));
  }

  /** A copy that requires a gradient, unless it is an integer or a running statistic. */
  static Tensor leaf(String name, HostTensor stored, ScalarType type) {
    Tensor copy = TensorConversion.copy(stored, Device.CPU);
    if (stored.type() != ElementType.FLOAT32) {
      return copy;
    }
    Tensor typed = copy.to(type).detach();
    return typed.set_requires_grad(!name.contains("running_"));
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
    return pointer;
  }

  @Override
  public ScalarType type() {
    return ScalarType.Float;
  }

  @Override
  public TensorOptional optional(String name) {
    Tensor tensor = tensors.get(name);
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }

  Map<String, Tensor> all() {
    return tensors;
  }
}
