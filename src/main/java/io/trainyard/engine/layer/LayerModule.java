package io.trainyard.engine.layer;

import org.bytedeco.pytorch.Tensor;

/** A layer's native operations. */
@FunctionalInterface
public interface LayerModule {
  /** The layer's value before its activation. It belongs to the caller's scope. */
  Tensor forward(Tensor[] inputs, ForwardContext context);
}
