package io.trainyard.engine.layer;

import org.bytedeco.pytorch.Tensor;

/** A layer in native operations. */
@FunctionalInterface
public interface LayerModule {
  /** The layer's value before its activation. Made in the caller's scope. */
  Tensor forward(Tensor[] inputs, ForwardContext pass);
}
