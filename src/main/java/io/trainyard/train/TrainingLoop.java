package io.trainyard.train;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.FittedCertainty;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.engine.natives.NativeHandles;
import io.trainyard.spec.training.MetricSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.EpochRun.Ending;
import io.trainyard.train.diagnosis.Diagnosis;
import io.trainyard.train.diagnosis.NonFiniteAdvice;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredForm;
import io.trainyard.train.metric.MeasuredTarget;
import io.trainyard.train.metric.MeasuredValues;
import io.trainyard.train.metric.PartMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** The epochs of one training, on one compute thread. */
final class TrainingLoop implements AutoCloseable {
  /** Multiply-adds of a step's forward pass that take some milliseconds. */
  private static final double LONG_STEP = 1e9;

  /** How long a suspended training may take to finish a step, which is then not repeated. */
  private static final double SUSPEND_GRACE_SECONDS = 5;

  private final EpochRun epochRun;
  private final TrainingPlan plan;
  private final TrainingSpec training;
  private final TrainingListener listener;
  private final int threads;
  private final PreparedData data;
  private final TrainingSession session;
  private final ResidentParts parts;
  private final ResidentSubset rows;
  private final Evaluator evaluator;
  private final AnsweredRows validation;
  private final @Nullable PartMetrics metrics;
  private final EpochSelection selection;
  private final StoppingState stopping;
  private final TrainingSpeed pace;
  private final LearningRate learningRate;
  private final Checkpoints checkpoints;
  private final Diagnosis diagnosis;
  private final LearningNetwork network;

  /** The names of the metrics that depend on thresholds. */
  private final List<String> decisive;

  /** What is measured when the training has ended, with the metrics of intervals. */
  private final List<MeasuredTarget> all;

  /** The names of all metrics. */
  private final List<String> known;

  private int finishedEpochs;

  /** Steps done in the current epoch. */
  private long stepsOfEpoch;

  private long optimizerSteps;

  /** The checkpoint that the first epoch continues from; null: from its start. */
  private @Nullable Checkpoint resume;

  /** The state at the start of the epoch, where losses are read late. */
  private @Nullable Checkpoint beginning;

  /** When a long step first saw that it shall suspend. */
  private double suspendedAt = Double.MAX_VALUE;

  /** Whether the time limit no longer counts: the result is being measured. */
  private boolean finishing;

  /**
   * A loop whose rows are on the device. If it cannot be made, nothing of it stays there.
   *
   * @param session with its initial weights; the caller closes it
   * @param resume the checkpoint to continue from, or null
   */
  static TrainingLoop of(
      TrainingSession session,
      TrainingPlan plan,
      PreparedData data,
      @Nullable Checkpoint resume,
      EpochRun epochRun,
      Trainer.Attempt attempt) {
    return NativeHandles.whileMaking(
        () -> new TrainingLoop(session, plan, data, resume, epochRun, attempt));
  }

  private TrainingLoop(
      TrainingSession session,
      TrainingPlan plan,
      PreparedData data,
      @Nullable Checkpoint resume,
      EpochRun epochRun,
      Trainer.Attempt attempt) {
    this.session = session;
    this.data = data;
    this.resume = resume;
    this.epochRun = epochRun;
    threads = attempt.threads();
    listener = attempt.listener();
    pace = attempt.pace();
    training = plan.training();
    this.plan = plan;
    all = MeasuredTarget.of(plan, data.encoding().sure(FittedCertainty.NONE));
    List<MeasuredTarget> measured = all.stream().map(MeasuredTarget::duringEpochs).toList();
    parts = ResidentParts.of(session, plan, data);
    rows = parts.training();
    int evaluated = plan.shapes().evaluationRows(training.batchSize());
    evaluator = new Evaluator(plan.objectives(), measured);
    validation = new AnsweredRows.Resident(session, parts.validation(), evaluated);
    metrics = PartMetrics.areNeeded(measured) ? new PartMetrics(measured, rows.rows()) : null;
    Map<String, MetricSpec> named = MeasuredTarget.named(measured);
    known = List.copyOf(MeasuredTarget.named(all).keySet());
    decisive =
        named.entrySet().stream()
            .filter(
                each ->
                    each.getValue() instanceof MetricSpec.Standard standard
                        && standard.metric().isOfDecisions())
            .map(Map.Entry::getKey)
            .toList();
    selection = new EpochSelection(training, parts.validation().rows() > 0, named);
    stopping = new StoppingState(training);
    learningRate =
        new LearningRate(
            training, attempt.learningRate(), epochRun.scheduled(), stepsPerEpoch(), named);
    network = new SessionNetwork(session, evaluated);
    diagnosis = new Diagnosis(plan, epochRun.scheduled(), evaluated);
    checkpoints =
        new Checkpoints(session, selection, stopping, learningRate, listener, pace, threads);
    if (resume != null) {
      finishedEpochs = resume.position().epochs();
      optimizerSteps = resume.position().optimizerSteps();
      checkpoints.restore(resume);
    } else {
      session.fitFirstWeights(rows, epochRun.number());
    }
    stopEarly(plan);
  }

  private long stepsPerEpoch() {
    return ((long) rows.rows() + training.batchSize() - 1) / training.batchSize();
  }

  TrainingOutcome run() {
    return finish(train());
  }

  /** Trains until there is a reason to end. */
  Ending train() {
    try {
      return epochs();
    } catch (CancellationException e) {
      return stopped();
    }
  }

  /** The outcome, with the weights to publish measured. */
  TrainingOutcome finish(Ending ending) {
    return switch (ending) {
      case Ending.Early(TrainingOutcome outcome) -> outcome;
      case Ending.Reached(StopReason reason) -> {
        try {
          yield measured(reason);
        } catch (CancellationException e) {
          yield finish(stopped());
        }
      }
    };
  }

  int finishedEpochs() {
    return finishedEpochs;
  }

  /** All of the state between epochs. */
  Checkpoint checkpoint() {
    return checkpoints.of(reached(null));
  }

  /** Lets the session end steps early that are long enough to make somebody wait. */
  private void stopEarly(TrainingPlan plan) {
    double step = (double) plan.shapes().multiplyAdds() * training.batchSize();
    step *= training.evaluationsPerStep();
    if (step >= LONG_STEP || training.optimizer().isFullBatch()) {
      session.stopWhen(this::mustStop);
    }
  }

  /** Whether a step that is under way must not be finished. */
  private boolean mustStop() {
    offerProgress();
    return switch (listener.command()) {
      case CANCEL -> true;
      case SUSPEND -> {
        suspendedAt = Math.min(suspendedAt, pace.seconds());
        yield pace.seconds() - suspendedAt > SUSPEND_GRACE_SECONDS;
      }
      case CONTINUE, STOP -> !finishing && isTooLate();
    };
  }

  private boolean isTooLate() {
    double limit = training.stopping().timeLimitSeconds();
    return limit > 0 && pace.totalSeconds() > limit;
  }

  /**
   * The outcome when a step was ended early. Running statistics may have moved, so a suspended
   * training continues from its last checkpoint.
   */
  private Ending stopped() {
    return switch (listener.command()) {
      case CANCEL -> new Ending.Early(new TrainingOutcome.Cancelled());
      case SUSPEND -> new Ending.Early(new TrainingOutcome.Suspended(null));
      case CONTINUE, STOP -> reachedOrNothing(StopReason.TIME_LIMIT);
    };
  }

  private Ending epochs() {
    while (stopReason() == null && !epochRun.isOver(finishedEpochs)) {
      Ending ended = epoch(finishedEpochs + 1);
      if (ended != null) {
        return ended;
      }
    }
    StopReason reason = stopReason();
    return new Ending.Reached(reason == null ? StopReason.EPOCHS : reason);
  }

  /** The rule that ends the training; null: it goes on. */
  private @Nullable StopReason stopReason() {
    StopReason reason = stopping.reason();
    return reason == null && selection.isStale() ? StopReason.EARLY_STOPPING : reason;
  }

  /** Runs one epoch; returns how training ends in it, or null. */
  private @Nullable Ending epoch(int epoch) {
    double start = pace.seconds();
    EpochState state = begin(epoch);
    while (true) {
      Ending ended = followCommand(state);
      if (ended != null) {
        return ended;
      }
      if (state.steps() == stepsPerEpoch()) {
        break;
      }
      step(epoch, state);
    }
    requireFinite(epoch);
    MeasuredValues values = new MeasuredValues();
    Evaluator.putLosses(session.losses().means(), plan.objectives(), "", values);
    if (state.metrics() != null) {
      state.metrics().putInto(values, "");
    }
    values.values().putAll(session.steps().reported());
    boolean evaluated =
        parts.validation().rows() == 0
            || session.withPublishedWeights(
                () -> evaluator.evaluate(validation, "val_", values, this::mayFinishEpoch));
    // When a command interrupted the evaluation, all steps are done and the evaluation is repeated.
    if (!evaluated) {
      return followCommand(state);
    }
    record(epoch, start, values);
    return null;
  }

  private EpochState begin(int epoch) {
    session.beginEpoch(rows, epochRun.number(), epoch, training.shuffle());
    if (metrics != null) {
      metrics.clear();
    }
    EpochState state = new EpochState(session, metrics);
    session.learnAt(learningRate.at(epochRun.own(epoch), 0));
    if (resume != null) {
      state.restore(resume);
      resume = null;
    }
    beginning = session.losses().readsEach() ? null : checkpoints.of(reached(state));
    return state;
  }

  /** Where losses are read late, repeats the epoch up to one that is not finite. */
  private void requireFinite(int epoch) {
    long failed = session.losses().firstNonFinite();
    if (failed == 0) {
      return;
    }
    resume = beginning;
    if (resume != null) {
      session.losses().readEach(true);
      checkpoints.restore(resume);
      EpochState state = begin(epoch);
      while (state.steps() < failed) {
        step(epoch, state);
      }
    }
    throw nonFinite(epoch, failed);
  }

  private void step(int epoch, EpochState state) {
    int from = Math.toIntExact(state.steps() * training.batchSize());
    int count = Math.min(training.batchSize(), rows.rows() - from);
    if (learningRate.changesIn(epochRun.own(epoch))) {
      session.learnAt(learningRate.at(epochRun.own(epoch), state.steps()));
    }
    session.reach(learningRate.step(epochRun.own(epoch), state.steps()));
    if (!session.step(rows, from, count, state.metrics())) {
      throw nonFinite(epoch, state.steps() + 1);
    }
    state.stepDone();
    stepsOfEpoch = state.steps();
    optimizerSteps++;
    pace.step(count);
    offerProgress();
    if (state.steps() < stepsPerEpoch() && checkpoints.areDue()) {
      requireFinite(epoch);
      checkpoints.offer(reached(state));
    }
  }

  /** Also within a long step. */
  private void offerProgress() {
    if (!finishing && pace.progressIsDue()) {
      listener.progress(progress());
    }
  }

  private Progress progress() {
    return pace.progress(epochRun, stepsPerEpoch(), finishedEpochs + 1, stepsOfEpoch);
  }

  private NonFiniteLossException nonFinite(int epoch, long step) {
    String layer = session.failingLayer();
    return new NonFiniteLossException(
        epoch, step, layer, NonFiniteAdvice.of(plan.network(), plan.objectives(), layer));
  }

  private @Nullable Ending followCommand(EpochState state) {
    if (isTooLate()) {
      return reachedOrNothing(StopReason.TIME_LIMIT);
    }
    return switch (listener.command()) {
      case CONTINUE -> null;
      case STOP -> reachedOrNothing(StopReason.STOPPED);
      case CANCEL -> new Ending.Early(new TrainingOutcome.Cancelled());
      case SUSPEND -> {
        requireFinite(finishedEpochs + 1);
        yield new Ending.Early(new TrainingOutcome.Suspended(checkpoints.of(reached(state))));
      }
    };
  }

  private Ending reachedOrNothing(StopReason reason) {
    if (selection.last() != null) {
      return new Ending.Reached(reason);
    }
    return new Ending.Early(
        reason == StopReason.TIME_LIMIT
            ? new TrainingOutcome.OutOfTime(progress(), pace.totalSeconds())
            : new TrainingOutcome.Cancelled());
  }

  /** Stopping waits for the evaluation, so that the epoch counts; the others are urgent. */
  private boolean mayFinishEpoch() {
    return switch (listener.command()) {
      case CONTINUE, STOP -> true;
      case CANCEL, SUSPEND -> false;
    };
  }

  private void record(int epoch, double start, MeasuredValues measured) {
    Map<String, Double> values = measured.values();
    TrainingSession.Steps steps = session.steps();
    EpochRecord record =
        new EpochRecord(
            epoch,
            epochRun.phase(),
            values,
            steps.learningRate(),
            pace.seconds() - start,
            diagnosis.of(session, rows, epochRun.own(epoch)),
            Map.of(),
            measured.notes());
    finishedEpochs = epoch;
    stepsOfEpoch = 0;
    stopping.add(values, steps.gradient(), steps.exhausted());
    learningRate.add(epochRun.own(epoch), values);
    if (selection.add(record)) {
      session.keepBest();
    }
    listener.epoch(record, pace.progress(epochRun, stepsPerEpoch(), epoch, stepsPerEpoch()));
    listener.look(epoch, false, network);
    checkpoints.offer(reached(null));
  }

  private Checkpoints.Reached reached(@Nullable EpochState state) {
    return new Checkpoints.Reached(finishedEpochs, optimizerSteps, state);
  }

  private TrainingOutcome measured(StopReason reason) {
    finishing = true;
    listener.look(finishedEpochs, true, network);
    checkpoints.end(finishedEpochs, optimizerSteps);
    Map<String, HostTensor> weights = session.publishedWeights();
    session.restoreWeights(weights);
    MeasuredForm ofEpochs = evaluator.form(Part.TRAINING, rows.rows(), data.encoding());
    FittedCertainty certainty =
        evaluator.learnCertainty(
            training.certainty(),
            validation,
            all,
            data.encoding(),
            plan.seed(),
            note -> listener.note(true, note));
    Map<String, Decision> decisions = evaluator.chooseThresholds(validation);
    EpochRecord best = selection.best();
    if (best != null) {
      best = published(best, decisions, certainty);
    }
    Part part = parts.leastSeen();
    int batch = plan.shapes().evaluationRows(training.batchSize());
    Evaluation evaluation =
        evaluator.report(
            part,
            new AnsweredRows.Resident(session, parts.of(part), batch),
            places -> data.rowNumbers(part, places),
            data.encoding());
    MeasuredValues testValues =
        part == Part.TEST ? evaluation.measured().withPrefix("test_") : new MeasuredValues();
    return new TrainingOutcome.Finished(
        weights,
        best,
        selection.last(),
        forms(ofEpochs, part == Part.TEST ? evaluation.form() : null),
        testValues,
        evaluation,
        evaluator.baseline(part, data),
        decisions,
        certainty,
        reason,
        finishedEpochs,
        threads,
        plan.device(),
        pace.totalSeconds(),
        null,
        List.of(),
        null);
  }

  /**
   * The forms of what was measured.
   *
   * @param test of the test values; null without test rows
   */
  private MeasuredForms forms(MeasuredForm ofEpochs, @Nullable MeasuredForm test) {
    int validated = validation.rows();
    Map<String, MeasuredForm> last = new LinkedHashMap<>();
    Map<String, MeasuredForm> best = new LinkedHashMap<>();
    if (validated > 0) {
      last.put(MeasuredForms.VALIDATION, ofEpochs.of(Part.VALIDATION.word(), validated));
      best.put(
          MeasuredForms.VALIDATION, evaluator.form(Part.VALIDATION, validated, data.encoding()));
    }
    if (test != null) {
      last.put(MeasuredForms.TEST, test);
    }
    last.put(MeasuredForms.TRAINING, ofEpochs);
    best.put(MeasuredForms.TRAINING, ofEpochs);
    return new MeasuredForms(last, best);
  }

  /** The record of the published epoch, with what its validation rows are as they are answered. */
  private EpochRecord published(
      EpochRecord best, Map<String, Decision> chosen, FittedCertainty certainty) {
    MeasuredValues measured = new MeasuredValues();
    measured.values().putAll(best.values());
    measured.notes().putAll(best.notes());
    List<String> changed = certainty.isNone() ? decisive : known;
    boolean given = all.stream().anyMatch(each -> each.decision().threshold() != null);
    if (given || !chosen.isEmpty() || !certainty.isNone()) {
      MeasuredValues now = new MeasuredValues();
      evaluator.evaluate(validation, "val_", now, () -> true);
      for (String name : changed) {
        String key = "val_" + name;
        if (now.values().containsKey(key)) {
          measured.replace(key, now);
        }
      }
    }
    return best.published(measured, evaluator.decisions(data.encoding()));
  }

  @Override
  public void close() {
    parts.close();
  }
}
