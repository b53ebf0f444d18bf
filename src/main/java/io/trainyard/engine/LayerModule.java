package io.trainyard.engine;

import org.bytedeco.pytorch.Tensor;

/** A layer in native operations. */
@FunctionalInterface
interface LayerModule {
  /** The layer's value before its activation. Made in the caller's scope. */
  Tensor forward(Tensor[] inputs, Pass pass);
}
