package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.BatchObserver;
import io.trainyard.engine.Engine;
import io.trainyard.engine.LossSums;
import io.trainyard.engine.Objective;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.EnsembleChoice;
import io.trainyard.spec.NetworkMembers.CountedNetwork;
import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.SweepEnsemblePlan.FoldMember;
import io.trainyard.train.SweepEnsemblePlan.TrainedTrial;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Makes an ensemble of a sweep's trials. What each trial says of the rows of the folds, by the
 * member that has not seen them, is computed once; means of it are compared, and the members of the
 * trials with the best mean are published. Nothing is random, so that an attempt that begins again
 * ends with the same bits.
 */
final class SweepEnsembleTraining {
  private static final String WEIGHTS = "weights/";
  private static final String TARGETS = "targets/";
  private static final String INPUTS = "inputs/";

  private final Engine engine;
  private final SweepEnsemblePlan plan;
  private final TrainingListener listener;
  private final int threads;

  /** By trial, in their order. */
  private final List<Answers> answers = new ArrayList<>();

  /** What the rows of all folds are compared with, one fold after the other. */
  private final List<Map<String, HostTensor>> truths = new ArrayList<>();

  private int[] numbers = new int[0];

  SweepEnsembleTraining(
      Trainer trainer, Engine engine, SweepEnsemblePlan plan, TrainingListener listener) {
    this.engine = engine;
    this.plan = plan;
    this.listener = listener;
    threads = trainer.threadsFor(sized(plan.trials().getFirst()), null);
    plan.trials().forEach(trial -> answers.add(new Answers(trial.plan().objectives())));
  }

  private TrainingPlan sized(TrainedTrial trial) {
    TrainingSpec training = trial.plan().training().onRows(plan.whole().training().rows());
    return trial.plan().with(training.saying(plan.certainty()));
  }

  TrainingOutcome run() {
    try {
      for (int fold = 0; fold < plan.folds(); fold++) {
        try (PreparedData data = plan.rows().apply(fold)) {
          int own = fold;
          of(plan.trials().getFirst()).run(() -> answer(own, data));
        }
      }
      return chosen();
    } catch (CancellationException e) {
      return listener.command() == TrainingCommand.CANCEL
          ? new TrainingOutcome.Cancelled()
          : new TrainingOutcome.Suspended(null);
    }
  }

  /** The fold members of one trial, without their weights. */
  private EnsembleMeasurement of(TrainedTrial trial) {
    return new EnsembleMeasurement(
        engine,
        listener,
        threads,
        sized(trial),
        plan.whole(),
        CountedNetwork.copies(trial.plan().network(), plan.folds(), 1),
        trial.folds().stream().map(FoldMember::member).toList(),
        List.of());
  }

  // What each trial says

  /** What a trial says of the rows by target, one fold after the other. */
  private static final class Answers implements BatchObserver {
    private final List<Map<String, HostTensor>> blocks = new ArrayList<>();
    private final LossSums losses;
    private Map<String, HostTensor> all = Map.of();

    Answers(List<Objective> objectives) {
      losses = new LossSums(objectives);
    }

    @Override
    public boolean wantsOutputs() {
      return true;
    }

    @Override
    public void output(Objective objective, HostTensor output) {
      if (blocks.isEmpty() || blocks.getLast().containsKey(objective.target())) {
        blocks.add(new LinkedHashMap<>());
      }
      blocks.getLast().put(objective.target(), copy(output));
    }

    @Override
    public void batch(Objective objective, HostTensor output, HostTensor target) {}

    /** The output that a target trains, [rows of all folds, ...]. */
    HostTensor of(String target) {
      return Objects.requireNonNull(all.get(target), target);
    }

    void join() {
      all = HostTensor.joined(blocks);
      blocks.clear();
    }
  }

  private static HostTensor copy(HostTensor tensor) {
    HostTensor copy = HostTensor.allocate(tensor.type(), tensor.shape());
    copy.data().copyFrom(tensor.data());
    return copy;
  }

  private void answer(int fold, PreparedData data) {
    int rows = data.validation().rows();
    int before = numbers.length;
    int[] own = data.rowNumbers(Part.VALIDATION, IntStream.range(0, rows).toArray());
    numbers = Arrays.copyOf(numbers, before + rows);
    System.arraycopy(own, 0, numbers, before, rows);
    truths.add(truth(data.validation()));
    for (int i = 0; i < answers.size(); i++) {
      TrainedTrial trial = plan.trials().get(i);
      EnsembleMeasurement measurement = of(trial);
      TrainingPlan member =
          trial.plan().with(measurement.idle()).from(trial.folds().get(fold).weights().get());
      int batch = member.shapes().evaluationRows(member.training().batchSize());
      try (TrainingSession session = engine.session(member);
          ResidentSubset subset = session.load(data.validation())) {
        session.stopWhen(measurement::isGivenUp);
        measurement.requireGoingOn(
            new AnsweredRows.Resident(session, subset, batch)
                .each(answers.get(i), answers.get(i).losses, () -> !measurement.isGivenUp()));
      }
    }
  }

  /** Copies of what the rows of a fold are compared with. */
  private Map<String, HostTensor> truth(Subset fold) {
    Map<String, HostTensor> truth = new LinkedHashMap<>();
    HostTensor weights = fold.weights();
    if (weights != null) {
      truth.put(WEIGHTS, copy(weights));
    }
    fold.targets().forEach((name, tensor) -> truth.put(TARGETS + name, copy(tensor)));
    for (Objective objective : plan.trials().getFirst().plan().objectives()) {
      if (objective.source() instanceof TargetSpec.Source.Input(String input)) {
        truth.put(INPUTS + input, copy(Objects.requireNonNull(fold.inputs().get(input))));
      }
    }
    return truth;
  }

  private Subset truths() {
    Map<String, HostTensor> all = HostTensor.joined(truths);
    return new Subset(
        numbers.length,
        HostTensor.below(INPUTS, all),
        HostTensor.below(TARGETS, all),
        all.get(WEIGHTS));
  }

  // The choice

  /** The mean of what some trials say. */
  private final class Mixed implements AnsweredRows {
    private final TrainingSession session;
    private final ResidentSubset subset;
    private final List<Integer> counts;
    private final int batch;

    Mixed(TrainingSession session, ResidentSubset subset, List<Integer> counts, int batch) {
      this.session = session;
      this.subset = subset;
      this.counts = counts;
      this.batch = batch;
    }

    @Override
    public int rows() {
      return numbers.length;
    }

    @Override
    public boolean each(
        @Nullable BatchObserver observer, LossSums losses, BooleanSupplier mayContinue) {
      for (int from = 0; from < rows(); from += batch) {
        if (!mayContinue.getAsBoolean()) {
          return false;
        }
        int count = Math.min(batch, rows() - from);
        losses.add(session.evaluate(subset, from, count, mean(from, count), observer));
      }
      double all = counts.stream().mapToInt(Integer::intValue).sum();
      for (int trial = 0; trial < counts.size(); trial++) {
        losses.addPenalty(answers.get(trial).losses, counts.get(trial) / all);
      }
      return true;
    }

    private Map<String, HostTensor> mean(int from, int count) {
      Map<String, HostTensor> mean = new LinkedHashMap<>();
      for (Objective objective : plan.trials().getFirst().plan().objectives()) {
        String target = objective.target();
        HostTensor like = answers.getFirst().of(target).rows(from, count);
        double[] sums = new double[Math.toIntExact(like.shape().elements())];
        int all = 0;
        for (int trial = 0; trial < counts.size(); trial++) {
          int often = counts.get(trial);
          all += often;
          if (often > 0) {
            HostTensor own = answers.get(trial).of(target).rows(from, count);
            for (int i = 0; i < sums.length; i++) {
              sums[i] += (double) often * own.floatAt(i);
            }
          }
        }
        HostTensor values = HostTensor.allocate(ElementType.FLOAT32, like.shape());
        for (int i = 0; i < sums.length; i++) {
          values.setFloat(i, (float) (sums[i] / all));
        }
        mean.put(objective.output(), values);
      }
      return mean;
    }
  }

  /**
   * A choice with what it says of the rows of the folds.
   *
   * @param greedy the trials by their place
   */
  private record Chosen(GreedyChoice greedy, OutOfFold folds) {}

  private TrainingOutcome chosen() {
    answers.forEach(Answers::join);
    TrainedTrial first = plan.trials().getFirst();
    EnsembleMeasurement measurement = of(first);
    Chosen chosen = measurement.compute(() -> choose(measurement));
    GreedyChoice greedy = chosen.greedy();
    int factor = commonFactor(greedy.counts());
    List<CountedNetwork> networks = new ArrayList<>();
    List<EnsembleMember> members = new ArrayList<>();
    List<Map<String, HostTensor>> weights = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    for (int i = 0; i < greedy.counts().size(); i++) {
      int often = greedy.counts().get(i) / factor;
      if (often > 0) {
        TrainedTrial trial = plan.trials().get(i);
        counts.add(often);
        networks.addAll(CountedNetwork.copies(trial.plan().network(), plan.folds(), often));
        for (FoldMember fold : trial.folds()) {
          members.add(fold.member().counting(often));
          weights.add(fold.weights().get());
        }
      }
    }
    TrainingOutcome.Finished finished =
        new EnsembleMeasurement(
                engine, listener, threads, sized(first), plan.whole(), networks, members, weights)
            .of(StopReason.EPOCHS, 0, chosen.folds());
    return finished.withEnsemble(new TrainingOutcome.SweepEnsemble(choice(greedy), counts));
  }

  private Chosen choose(EnsembleMeasurement measurement) {
    // The means are compared in a network of two: which weights it has does not matter.
    EnsembleMeasurement means =
        new EnsembleMeasurement(
            engine,
            listener,
            threads,
            measurement.plan(),
            plan.whole(),
            CountedNetwork.copies(measurement.plan().network(), 2, 1),
            List.of(),
            List.of());
    TrainingPlan together = means.together();
    List<MeasuredTarget> all = MeasuredTarget.of(together, plan.whole().encoding());
    boolean isLoss = Evaluator.isLoss(plan.objective(), together.objectives());
    Evaluator evaluator =
        new Evaluator(
            together.objectives(),
            isLoss ? List.of() : all.stream().map(MeasuredTarget::withoutIntervals).toList());
    int batch = together.shapes().evaluationRows(together.training().batchSize());
    try (TrainingSession session = engine.session(together);
        ResidentSubset subset = session.loadTargets(truths())) {
      session.stopWhen(measurement::isGivenUp);
      GreedyChoice greedy =
          GreedyChoice.of(
              answers.size(),
              plan.size(),
              plan.rises(),
              counts -> {
                MeasuredValues values = new MeasuredValues();
                measurement.requireGoingOn(
                    evaluator.evaluate(
                        new Mixed(session, subset, counts, batch),
                        "val_",
                        values,
                        () -> !measurement.isGivenUp()));
                return values.values().getOrDefault(plan.objective(), Double.NaN);
              });
      if (greedy == null) {
        throw new ServiceException(
            ErrorCode.NON_FINITE_LOSS,
            "No trial has a finite '%s' on the rows of all folds together"
                .formatted(plan.objective()));
      }
      OutOfFold folds = new OutOfFold(together.objectives());
      measurement.requireGoingOn(
          folds.add(
              new Mixed(session, subset, greedy.counts(), batch),
              numbers,
              () -> !measurement.isGivenUp()));
      return new Chosen(greedy, folds);
    }
  }

  private EnsembleChoice choice(GreedyChoice greedy) {
    List<EnsembleChoice.ChosenTrial> trials = new ArrayList<>();
    for (int i = 0; i < greedy.counts().size(); i++) {
      int often = greedy.counts().get(i);
      if (often > 0) {
        TrainedTrial trial = plan.trials().get(i);
        double share = (double) often / greedy.picks();
        trials.add(
            new EnsembleChoice.ChosenTrial(trial.number(), often, share, trial.parameters()));
      }
    }
    double gain = greedy.value() - greedy.bestValue();
    return new EnsembleChoice(
        plan.objective(),
        greedy.value(),
        plan.trials().get(greedy.best()).number(),
        greedy.bestValue(),
        plan.rises() ? gain : 0 - gain,
        numbers.length,
        greedy.picks(),
        trials);
  }

  private static int commonFactor(List<Integer> counts) {
    BigInteger factor = BigInteger.ZERO;
    for (int count : counts) {
      factor = factor.gcd(BigInteger.valueOf(count));
    }
    return factor.intValueExact();
  }
}
