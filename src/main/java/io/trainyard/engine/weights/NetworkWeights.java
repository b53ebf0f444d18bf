package io.trainyard.engine.weights;

import io.trainyard.spec.layer.NestedSpec;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The native tensors of a network by stored name; the same objects as long as it lives. */
public interface NetworkWeights {
  Tensor tensor(String name);

  boolean has(String name);

  /** The type of the numbers that layers compute with. */
  ScalarType type();

  /** The tensor as torch's optional argument; empty when there is none of that name. */
  TensorOptional optional(String name);

  /** Frees a layer's native object together with the weights. */
  <P extends Pointer> P keep(P pointer);

  /** One layer's tensors by their names within the layer. */
  default LayerWeights of(String owner) {
    return new LayerWeights(this, NestedSpec.stored(owner) + ".");
  }

  /** The tensors of one layer. */
  record LayerWeights(NetworkWeights all, String prefix) {
    public Tensor tensor(String name) {
      return all.tensor(prefix + name);
    }

    public <P extends Pointer> P keep(P pointer) {
      return all.keep(pointer);
    }

    public TensorOptional optional(String name) {
      return all.optional(prefix + name);
    }
  }
}
