package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.tensor.Device;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how the gradient of a batch is computed: without autograd for the chain of dense layers
 * that the network is or ends with, else with it.
 *
 * @param chain null: there is no such chain
 * @param head computes the chain's source; null: there is no chain
 * @param autocast the device whose operations are computed in bfloat16; null: none
 */
record BatchGradients(
    @Nullable DenseChain chain,
    @Nullable ForwardPlan head,
    Graph graph,
    BatchLoss loss,
    TrainedWeights weights,
    ForwardContext context,
    @Nullable Device autocast) {

  /** The gradient of rows {@code from} to {@code from + count} of the epoch's order. */
  BatchGradient of(ResidentSubset subset, int from, int count, @Nullable StopHook stop) {
    Batch batch = subset.batch(from, count);
    Tensor target = batch.targets[0];
    BatchGradient.Autograd whole =
        new BatchGradient.Autograd(graph, loss, weights, batch, context, stop, autocast);
    if (chain == null || head == null || target == null || !chain.accepts(target)) {
      return whole;
    }
    if (!chain.isWhole()) {
      // A step that is long enough to be stopped asks between all layers.
      return stop == null ? new BatchGradient.Joined(whole, chain, head, target, count) : whole;
    }
    return new BatchGradient.Chain(
        chain,
        graph,
        loss,
        Objects.requireNonNull(batch.inputs[0]),
        target,
        batch.weights[0],
        count,
        context);
  }
}
