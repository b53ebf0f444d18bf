package io.trainyard.engine;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Rows of a subset. */
final class Batch {
  /** In the order of the network's inputs. */
  final @Nullable Tensor[] inputs;

  /** By objective; null where a layer's output is the target. */
  final @Nullable Tensor[] targets;

  /** Of the rows, by objective; null where every row counts the same. */
  final @Nullable Tensor[] weights;

  Batch(@Nullable Tensor[] inputs, @Nullable Tensor[] targets, @Nullable Tensor[] weights) {
    this.inputs = inputs;
    this.targets = targets;
    this.weights = weights;
  }

  /** A batch with a tensor in place of each. */
  Batch map(UnaryOperator<Tensor> change) {
    return new Batch(map(inputs, change), map(targets, change), map(weights, change));
  }

  private static @Nullable Tensor[] map(@Nullable Tensor[] tensors, UnaryOperator<Tensor> change) {
    @Nullable Tensor[] mapped = new Tensor[tensors.length];
    for (int i = 0; i < mapped.length; i++) {
      Tensor tensor = tensors[i];
      mapped[i] = tensor == null ? null : change.apply(tensor);
    }
    return mapped;
  }

  long bytes() {
    return Stream.of(inputs, targets, weights)
        .flatMap(Arrays::stream)
        .filter(Objects::nonNull)
        .mapToLong(tensor -> tensor.numel() * tensor.element_size())
        .sum();
  }
}
