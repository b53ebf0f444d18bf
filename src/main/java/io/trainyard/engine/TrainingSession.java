package io.trainyard.engine;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.ComputeThread;
import io.trainyard.engine.natives.NativeFailure;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.update.WeightUpdate;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.training.Precision;
import io.trainyard.spec.training.schedule.LearningRateSchedule;
import io.trainyard.spec.training.schedule.ScheduledNumber;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.lang.ref.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A network in training, with its optimizer. One compute thread creates, uses and closes it.
 *
 * <p>A step is: batch, forward, loss, backward, clipping, optimizer, max-norm constraint. The CPU
 * loss is read at each step, before any weight changes. On another device reading would wait for
 * all queued work, so losses stay there until the epoch ends.
 */
public final class TrainingSession implements AutoCloseable {
  private final ComputeThread owner = ComputeThread.current();
  private final TrainingPlan plan;
  private final List<Objective> objectives;
  private final long seed;
  private final Device device;
  private final ElementType numbers;

  private final TrainedWeights weights;
  private final Graph graph;
  private final BatchLoss loss;
  private final @Nullable DenseChain chain;

  /** Null where the optimizer does not need them. */
  private final @Nullable LeastSquares errors;

  private final WeightUpdate update;

  /** Whether the loss of a step is that of the weights after it. */
  private final boolean reportsNewLoss;

  private final RandomSource random;
  private final ForwardContext context;
  private final BatchGradients gradients;
  private final EpochLosses epochLosses;
  private final LayerDiagnostics diagnostics;
  private TrainedWeights.@Nullable Snapshot best;
  private final ScheduledNumber weightDecay;
  private double learningRate;
  private long phase;
  private long epoch;
  private String failingLayer = "";

  /** Ends long steps and evaluations early; null: nothing does. */
  private @Nullable StopHook stop;

  /**
   * @param initial a value for every weight
   */
  TrainingSession(TrainingPlan plan, Map<String, HostTensor> initial) {
    this.plan = plan;
    objectives = plan.objectives();
    seed = plan.seed();
    device = plan.device();
    numbers = plan.training().precision().weights();
    weights = new TrainedWeights(plan.network(), plan.shapes(), initial, device, numbers);
    boolean autocast = plan.training().precision() == Precision.BFLOAT16;
    graph = new Graph(plan.network(), plan.shapes(), weights, autocast);
    loss = new BatchLoss(plan, graph, weights);
    chain = DenseChain.of(plan, weights, loss.isRegularized()).orElse(null);
    errors = LeastSquares.of(plan, graph, loss, weights).orElse(null);
    update = new WeightUpdate(plan.training(), plan.network(), plan.shapes(), weights, errors);
    reportsNewLoss = plan.training().optimizer().isFullBatch();
    random = new RandomSource(seed, device);
    context = ForwardContext.training(random);
    ForwardPlan head = chain == null ? null : graph.plan(List.of(chain.source()));
    gradients =
        new BatchGradients(chain, head, graph, loss, weights, context, autocast ? device : null);
    epochLosses = new EpochLosses(device, objectives.size());
    diagnostics = new LayerDiagnostics(plan, graph);
    learningRate = plan.training().optimizer().learningRate();
    weightDecay = plan.training().optimizer().weightDecay();
  }

  /**
   * Asks between the layers of every step and evaluation from now on, forward and backward. It
   * costs some microseconds a layer. When it says yes, the call throws a {@link
   * CancellationException}: trained weights are unchanged, running statistics may have moved.
   */
  public void stopWhen(BooleanSupplier stopped) {
    requireOwner();
    if (stop != null) {
      stop.close();
    }
    stop = new StopHook(stopped);
  }

  /** Sets the learning rate of the next steps; at first it is the optimizer's. */
  public void learnAt(double rate) {
    requireOwner();
    learningRate = rate;
  }

  /**
   * Says which step is next, by which dropout and weight decay may change.
   *
   * @param step of the whole training
   */
  public void reach(LearningRateSchedule.Step step) {
    requireOwner();
    context.reach(step);
    update.decayBy(weightDecay.at(step));
  }

  /**
   * Runs an evaluation with the weights that are to be published: their average, if the training
   * keeps one.
   */
  public <T> T withPublishedWeights(Supplier<T> evaluation) {
    requireOwner();
    update.putAverageInPlace();
    try {
      return evaluation.get();
    } finally {
      update.putBack();
    }
  }

  /** Puts a subset on the device. The caller closes it before the subset's memory is freed. */
  public ResidentSubset load(Subset subset) {
    return load(subset, Map.of());
  }

  /**
   * As {@link #load(Subset)}, for rows that count by their classes too.
   *
   * @param classWeights by target, the weight of each class
   */
  public ResidentSubset load(Subset subset, Map<String, float[]> classWeights) {
    requireOwner();
    return NativeHandles.whileMaking(
        () ->
            new ResidentSubset(
                subset, graph.inputNames(), objectives, classWeights, device, numbers));
  }

  /** Sets the first weights that the first batch of the first epoch decides. */
  public void fitFirstWeights(ResidentSubset subset, long newPhase) {
    requireOwner();
    int rows = Math.min(subset.rows(), plan.training().batchSize());
    if (rows == 0 || !FittedWeights.areIn(plan)) {
      return;
    }
    if (plan.training().shuffle()) {
      subset.shuffle(seed, newPhase, 1);
    }
    try (PointerScope scope = new PointerScope()) {
      NoGradGuard guard = new NoGradGuard();
      try {
        FittedWeights.fit(plan, graph, weights, subset.inputs(0, rows));
      } finally {
        guard.deallocate();
      }
    } catch (RuntimeException e) {
      throw translate(e);
    }
  }

  /**
   * Begins an epoch: clears the losses and orders the rows.
   *
   * @param newEpoch from 1
   */
  public void beginEpoch(ResidentSubset subset, long newPhase, long newEpoch, boolean shuffle) {
    requireOwner();
    phase = newPhase;
    epoch = newEpoch;
    epochLosses.clear();
    update.beginEpoch();
    if (shuffle) {
      subset.shuffle(seed, newPhase, newEpoch);
    }
  }

  /**
   * Trains on rows {@code from} to {@code from + count} of the epoch's order.
   *
   * @param observer gets the outputs from before the weights changed; may be null
   * @return false when the loss is read and is not finite; the weights are then unchanged
   */
  public boolean step(
      ResidentSubset subset, int from, int count, @Nullable BatchObserver observer) {
    requireOwner();
    try (PointerScope scope = new PointerScope()) {
      random.at(phase, epoch, from);
      BatchGradient batch = gradients.of(subset, from, count, stop);
      BatchLoss.Terms batchLoss = batch.forward();
      if (!epochLosses.add(batchLoss, count)) {
        failingLayer = batch.firstNonFinite();
        return false;
      }
      if (observer != null && !reportsNewLoss) {
        batch.observe(observer);
      }
      if (batch.backward()) {
        if (errors != null) {
          errors.on(subset, stop);
        }
        update(batch, batchLoss.total(), from, count, from + count == subset.rows());
      }
      if (reportsNewLoss) {
        report(batch, count, observer);
      }
      return true;
    } catch (RuntimeException e) {
      throw translate(e);
    }
  }

  /** Replaces the loss of the epoch's only step by that of its new weights. */
  private void report(BatchGradient batch, int count, @Nullable BatchObserver observer) {
    epochLosses.clear();
    epochLosses.add(batch.forward(), count);
    if (observer != null) {
      batch.observe(observer);
    }
  }

  private RuntimeException translate(RuntimeException failure) {
    return stop != null && stop.hit()
        ? new CancellationException("the training step was stopped")
        : NativeFailure.translate(failure);
  }

  private void update(BatchGradient batch, Tensor batchLoss, int from, int count, boolean last) {
    if (!update.searches()) {
      update.apply(learningRate, count, last);
      return;
    }
    update.search(
        learningRate,
        batchLoss.item_double(),
        () -> {
          try (PointerScope scope = new PointerScope()) {
            random.at(phase, epoch, from);
            double again = batch.forward().total().item_double();
            return batch.backward() ? again : Double.NaN;
          }
        });
  }

  /** The losses of the epoch so far. */
  public EpochLosses losses() {
    requireOwner();
    return epochLosses;
  }

  /** The epoch's sums so far by name, to store for {@link #restoreEpoch}. */
  public Map<String, HostTensor> epochState() {
    requireOwner();
    Map<String, HostTensor> state = epochLosses.toHost();
    update.putEpochInto(state);
    return state;
  }

  /** Continues an epoch that was begun, from stored sums. */
  public void restoreEpoch(Map<String, HostTensor> state) {
    requireOwner();
    epochLosses.restore(state);
    update.restoreEpoch(state);
  }

  /**
   * The diagnostics of each layer after an epoch's last step, by the names of their values; those
   * of outputs are of the first rows of the epoch's order.
   *
   * @param atOnce rows whose outputs are computed together
   */
  public Map<String, Map<String, Double>> diagnostics(ResidentSubset subset, int atOnce) {
    requireOwner();
    try {
      return diagnostics.of(subset, atOnce, stop, update.layerNorms());
    } catch (RuntimeException e) {
      throw translate(e);
    }
  }

  /**
   * What an epoch's steps tell: the optimizer's numbers by name, the largest norm of a gradient
   * (NaN when no rule needs it), the last step's rate, and whether another would find nothing
   * better.
   */
  public record Steps(
      Map<String, Double> reported, double gradient, double learningRate, boolean exhausted) {}

  /** What the epoch's steps so far tell. */
  public Steps steps() {
    requireOwner();
    return new Steps(
        update.reported(),
        update.largestGradient(),
        update.learningRate(learningRate),
        update.isExhausted());
  }

  /** After a step that returned false: the first layer with a value that is not finite, or "". */
  public String failingLayer() {
    return failingLayer;
  }

  /**
   * The losses of rows {@code from} to {@code from + count}, computed as at prediction,
   * regularization included.
   */
  public LossSums evaluate(
      ResidentSubset subset, int from, int count, @Nullable BatchObserver observer) {
    requireOwner();
    try (PointerScope scope = new PointerScope()) {
      InferenceMode mode = new InferenceMode(true);
      try {
        @Nullable Tensor[] targets = subset.targets(from, count);
        Graph.Values values =
            graph.run(subset.inputs(from, count), loss.plan(), ForwardContext.PREDICTION, stop);
        if (observer != null) {
          loss.observe(values, targets, observer);
        }
        @Nullable Tensor[] weights = subset.weights(from, count);
        return loss.sums(loss.of(values, targets, weights), values, targets, weights, count);
      } finally {
        mode.deallocate();
      }
    } catch (RuntimeException e) {
      throw translate(e);
    }
  }

  /** Puts what rows are compared with on the device, without their inputs. */
  public ResidentSubset loadTargets(Subset subset) {
    requireOwner();
    return NativeHandles.whileMaking(
        () -> new ResidentSubset(subset, List.of(), objectives, Map.of(), device, numbers));
  }

  /**
   * The losses of outputs that are given in place of the network's, as those of a mean of members.
   *
   * @param outputs by the layer that gives such an output
   */
  public LossSums evaluate(
      ResidentSubset subset,
      int from,
      int count,
      Map<String, HostTensor> outputs,
      @Nullable BatchObserver observer) {
    requireOwner();
    try (PointerScope scope = new PointerScope()) {
      InferenceMode mode = new InferenceMode(true);
      try {
        Map<String, Tensor> given = new LinkedHashMap<>();
        ScalarType type = TensorConversion.scalarType(numbers);
        outputs.forEach(
            (layer, output) ->
                given.put(
                    layer, TensorConversion.as(type, TensorConversion.resident(output, device))));
        Graph.Values values = graph.given(given);
        @Nullable Tensor[] targets = subset.targets(from, count);
        if (observer != null) {
          loss.observe(values, targets, observer);
        }
        @Nullable Tensor[] weights = subset.weights(from, count);
        BatchLoss.Terms terms = loss.ofOutputs(values, targets, weights);
        return loss.sums(terms, values, targets, weights, count);
      } finally {
        mode.deallocate();
      }
    } catch (RuntimeException e) {
      throw translate(e);
    }
  }

  /**
   * The values of layers for rows that are not trained on, computed as at prediction.
   *
   * @param inputs encoded as the training rows are, each [rows, …]
   * @param names of layers
   */
  public Map<String, HostTensor> outputs(Map<String, HostTensor> inputs, List<String> names) {
    requireOwner();
    try (PointerScope scope = new PointerScope()) {
      InferenceMode mode = new InferenceMode(true);
      try {
        List<String> inputNames = graph.inputNames();
        @Nullable Tensor[] given = new Tensor[inputNames.size()];
        for (int i = 0; i < given.length; i++) {
          Tensor host =
              TensorConversion.view(Objects.requireNonNull(inputs.get(inputNames.get(i))));
          Tensor typed = TensorConversion.as(TensorConversion.scalarType(numbers), host);
          given[i] = TensorConversion.on(device, typed);
        }
        Graph.Values values = graph.run(given, graph.plan(names), ForwardContext.PREDICTION, stop);
        Map<String, HostTensor> outputs = new LinkedHashMap<>();
        for (String name : names) {
          outputs.put(name, TensorConversion.toHost(graph.value(values, name)));
        }
        return outputs;
      } finally {
        mode.deallocate();
      }
    } catch (RuntimeException e) {
      throw translate(e);
    } finally {
      Reference.reachabilityFence(inputs);
    }
  }

  /** Keeps a copy of the current weights, or of their average, as the best. */
  public void keepBest() {
    requireOwner();
    TrainedWeights.Snapshot kept = best == null ? weights.snapshot() : best;
    best = withPublishedWeights(() -> weights.copyTo(kept));
  }

  /** {@link #bestWeights} as they are published: numbers of 32 bits. */
  public Map<String, HostTensor> publishedWeights() {
    return TensorConversion.as(ElementType.FLOAT32, bestWeights());
  }

  /** The current weights, or their average, as they would be published. */
  public Map<String, HostTensor> lastWeights() {
    return TensorConversion.as(ElementType.FLOAT32, withPublishedWeights(this::weights));
  }

  /** The best weights kept, or the current ones if none were. */
  public Map<String, HostTensor> bestWeights() {
    requireOwner();
    return best == null ? weights.toHost() : weights.toHost(best);
  }

  /** A copy of the current weights by stored name. */
  public Map<String, HostTensor> weights() {
    requireOwner();
    return weights.toHost();
  }

  /** A copy of the optimizer's state by name. */
  public Map<String, HostTensor> optimizerState() {
    requireOwner();
    return update.toHost();
  }

  public void restoreWeights(Map<String, HostTensor> stored) {
    requireOwner();
    weights.restore(stored);
  }

  public void restoreOptimizer(Map<String, HostTensor> stored) {
    requireOwner();
    update.restore(stored);
  }

  /** Makes stored weights the best. */
  public void restoreBest(Map<String, HostTensor> stored) {
    keepBest();
    weights.restore(Objects.requireNonNull(best), stored);
  }

  private void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException("a training session is used on the thread that created it");
    }
  }

  @Override
  public void close() {
    requireOwner();
    if (stop != null) {
      stop.close();
    }
    epochLosses.close();
    random.close();
    update.close();
    if (errors != null) {
      errors.close();
    }
    if (chain != null) {
      chain.close();
    }
    if (best != null) {
      best.close();
    }
    weights.close();
  }
}
