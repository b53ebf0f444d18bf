package io.trainyard.train;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.FittedCertainty;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.Engine;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import io.trainyard.train.metric.BaselineMetrics;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains the members of an ensemble one after the other, and measures what they answer together.
 * Each is trained as a job of its own would be. A checkpoint has the weights of those that are
 * finished, which are not trained again.
 */
final class EnsembleTraining {
  /** Before the number of a finished member and its weights. */
  private static final String MEMBERS = NetworkMembers.NAME + "/";

  private final Trainer trainer;
  private final Engine engine;
  private final EnsemblePlan plan;
  private final TrainingListener listener;
  private final int threads;
  private final List<EnsembleMember> finished = new ArrayList<>();

  /** By number and name: {@code 0/fc1.weight}. */
  private final Map<String, HostTensor> weights = new LinkedHashMap<>();

  /** Whether a checkpoint of this training is inside the current member. */
  private boolean isInside;

  /** The training time of the finished members. */
  private double seconds;

  EnsembleTraining(
      Trainer trainer,
      Engine engine,
      EnsemblePlan plan,
      TrainingListener listener,
      @Nullable Checkpoint resume) {
    this.trainer = trainer;
    this.engine = engine;
    this.plan = plan;
    this.listener = listener;
    threads = trainer.threadsFor(plan.sized(), resume);
    if (resume != null) {
      finished.addAll(resume.position().members());
      weights.putAll(resume.tensors(MEMBERS));
      seconds = resume.position().elapsedSeconds();
    }
  }

  TrainingOutcome run(@Nullable Checkpoint resume) {
    Checkpoint own = resume == null ? null : current(resume);
    isInside = own != null;
    while (finished.size() < plan.ensemble().members()) {
      TrainingOutcome outcome = train(own);
      own = null;
      switch (outcome) {
        case TrainingOutcome.Finished member -> {
          if (ends(member.reason())) {
            return measured(member.reason());
          }
          isInside = false;
          listener.checkpoint(between());
        }
        case TrainingOutcome.Suspended(Checkpoint at) -> {
          return new TrainingOutcome.Suspended(at == null ? lastCheckpoint() : with(at));
        }
        case TrainingOutcome.Cancelled cancelled -> {
          // A stopped training may be suspended by now.
          boolean stopped = listener.command() != TrainingCommand.CANCEL && !finished.isEmpty();
          return stopped ? measured(StopReason.STOPPED) : cancelled;
        }
        case TrainingOutcome.OutOfTime late -> {
          return finished.isEmpty() ? late : measured(StopReason.TIME_LIMIT);
        }
        case TrainingOutcome.Searched searched -> {
          return searched;
        }
      }
    }
    return measured(finished.getLast().reason());
  }

  /** Whether the members after one that ended so are not trained. */
  private static boolean ends(StopReason reason) {
    return reason == StopReason.STOPPED || reason == StopReason.TIME_LIMIT;
  }

  private TrainingOutcome train(@Nullable Checkpoint resume) {
    int member = finished.size();
    Ensemble ensemble = plan.ensemble();
    MemberListener own = MemberListener.of(listener, finished, ensemble.members(), this::inside);
    try (PreparedData data = plan.rows().apply(member)) {
      TrainingPlan ofMember = plan.of(member, data);
      TrainingOutcome outcome = trainer.train(ofMember, data, resume, own, threads, seconds);
      if (outcome instanceof TrainingOutcome.Finished ended) {
        seconds = ended.seconds();
        ended.weights().forEach((name, tensor) -> weights.put(member + "/" + name, tensor));
        finished.add(
            new EnsembleMember(
                ensemble.hasFolds() ? member + 1 : 0,
                ofMember.seed(),
                data.training().rows(),
                data.validation().rows(),
                ended.epochs(),
                ended.reason(),
                Objects.requireNonNull(ended.best(), "a finished member has an epoch"),
                Objects.requireNonNull(ended.last(), "a finished member has an epoch")));
      }
      return outcome;
    } catch (NonFiniteLossException e) {
      throw e.inMember(member, own.before());
    }
  }

  // Checkpoints

  /** Where the current member continues; null: at its start. */
  private static @Nullable Checkpoint current(Checkpoint resume) {
    Map<String, HostTensor> own = new LinkedHashMap<>();
    resume
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.startsWith(MEMBERS)) {
                own.put(name, tensor);
              }
            });
    return own.isEmpty() ? null : new Checkpoint(resume.position().after(List.of()), own);
  }

  /** A member's checkpoint with the finished members. */
  private Checkpoint with(Checkpoint own) {
    Map<String, HostTensor> all = new LinkedHashMap<>(own.tensors());
    weights.forEach((name, tensor) -> all.put(MEMBERS + name, tensor));
    return new Checkpoint(own.position().after(finished), all);
  }

  /** A checkpoint that the current member makes before its end. */
  private Checkpoint inside(Checkpoint own) {
    isInside = true;
    return with(own);
  }

  /**
   * The last checkpoint, where a member ends without one. Null: it is stored. The one before the
   * member is given again, since storing it may have failed.
   */
  private @Nullable Checkpoint lastCheckpoint() {
    return isInside ? null : between();
  }

  /** The state between two members. */
  private Checkpoint between() {
    return with(
        new Checkpoint(
            new Checkpoint.Position(0, 0, threads, seconds, null, null, 0, null, List.of(), null),
            Map.of()));
  }

  // The ensemble

  private TrainingOutcome measured(StopReason reason) {
    try {
      TrainingPlan together = together();
      OutOfFold folds = plan.ensemble().hasFolds() ? outOfFold(together) : null;
      return compute(() -> measure(reason, together, folds));
    } catch (CancellationException e) {
      return listener.command() == TrainingCommand.CANCEL
          ? new TrainingOutcome.Cancelled()
          : new TrainingOutcome.Suspended(between());
    }
  }

  /** Rows are read and encoded on other threads, which keep denormal numbers. */
  private <T> T compute(Supplier<T> work) {
    return engine
        .threads()
        .call(
            threads,
            () -> {
              try {
                return work.get();
              } finally {
                NativeMemory.trim();
                DeviceMemory.release(plan.plan().device());
              }
            });
  }

  private boolean isGivenUp() {
    return switch (listener.command()) {
      case CONTINUE, STOP -> false;
      case CANCEL, SUSPEND -> true;
    };
  }

  private TrainingOutcome measure(
      StopReason reason, TrainingPlan together, @Nullable OutOfFold folds) {
    PreparedData whole = plan.whole();
    int batch = together.shapes().evaluationRows(together.training().batchSize());
    Part part = folds == null ? leastSeen(whole) : Part.OUT_OF_FOLD;
    Subset reported =
        switch (part) {
          case TRAINING -> whole.training();
          case VALIDATION -> whole.validation();
          case TEST, OUT_OF_FOLD -> whole.test();
        };
    try (TrainingSession session = engine.session(together);
        ResidentSubset validation = session.load(whole.validation());
        ResidentSubset own = session.load(reported)) {
      session.stopWhen(this::isGivenUp);
      Measured measured = new Measured(together, whole.encoding());
      AnsweredRows rows = new AnsweredRows.Resident(session, own, batch);
      if (folds != null) {
        measured.learn(folds);
        Evaluation evaluation = measured.report(part, folds, folds::numbers);
        return finished(reason, measured, evaluation, measured.test(rows, whole));
      }
      measured.learn(new AnsweredRows.Resident(session, validation, batch));
      Evaluation evaluation = measured.report(part, rows, places -> whole.rowNumbers(part, places));
      MeasuredValues ofTest =
          part == Part.TEST ? evaluation.measured().withPrefix("test_") : new MeasuredValues();
      return finished(reason, measured, evaluation, ofTest);
    }
  }

  /** The part that the members have seen least of. */
  private static Part leastSeen(PreparedData whole) {
    if (whole.test().rows() > 0) {
      return Part.TEST;
    }
    return whole.validation().rows() > 0 ? Part.VALIDATION : Part.TRAINING;
  }

  /** All members as one network, whose training changes nothing. */
  private TrainingPlan together() {
    TrainingPlan one = plan.plan();
    NetworkSpec network = NetworkMembers.of(one.network(), finished.size());
    NetworkShapes shapes =
        ShapeInference.infer(network, one.shapes().inputs(), "", new Violations());
    TrainingSpec training = plan.sized().training();
    return new TrainingPlan(
        network,
        shapes,
        one.targets(),
        training.measuring(training.metrics(), EvaluatedTargets.idleTraining()),
        one.seed(),
        published(),
        one.threads(),
        one.device());
  }

  /** The weights of all members by stored name; those of a single one are a network's own. */
  private Map<String, HostTensor> published() {
    if (finished.size() == 1) {
      return HostTensor.below("0/", weights);
    }
    Map<String, HostTensor> all = new LinkedHashMap<>();
    IntStream.range(0, finished.size())
        .forEach(
            member ->
                HostTensor.below(member + "/", weights)
                    .forEach(
                        (name, tensor) -> all.put(NetworkMembers.stored(member, name), tensor)));
    return all;
  }

  /** What each member says of its fold. */
  private OutOfFold outOfFold(TrainingPlan together) {
    OutOfFold folds = new OutOfFold(together.objectives());
    for (int member = 0; member < finished.size(); member++) {
      Map<String, HostTensor> own = HostTensor.below(member + "/", weights);
      try (PreparedData data = plan.rows().apply(member)) {
        TrainingPlan one = plan.of(member, data).with(together.training()).from(own);
        boolean whole = compute(() -> addTo(folds, one, data));
        if (!whole) {
          throw new CancellationException("the training was given up");
        }
      }
    }
    return folds;
  }

  private boolean addTo(OutOfFold folds, TrainingPlan one, PreparedData data) {
    int batch = one.shapes().evaluationRows(one.training().batchSize());
    try (TrainingSession session = engine.session(one);
        ResidentSubset fold = session.load(data.validation())) {
      session.stopWhen(this::isGivenUp);
      return folds.add(
          new AnsweredRows.Resident(session, fold, batch),
          data.rowNumbers(Part.VALIDATION, IntStream.range(0, fold.rows()).toArray()),
          () -> !isGivenUp());
    }
  }

  /** What is learned and measured of the ensemble. */
  private final class Measured {
    private final TrainingPlan together;
    private final Encoding encoding;
    private final List<MeasuredTarget> all;
    private final Evaluator evaluator;
    private final MeasuredValues values = new MeasuredValues();
    private FittedCertainty certainty = FittedCertainty.NONE;
    private Map<String, Decision> decisions = Map.of();

    Measured(TrainingPlan together, Encoding encoding) {
      this.together = together;
      this.encoding = encoding;
      all = MeasuredTarget.of(together, encoding.sure(FittedCertainty.NONE));
      evaluator = new Evaluator(together.objectives(), all);
    }

    /** Learns on rows that no weight was trained on, and measures them. */
    void learn(AnsweredRows rows) {
      certainty =
          evaluator.learnCertainty(
              plan.plan().training().certainty(),
              rows,
              all,
              encoding,
              together.seed(),
              note -> listener.note(true, note));
      decisions = evaluator.chooseThresholds(rows);
      if (rows.rows() > 0) {
        var _ = evaluator.evaluate(rows, "val_", values, () -> true);
      }
    }

    Evaluation report(Part part, AnsweredRows rows, UnaryOperator<int[]> numbering) {
      return evaluator.report(part, rows, numbering, encoding);
    }

    MeasuredValues test(AnsweredRows rows, PreparedData whole) {
      return rows.rows() == 0
          ? new MeasuredValues()
          : report(Part.TEST, rows, places -> whole.rowNumbers(Part.TEST, places))
              .measured()
              .withPrefix("test_");
    }

    /** The record of the whole; of the training rows it has the members' means. */
    EpochRecord record() {
      Map<String, Double> ofAll = new LinkedHashMap<>();
      for (EnsembleMember member : finished) {
        member
            .best()
            .values()
            .forEach(
                (name, value) -> {
                  if (!name.startsWith("val_")) {
                    ofAll.merge(name, value / finished.size(), Double::sum);
                  }
                });
      }
      values.values().forEach(ofAll::put);
      MeasuredValues measured = new MeasuredValues();
      measured.values().putAll(ofAll);
      measured.notes().putAll(values.notes());
      EpochRecord end = finished.getLast().last();
      int epochs = finished.stream().mapToInt(EnsembleMember::epochs).sum();
      return new EpochRecord(epochs, NetworkMembers.NAME, ofAll, end.learningRate(), 0)
          .published(measured, evaluator.decisions(encoding));
    }
  }

  /** Null where the members together have not seen all the rows that a baseline is learned on. */
  private @Nullable BaselineMetrics baseline(Measured measured, Evaluation evaluation) {
    PreparedData whole = plan.whole();
    return evaluation.part() == Part.OUT_OF_FOLD && evaluation.rows() != whole.training().rows()
        ? null
        : measured.evaluator.baseline(evaluation.part(), whole);
  }

  private TrainingOutcome.Finished finished(
      StopReason reason, Measured measured, Evaluation evaluation, MeasuredValues ofTest) {
    int epochs = finished.stream().mapToInt(EnsembleMember::epochs).sum();
    int before = epochs - finished.getLast().epochs();
    EpochRecord end =
        finished.getLast().last().shifted(before, MemberListener.phase(finished.size() - 1));
    return new TrainingOutcome.Finished(
        published(),
        measured.record(),
        end,
        ofTest,
        evaluation,
        baseline(measured, evaluation),
        measured.decisions,
        measured.certainty,
        reason,
        epochs,
        threads,
        plan.plan().device(),
        seconds,
        null,
        finished);
  }
}
