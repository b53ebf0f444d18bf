package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.tensor.Device;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how the gradient of a batch is computed: without autograd where the network is a plain
 * chain of dense layers, else with it.
 *
 * @param chain null: the network is no such chain
 * @param autocast the device whose operations are computed in bfloat16; null: none
 */
record BatchGradients(
    @Nullable DenseChain chain,
    Graph graph,
    BatchLoss loss,
    TrainedWeights weights,
    List<Objective> objectives,
    ForwardContext context,
    @Nullable Device autocast) {

  /** The gradient of rows {@code from} to {@code from + count} of the epoch's order. */
  BatchGradient of(ResidentSubset subset, int from, int count, @Nullable StopHook stop) {
    Batch batch = subset.batch(from, count);
    Tensor target = batch.targets[0];
    if (chain != null && target != null && chain.accepts(target)) {
      return new BatchGradient.Chain(
          chain,
          graph,
          loss,
          objectives.getFirst(),
          Objects.requireNonNull(batch.inputs[0]),
          target,
          batch.weights[0],
          count,
          context);
    }
    return new BatchGradient.Autograd(graph, loss, weights, batch, context, stop, autocast);
  }
}
