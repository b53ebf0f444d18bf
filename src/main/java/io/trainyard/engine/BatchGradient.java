package io.trainyard.engine;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.Autocast;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.tensor.Device;
import java.util.Objects;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
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

    private Graph.Values run(ForwardPlan plan) {
      return graph.run(batch.inputs, plan, context, stop);
    }

    @Override
    public BatchLoss.Terms forward() {
      if (autocast == null) {
        values = run(loss.plan());
      } else {
        try (Autocast narrow = new Autocast(autocast)) {
          values = run(loss.plan());
        }
      }
      BatchLoss.Terms terms = loss.ofStep(values, batch.targets, batch.weights);
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

  /** By autograd up to a layer, and without it for the dense layers behind. */
  final class Joined implements BatchGradient {
    private final Autograd whole;
    private final DenseChain chain;
    private final ForwardPlan head;
    private final Tensor target;
    private final int count;
    private @Nullable Tensor joint;

    /**
     * @param whole the gradient of the same batch by autograd alone
     * @param head computes the chain's source
     */
    Joined(Autograd whole, DenseChain chain, ForwardPlan head, Tensor target, int count) {
      this.whole = whole;
      this.chain = chain;
      this.head = head;
      this.target = target;
      this.count = count;
    }

    @Override
    public BatchLoss.Terms forward() {
      Graph.Values values = whole.run(head);
      joint = whole.graph.value(values, chain.source());
      Tensor rowWeights = whole.batch.weights[0];
      return BatchLoss.Terms.of(chain.forward(joint.detach(), target, rowWeights, count));
    }

    @Override
    public boolean backward() {
      Tensor end = Objects.requireNonNull(joint, "forward must be called first");
      whole.weights.gradient().zero_();
      chain.backward(count);
      if (end.requires_grad()) {
        end.backward(
            chain.inputGradient(count), new BoolOptional(), false, new TensorArrayRefOptional());
      }
      return true;
    }

    @Override
    public void observe(BatchObserver observer) {
      chain.observe(observer, target, count);
    }

    @Override
    public String firstNonFinite() {
      return whole.graph.firstNonFinite(whole.run(whole.loss.plan()));
    }
  }

  /** Without autograd, for a plain chain of dense layers. */
  record Chain(
      DenseChain chain,
      Graph graph,
      BatchLoss loss,
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
      chain.observe(observer, target, count);
    }

    @Override
    public String firstNonFinite() {
      return graph.firstNonFinite(graph.run(new Tensor[] {input}, loss.plan(), context));
    }
  }
}
