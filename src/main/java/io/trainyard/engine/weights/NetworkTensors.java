package io.trainyard.engine.weights;

import io.trainyard.engine.natives.NativeHandles;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** Native tensors by stored name, freed by {@link #close}. */
public abstract sealed class NetworkTensors implements NetworkWeights, AutoCloseable
    permits InferenceWeights, TrainedWeights {
  private final NativeHandles handles = new NativeHandles();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, TensorOptional> optionals = new HashMap<>();
  private final TensorOptional none;

  NetworkTensors() {
    try (PointerScope scope = new PointerScope()) {
      none = handles.keep(new TensorOptional());
    }
  }

  final void add(String name, Tensor tensor) {
    tensors.put(name, handles.keep(tensor));
    optionals.put(name, handles.keep(new TensorOptional(tensor)));
  }

  /** In the order they were added. */
  final Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public final Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  @Override
  public final boolean has(String name) {
    return tensors.containsKey(name);
  }

  @Override
  public final <P extends Pointer> P keep(P pointer) {
    return handles.keep(pointer);
  }

  @Override
  public final TensorOptional optional(String name) {
    return optionals.getOrDefault(name, none);
  }

  @Override
  public final void close() {
    handles.close();
  }
}
