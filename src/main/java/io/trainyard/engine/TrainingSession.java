package io.trainyard.engine;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.ComputeThread;
import io.trainyard.engine.natives.NativeFailure;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A network under training with its optimizer. Made, used and closed on one compute thread.
 *
 * <p>A step is: batch, forward, loss, backward, clipping, optimizer. On the CPU the loss is read at
 * each step, before any weight changes, since that costs nothing there; elsewhere it stays on the
 * device until the epoch ends.
 */
public final class TrainingSession implements AutoCloseable {
  private final ComputeThread owner = ComputeThread.current();
  private final List<Objective> objectives;
  private final long seed;
  private final Device device;
  private final TrainedWeights weights;
  private final Graph graph;
  private final Regularization penalties;
  private final @Nullable DenseChain chain;
  private final Optimizer optimizer;
  private final GradientClipping clipping;
  private final MaxNormConstraint limits;
  private final RandomSource random;
  private final ForwardContext pass;
  private final boolean[] needed;
  private final List<Function> lastActivations = new ArrayList<>();
  private final EpochLoss losses;
  private TrainedWeights.@Nullable Snapshot best;
  private double learningRate;
  private long phase;
  private long epoch;
  private String failingLayer = "";

  /**
   * @param first a value for every weight
   */
  TrainingSession(TrainingPlan plan, Map<String, HostTensor> first) {
    objectives = plan.objectives();
    seed = plan.seed();
    device = plan.device();
    weights = new TrainedWeights(plan.network(), plan.shapes(), first, device);
    graph = new Graph(plan.network(), plan.shapes(), weights);
    penalties = new Regularization(plan.network(), plan.shapes(), weights);
    chain = DenseChain.of(plan, weights, penalties.isEmpty()).orElse(null);
    optimizer = new Optimizer(plan.training().optimizer(), weights);
    clipping =
        new GradientClipping(
            weights.gradient(), plan.training().clipNorm(), plan.training().clipValue());
    limits = new MaxNormConstraint(plan.network(), plan.shapes(), weights);
    random = new RandomSource(seed);
    pass = new ForwardContext(random);
    losses = new EpochLoss(device);
    learningRate = plan.training().optimizer().learningRate();
    List<String> wanted = new ArrayList<>(penalties.layers());
    for (Objective objective : objectives) {
      wanted.add(objective.output());
      if (objective.source() instanceof TargetSpec.Source.LayerOutput(String layer)) {
        wanted.add(layer);
      }
      lastActivations.add(plan.network().layer(objective.output()).spec().activation().function());
    }
    needed = graph.needed(wanted);
  }

  /** Makes rows readable for the device; the caller closes it before the part's memory goes. */
  public ResidentSubset load(Subset part) {
    require();
    return new ResidentSubset(part, graph.inputNames(), objectives, device);
  }

  /**
   * Begins an epoch: forgets the last one's losses and orders the rows.
   *
   * @param newEpoch from 1
   */
  public void beginEpoch(ResidentSubset part, long newPhase, long newEpoch, boolean shuffle) {
    require();
    phase = newPhase;
    epoch = newEpoch;
    losses.clear();
    if (shuffle) {
      part.shuffle(seed, newPhase, newEpoch);
    }
  }

  public void learningRate(double rate) {
    learningRate = rate;
  }

  /**
   * Trains on rows {@code from} to {@code from + count} of the epoch's order.
   *
   * @param observer sees the outputs as they were when trained on, or null
   * @return false when the loss is seen to be not finite; the weights are then unchanged
   */
  public boolean step(ResidentSubset part, int from, int count, @Nullable BatchObserver observer) {
    require();
    try (PointerScope scope = new PointerScope()) {
      random.at(phase, epoch, from);
      @Nullable Tensor[] targets = part.targets(from, count);
      Tensor target = targets[0];
      if (chain != null && target != null && chain.takes(target)) {
        return step(chain, part.inputs(from, count), target, count, observer);
      }
      Graph.Values values = graph.run(part.inputs(from, count), needed, pass);
      Tensor loss = penalties.addTo(loss(values, targets), graph, values);
      if (!losses.add(loss, count)) {
        failingLayer = graph.firstNonFinite(values);
        return false;
      }
      update(loss);
      if (observer != null) {
        observe(values, targets, observer);
      }
      return true;
    } catch (RuntimeException e) {
      throw NativeFailure.translate(e);
    }
  }

  /** The same for a plain chain of dense layers, without autograd. */
  private boolean step(
      DenseChain plain,
      @Nullable Tensor[] inputs,
      Tensor target,
      int count,
      @Nullable BatchObserver observer) {
    if (!losses.add(plain.forward(Objects.requireNonNull(inputs[0]), target, count), count)) {
      failingLayer = graph.firstNonFinite(graph.run(inputs, needed, pass));
      return false;
    }
    plain.backward(count);
    update();
    if (observer != null) {
      observer.batch(
          objectives.getFirst(),
          TensorConversion.borrow(plain.output(count)),
          TensorConversion.borrow(target.contiguous()));
    }
    return true;
  }

  private void update(Tensor loss) {
    if (loss.requires_grad()) {
      weights.gradient().zero_();
      loss.backward();
      update();
    }
  }

  private void update() {
    NoGradGuard guard = new NoGradGuard();
    try {
      clipping.apply();
      optimizer.step(learningRate);
      limits.apply();
    } finally {
      guard.deallocate();
    }
  }

  private Tensor loss(Graph.Values values, @Nullable Tensor[] targets) {
    Tensor sum = null;
    for (int i = 0; i < targets.length; i++) {
      Objective objective = objectives.get(i);
      Tensor loss =
          Losses.of(
              objective.loss(),
              graph.value(values, objective.output() + ":pre"),
              graph.value(values, objective.output()),
              lastActivations.get(i),
              truth(objective, values, targets[i]));
      Tensor weighted =
          objective.weight() == 1
              ? loss
              : loss.mul(new org.bytedeco.pytorch.Scalar(objective.weight()));
      sum = sum == null ? weighted : sum.add(weighted);
    }
    return Objects.requireNonNull(sum, "a training needs a target");
  }

  private Tensor truth(Objective objective, Graph.Values values, @Nullable Tensor target) {
    if (target != null) {
      return target;
    }
    TargetSpec.Source.LayerOutput source = (TargetSpec.Source.LayerOutput) objective.source();
    return graph.value(values, source.layer()).detach();
  }

  private void observe(Graph.Values values, @Nullable Tensor[] targets, BatchObserver observer) {
    for (int i = 0; i < targets.length; i++) {
      Objective objective = objectives.get(i);
      Tensor output = onHost(graph.value(values, objective.output()));
      Tensor truth = onHost(truth(objective, values, targets[i]));
      observer.batch(objective, TensorConversion.borrow(output), TensorConversion.borrow(truth));
    }
  }

  private static Tensor onHost(Tensor tensor) {
    Tensor detached = tensor.detach();
    return (detached.is_cuda() ? detached.cpu() : detached).contiguous();
  }

  /** The epoch's loss so far: the mean of its batches' losses, weighted by their rows. */
  public double epochLoss() {
    require();
    return losses.mean();
  }

  /** The epoch's losses so far as numbers to store, for {@link #restoreLosses}. */
  public double[] losses() {
    require();
    return losses.sums();
  }

  /** Takes up an epoch, once begun, where it was left. */
  public void restoreLosses(double[] sums) {
    require();
    losses.restore(sums);
  }

  /** The first step of the epoch whose loss was not finite, from 1; 0 when all were. */
  public long firstNonFiniteStep() {
    require();
    return losses.firstNonFinite();
  }

  /** After a step that failed: the first layer whose value was not finite, or "". */
  public String failingLayer() {
    return failingLayer;
  }

  /**
   * Computes as at prediction and gives the loss, penalties included, of rows {@code from} to
   * {@code from + count}.
   */
  public double evaluate(
      ResidentSubset part, int from, int count, @Nullable BatchObserver observer) {
    require();
    try (PointerScope scope = new PointerScope()) {
      InferenceMode mode = new InferenceMode(true);
      try {
        @Nullable Tensor[] targets = part.targets(from, count);
        Graph.Values values =
            graph.run(part.inputs(from, count), needed, ForwardContext.PREDICTION);
        if (observer != null) {
          observe(values, targets, observer);
        }
        return penalties.addTo(loss(values, targets), graph, values).item_double();
      } finally {
        mode.deallocate();
      }
    } catch (RuntimeException e) {
      throw NativeFailure.translate(e);
    }
  }

  /** Remembers the weights as they are. */
  public void keepBest() {
    require();
    if (best == null) {
      best = weights.snapshot();
    }
    weights.copyTo(best);
  }

  /** The remembered weights, or the present ones when none were. */
  public Map<String, HostTensor> bestWeights() {
    require();
    return best == null ? weights.toHost() : weights.toHost(best);
  }

  /** The present weights by stored name, copied. */
  public Map<String, HostTensor> weights() {
    require();
    return weights.toHost();
  }

  /** The optimizer's state by name, copied. */
  public Map<String, HostTensor> optimizerState() {
    require();
    return optimizer.toHost();
  }

  /** Takes weights as they were stored. */
  public void restoreWeights(Map<String, HostTensor> stored) {
    require();
    weights.restore(stored);
  }

  public void restoreOptimizer(Map<String, HostTensor> stored) {
    require();
    optimizer.restore(stored);
  }

  /** Remembers weights as they were stored. */
  public void restoreBest(Map<String, HostTensor> stored) {
    keepBest();
    weights.restore(Objects.requireNonNull(best), stored);
  }

  private void require() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException("a training session is used on the thread that made it");
    }
  }

  @Override
  public void close() {
    require();
    losses.close();
    random.close();
    limits.close();
    clipping.close();
    if (chain != null) {
      chain.close();
    }
    optimizer.close();
    if (best != null) {
      best.close();
    }
    weights.close();
  }
}
