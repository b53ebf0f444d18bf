package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.Autocast;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.tensor.Device;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Loss and gradient of one batch, in the caller's scope; they may be computed several times. */
sealed interface BatchGradient {
  /** Computes the loss at the current weights. */
  BatchLoss.Terms forward();

  /**
   * Computes the gradient of the last loss.
   *
   * @return false when the loss depends on no weight
   */
  boolean backward();

  /** Shows the outputs of the last loss to an observer. */
  void observe(BatchObserver observer);

  /** The first layer with a value that is not finite, or "". */
  String firstNonFinite();

  /** By autograd, for every network. */
  final class Autograd implements BatchGradient {
    private final Graph graph;
    private final BatchLoss loss;
    private final TrainedWeights weights;
    private final Batch batch;
    private final ForwardContext context;
    private final @Nullable StopHook stop;
    private final @Nullable Device autocast;
    private Graph.@Nullable Values values;
    private @Nullable Tensor total;

    /**
     * @param autocast the device whose operations are computed in bfloat16; null: none
     */
    Autograd(
        Graph graph,
        BatchLoss loss,
        TrainedWeights weights,
        Batch batch,
        ForwardContext context,
        @Nullable StopHook stop,
        @Nullable Device autocast) {
      this.graph = graph;
      this.loss = loss;
      this.weights = weights;
      this.batch = batch;
      this.context = context;
      this.stop = stop;
      this.autocast = autocast;
    }

    private Graph.Values values() {
      return Objects.requireNonNull(values, "forward must be called first");
    }

    @Override
    public BatchLoss.Terms forward() {
      if (autocast == null) {
        values = graph.run(batch.inputs, loss.plan(), context, stop);
      } else {
        try (Autocast narrow = new Autocast(autocast)) {
          values = graph.run(batch.inputs, loss.plan(), context, stop);
        }
      }
      BatchLoss.Terms terms = loss.of(values, batch.targets, batch.weights);
      total = loss.descended(terms, values, batch.targets, batch.weights);
      return terms;
    }

    @Override
    public boolean backward() {
      Tensor batchLoss = Objects.requireNonNull(total, "forward must be called first");
      if (!batchLoss.requires_grad()) {
        return false;
      }
      weights.gradient().zero_();
      batchLoss.backward();
      return true;
    }

    @Override
    public void observe(BatchObserver observer) {
      loss.observe(values(), batch.targets, observer);
    }

    @Override
    public String firstNonFinite() {
      return graph.firstNonFinite(values());
    }
  }

  /** Without autograd, for a plain chain of dense layers. */
  record Chain(
      DenseChain chain,
      Graph graph,
      BatchLoss loss,
      Objective objective,
      Tensor input,
      Tensor target,
      @Nullable Tensor rowWeights,
      int count,
      ForwardContext context)
      implements BatchGradient {
    @Override
    public BatchLoss.Terms forward() {
      return BatchLoss.Terms.of(chain.forward(input, target, rowWeights, count));
    }

    @Override
    public boolean backward() {
      chain.backward(count);
      return true;
    }

    @Override
    public void observe(BatchObserver observer) {
      observer.batch(
          objective,
          TensorConversion.borrow(chain.output(count)),
          TensorConversion.borrow(target.contiguous()));
    }

    @Override
    public String firstNonFinite() {
      return graph.firstNonFinite(graph.run(new Tensor[] {input}, loss.plan(), context));
    }
  }
}
