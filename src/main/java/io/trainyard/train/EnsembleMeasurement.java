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
import io.trainyard.spec.NetworkMembers.CountedNetwork;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.metric.BaselineMetrics;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredForm;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What trained members answer together: learned, measured, and put under the names by which a
 * version stores them.
 *
 * @param plan of a member; its training says what is learned of the whole
 * @param whole the rows of all members together
 * @param networks of the members, in their order
 * @param members in the order of their weights
 * @param weights of each member by stored name
 */
record EnsembleMeasurement(
    Engine engine,
    TrainingListener listener,
    int threads,
    TrainingPlan plan,
    PreparedData whole,
    List<CountedNetwork> networks,
    List<EnsembleMember> members,
    List<Map<String, HostTensor>> weights) {
  /**
   * Measures the members together.
   *
   * @param seconds of training
   * @param folds what each says of the rows that it has not seen; null where they have the same
   *     rows
   * @throws CancellationException when the training was given up
   */
  TrainingOutcome.Finished of(StopReason reason, double seconds, @Nullable OutOfFold folds) {
    TrainingPlan together = together();
    return compute(() -> measure(reason, seconds, together, folds));
  }

  /** Rows are read and encoded on other threads, which keep denormal numbers. */
  <T> T compute(Supplier<T> work) {
    return engine
        .threads()
        .call(
            threads,
            () -> {
              try {
                return work.get();
              } finally {
                NativeMemory.trim();
                DeviceMemory.release(plan.device());
              }
            });
  }

  /** As {@link #compute}, of work without a result. */
  void run(Runnable work) {
    var _ =
        compute(
            () -> {
              work.run();
              return threads;
            });
  }

  /**
   * Adds what a network says of the rows of its fold.
   *
   * @param one whose training changes nothing
   */
  void add(OutOfFold folds, TrainingPlan one, PreparedData data) {
    int batch = one.shapes().evaluationRows(one.training().batchSize());
    try (TrainingSession session = engine.session(one);
        ResidentSubset fold = session.load(data.validation())) {
      session.stopWhen(this::isGivenUp);
      requireGoingOn(
          folds.add(
              new AnsweredRows.Resident(session, fold, batch),
              data.rowNumbers(Part.VALIDATION, IntStream.range(0, fold.rows()).toArray()),
              () -> !isGivenUp()));
    }
  }

  boolean isGivenUp() {
    return switch (listener.command()) {
      case CONTINUE, STOP -> false;
      case CANCEL, SUSPEND -> true;
    };
  }

  /** Ends work that was given up. */
  void requireGoingOn(boolean goesOn) {
    if (!goesOn) {
      throw new CancellationException("the training was given up");
    }
  }

  private TrainingOutcome.Finished measure(
      StopReason reason, double seconds, TrainingPlan together, @Nullable OutOfFold folds) {
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
        return finished(reason, seconds, measured, evaluation, measured.test(rows));
      }
      measured.learn(new AnsweredRows.Resident(session, validation, batch));
      Evaluation evaluation = measured.report(part, rows, places -> whole.rowNumbers(part, places));
      return finished(reason, seconds, measured, evaluation, part == Part.TEST ? evaluation : null);
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
  TrainingPlan together() {
    NetworkSpec network = NetworkMembers.of(networks);
    NetworkShapes shapes =
        ShapeInference.infer(network, plan.shapes().inputs(), "", new Violations());
    return new TrainingPlan(
        network,
        shapes,
        plan.targets(),
        idle(),
        plan.seed(),
        published(),
        plan.threads(),
        plan.device());
  }

  /** The training of a member, which changes nothing. */
  TrainingSpec idle() {
    TrainingSpec training = plan.training();
    return training.measuring(training.metrics(), EvaluatedTargets.idleTraining());
  }

  /** The weights of all members by stored name; those of a single one are a network's own. */
  private Map<String, HostTensor> published() {
    if (networks.size() == 1) {
      return weights.getFirst();
    }
    Map<String, HostTensor> all = new LinkedHashMap<>();
    IntStream.range(0, weights.size())
        .forEach(
            member ->
                weights
                    .get(member)
                    .forEach(
                        (name, tensor) -> all.put(NetworkMembers.stored(member, name), tensor)));
    return all;
  }

  /** What is learned and measured of the ensemble. */
  private final class Measured {
    private final TrainingPlan together;
    private final Encoding encoding;
    private final List<MeasuredTarget> all;
    private final Evaluator evaluator;
    private final MeasuredValues values = new MeasuredValues();

    /** The form of the members' values of the training rows. */
    private final MeasuredForm ofMembers;

    private int learnedFrom;
    private FittedCertainty certainty = FittedCertainty.NONE;
    private Map<String, Decision> decisions = Map.of();

    Measured(TrainingPlan together, Encoding encoding) {
      this.together = together;
      this.encoding = encoding;
      all = MeasuredTarget.of(together, encoding.sure(FittedCertainty.NONE));
      evaluator = new Evaluator(together.objectives(), all);
      ofMembers =
          new Evaluator(
                  together.objectives(), all.stream().map(MeasuredTarget::duringEpochs).toList())
              .form(Part.TRAINING, whole.training().rows(), encoding);
    }

    /** Learns on rows that no weight was trained on, and measures them. */
    void learn(AnsweredRows rows) {
      learnedFrom = rows.rows();
      certainty =
          evaluator.learnCertainty(
              plan.training().certainty(),
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

    @Nullable Evaluation test(AnsweredRows rows) {
      return rows.rows() == 0
          ? null
          : report(Part.TEST, rows, places -> whole.rowNumbers(Part.TEST, places));
    }

    /**
     * The forms of the record and of the test values.
     *
     * @param test null without test rows
     */
    MeasuredForms forms(@Nullable Evaluation test) {
      Map<String, MeasuredForm> best = new LinkedHashMap<>();
      if (learnedFrom > 0) {
        Part part = whole.validation().rows() > 0 ? Part.VALIDATION : Part.OUT_OF_FOLD;
        best.put(MeasuredForms.VALIDATION, evaluator.form(part, learnedFrom, encoding));
      }
      best.put(MeasuredForms.TRAINING, ofMembers);
      Map<String, MeasuredForm> last = new LinkedHashMap<>(best);
      if (test != null) {
        last.put(MeasuredForms.TEST, test.form());
      }
      return new MeasuredForms(last, best);
    }

    /** The record of the whole; of the training rows it has the members' means. */
    EpochRecord record() {
      Map<String, Double> ofAll = new LinkedHashMap<>();
      int counted = members.stream().mapToInt(EnsembleMember::weight).sum();
      for (EnsembleMember member : members) {
        member
            .best()
            .values()
            .forEach(
                (name, value) -> {
                  if (!name.startsWith("val_")) {
                    ofAll.merge(name, value * member.weight() / counted, Double::sum);
                  }
                });
      }
      values.values().forEach(ofAll::put);
      MeasuredValues measured = new MeasuredValues();
      measured.values().putAll(ofAll);
      measured.notes().putAll(values.notes());
      EpochRecord end = members.getLast().last();
      int epochs = members.stream().mapToInt(EnsembleMember::epochs).sum();
      return new EpochRecord(epochs, NetworkMembers.NAME, ofAll, end.learningRate(), 0)
          .published(measured, evaluator.decisions(encoding));
    }
  }

  /** Null where the members together have not seen all the rows that a baseline is learned on. */
  private @Nullable BaselineMetrics baseline(Measured measured, Evaluation evaluation) {
    return evaluation.part() == Part.OUT_OF_FOLD && evaluation.rows() != whole.training().rows()
        ? null
        : measured.evaluator.baseline(evaluation.part(), whole);
  }

  private TrainingOutcome.Finished finished(
      StopReason reason,
      double seconds,
      Measured measured,
      Evaluation evaluation,
      @Nullable Evaluation test) {
    int epochs = members.stream().mapToInt(EnsembleMember::epochs).sum();
    EpochRecord record = measured.record();
    return new TrainingOutcome.Finished(
        published(),
        record,
        record,
        measured.forms(test),
        test == null ? new MeasuredValues() : test.measured().withPrefix("test_"),
        evaluation,
        baseline(measured, evaluation),
        measured.decisions,
        measured.certainty,
        reason,
        epochs,
        threads,
        plan.device(),
        seconds,
        null,
        members,
        null);
  }
}
