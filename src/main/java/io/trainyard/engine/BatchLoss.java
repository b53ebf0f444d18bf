package io.trainyard.engine;

import io.trainyard.engine.loss.Compared;
import io.trainyard.engine.loss.CoxLoss;
import io.trainyard.engine.loss.Losses;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.ClassLoss;
import io.trainyard.spec.training.NumberLoss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The loss of a batch: Σ weight·loss over the objectives, plus the regularization. */
final class BatchLoss {
  /** Probabilities are clamped to this minimum before their logarithm. */
  private static final double SMALLEST = 1e-7;

  private final Graph graph;
  private final List<Objective> objectives;

  /** By objective, the layer whose activation the output has. */
  private final List<Layer> computing = new ArrayList<>();

  /** By objective, the value whose members its output averages. */
  private final List<Optional<String>> members = new ArrayList<>();

  /** By objective, whether its output is a mean of members. */
  private final List<Boolean> means = new ArrayList<>();

  private final Regularization regularization;
  private final ForwardPlan plan;

  /** Whether the outputs' errors move the weights, in place of the loss's gradient. */
  private final boolean byErrors;

  BatchLoss(TrainingPlan plan, Graph graph, TrainedWeights weights) {
    this.graph = graph;
    objectives = plan.objectives();
    byErrors = plan.training().optimizer().learnsFromErrors();
    regularization = new Regularization(plan, weights);
    List<String> layers = new ArrayList<>(regularization.layers());
    for (Objective objective : objectives) {
      layers.add(objective.output());
      if (objective.source() instanceof TargetSpec.Source.LayerOutput(String layer)) {
        layers.add(layer);
      }
      computing.add(plan.network().computing(objective.output()));
      members.add(plan.network().members(objective.output()));
      means.add(plan.network().isMean(objective.output()));
    }
    this.plan = graph.plan(layers);
  }

  boolean isRegularized() {
    return !regularization.isEmpty();
  }

  /** Computes the values that the loss is computed from. */
  ForwardPlan plan() {
    return plan;
  }

  /**
   * The loss of a batch.
   *
   * @param total what training minimizes
   * @param data the part of it without regularization
   * @param terms each objective's loss, without its weight
   */
  record Terms(Tensor total, Tensor data, List<Tensor> terms) {
    /** The loss of one objective. */
    static Terms of(Tensor loss) {
      return new Terms(loss, loss, List.of(loss));
    }
  }

  /**
   * The loss as scalar tensors.
   *
   * @param targets by objective; null where a layer's output is the target
   * @param weights of the rows by objective; null where every row counts the same
   */
  Terms of(Graph.Values values, @Nullable Tensor[] targets, @Nullable Tensor[] weights) {
    return of(values, targets, weights, false);
  }

  /** As {@link #of}, for a step: the members of an ensemble each have their own loss. */
  Terms ofStep(Graph.Values values, @Nullable Tensor[] targets, @Nullable Tensor[] weights) {
    return of(values, targets, weights, true);
  }

  /** As {@link #of}, of outputs alone: the weights that made them are not known. */
  Terms ofOutputs(Graph.Values values, @Nullable Tensor[] targets, @Nullable Tensor[] weights) {
    return terms(values, targets, weights, false, false);
  }

  private Terms of(
      Graph.Values values,
      @Nullable Tensor[] targets,
      @Nullable Tensor[] weights,
      boolean byMember) {
    return terms(values, targets, weights, byMember, true);
  }

  private Terms terms(
      Graph.Values values,
      @Nullable Tensor[] targets,
      @Nullable Tensor[] weights,
      boolean byMember,
      boolean penalized) {
    Tensor sum = null;
    List<Tensor> terms = new ArrayList<>();
    for (int i = 0; i < targets.length; i++) {
      Objective objective = objectives.get(i);
      boolean each =
          byMember && members.get(i).isPresent() && !(objective.loss() instanceof NumberLoss.Cox);
      Tensor loss =
          each
              ? ofMembers(i, values, targets[i], weights[i])
              : Losses.of(objective.loss(), compared(i, values, targets[i]), weights[i]);
      terms.add(loss);
      Tensor weighted = objective.weight() == 1 ? loss : loss.mul(new Scalar(objective.weight()));
      sum = sum == null ? weighted : sum.add(weighted);
    }
    Tensor data = Objects.requireNonNull(sum, "a training needs a target");
    Tensor total = penalized ? regularization.addTo(data, graph, values) : data;
    return new Terms(total, data, terms);
  }

  /** Members as rows: their losses' mean over all of them is the mean of the members' losses. */
  private Tensor ofMembers(
      int index, Graph.Values values, @Nullable Tensor given, @Nullable Tensor weights) {
    Objective objective = objectives.get(index);
    Tensor each = graph.value(values, members.get(index).orElseThrow());
    Tensor before = graph.value(values, computing.get(index).name() + ":pre");
    long count = each.size(1);
    Compared compared =
        new Compared(
            before.flatten(0, 1),
            each.flatten(0, 1),
            objective.last(),
            repeated(target(objective, values, given), count));
    return Losses.of(objective.loss(), compared, weights == null ? null : repeated(weights, count));
  }

  /** Each row as often as there are members. */
  private static Tensor repeated(Tensor rows, long count) {
    long[] sizes = new long[(int) rows.dim() + 1];
    Arrays.fill(sizes, -1);
    sizes[1] = count;
    return rows.unsqueeze(1).expand(sizes, false).flatten(0, 1);
  }

  private Compared compared(int index, Graph.Values values, @Nullable Tensor target) {
    Objective objective = objectives.get(index);
    if (means.get(index)) {
      // A mean of probabilities has no logits.
      Tensor mean = graph.value(values, objective.output());
      if (objective.loss() instanceof ClassLoss.Focal focal && !focal.fromLogits()) {
        return new Compared(
            logits(mean, objective.last()),
            mean,
            objective.last(),
            target(objective, values, target));
      }
      return new Compared(mean, mean, Function.LINEAR, target(objective, values, target));
    }
    return new Compared(
        graph.value(values, computing.get(index).name() + ":pre"),
        graph.value(values, objective.output()),
        objective.last(),
        target(objective, values, target));
  }

  /** Numbers that become the probabilities by softmax or sigmoid. */
  private static Tensor logits(Tensor probabilities, Function last) {
    Tensor p = probabilities.clamp_min(new Scalar(SMALLEST));
    if (last == Function.SOFTMAX) {
      return p.log();
    }
    Tensor held = p.clamp_max(new Scalar(1 - SMALLEST));
    return held.log().sub(held.neg().add(new Scalar(1.0)).log());
  }

  /**
   * What a step descends: the loss; or where errors move the weights Σ weight·(y − t)·z over the
   * rows, with z the output y before its activation. Its gradient by z is y − t, that by a weight
   * of the output's layer (y − t)·x.
   */
  Tensor descended(
      Terms loss, Graph.Values values, @Nullable Tensor[] targets, @Nullable Tensor[] weights) {
    if (!byErrors) {
      return loss.total();
    }
    Tensor sum = null;
    for (int i = 0; i < targets.length; i++) {
      Objective objective = objectives.get(i);
      Tensor output = graph.value(values, objective.output());
      Tensor target = Losses.matching(target(objective, values, targets[i]), output);
      Tensor rows =
          output
              .sub(target)
              .detach()
              .mul(graph.value(values, computing.get(i).name() + ":pre"))
              .flatten(1, -1)
              .sum(1);
      Tensor weight = weights[i];
      Tensor term = (weight == null ? rows : rows.mul(weight)).sum();
      Tensor weighted = term.mul(new Scalar(objective.weight()));
      sum = sum == null ? weighted : sum.add(weighted);
    }
    return Objects.requireNonNull(sum, "a training needs a target");
  }

  /**
   * The sums of an evaluation's batch.
   *
   * @param rows of the batch
   */
  LossSums sums(
      Terms loss,
      Graph.Values values,
      @Nullable Tensor[] targets,
      @Nullable Tensor[] weights,
      int rows) {
    double[] terms = new double[weights.length];
    double[] sums = new double[weights.length];
    for (int i = 0; i < terms.length; i++) {
      Tensor weight = weights[i];
      terms[i] = loss.terms().get(i).item_double();
      sums[i] = weight == null ? rows : Losses.sumOf(weight).item_double();
    }
    double penalty = isRegularized() ? loss.total().item_double() - loss.data().item_double() : 0;
    LossSums all = new LossSums(objectives, rows, penalty, terms, sums);
    for (int i = 0; i < terms.length; i++) {
      Objective objective = objectives.get(i);
      Tensor target = targets[i];
      if (objective.loss() instanceof NumberLoss.Cox && target != null) {
        CoxLoss.add(graph.value(values, objective.output()), target, all.survival(i));
      }
    }
    return all;
  }

  Tensor target(Objective objective, Graph.Values values, @Nullable Tensor given) {
    if (given != null) {
      return given;
    }
    TargetSpec.Source.LayerOutput source = (TargetSpec.Source.LayerOutput) objective.source();
    return graph.value(values, source.layer()).detach();
  }

  /** Shows every objective's output and target to an observer. */
  void observe(Graph.Values values, @Nullable Tensor[] targets, BatchObserver observer) {
    for (int i = 0; i < targets.length; i++) {
      Objective objective = objectives.get(i);
      Tensor whole = graph.value(values, objective.output());
      if (observer.wantsOutputs()) {
        observer.output(objective, TensorConversion.borrow(onHost(whole)));
      }
      Tensor output = onHost(Losses.predicted(objective.loss(), whole));
      Tensor target = onHost(target(objective, values, targets[i]));
      observer.batch(objective, TensorConversion.borrow(output), TensorConversion.borrow(target));
    }
    if (observer.wantsRowLosses()) {
      observer.rowLosses(TensorConversion.borrow(onHost(ofRows(values, targets))));
    }
  }

  private Tensor ofRows(Graph.Values values, @Nullable Tensor[] targets) {
    Tensor sum = null;
    for (int i = 0; i < targets.length; i++) {
      Objective objective = objectives.get(i);
      Tensor loss = Losses.ofRows(objective.loss(), compared(i, values, targets[i]));
      Tensor weighted = loss.mul(new Scalar(objective.weight()));
      sum = sum == null ? weighted : sum.add(weighted);
    }
    return Objects.requireNonNull(sum, "a training needs a target");
  }

  private static Tensor onHost(Tensor tensor) {
    Tensor detached = TensorConversion.as(ScalarType.Float, tensor.detach());
    return (detached.is_cuda() ? detached.cpu() : detached).contiguous();
  }
}
