package io.trainyard.train;

import io.trainyard.engine.Engine;
import io.trainyard.engine.Objective;
import io.trainyard.engine.ResidentPart;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.TrainingSpec;
import io.trainyard.spec.TrainingSpec.EarlyStopping;
import io.trainyard.spec.TrainingSpec.Publish;
import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One training from its first epoch to its last; lives on one compute thread. */
final class Course implements AutoCloseable {
  private static final String PHASE = "";
  private static final double PROGRESS_EVERY_SECONDS = 1;

  /** A checkpoint is taken no sooner than this many times as long after one as that took. */
  private static final double CHECKPOINT_SHARE = 20;

  /** A suspended attempt finishes its epoch when no more than this is left of it. */
  private static final double WORTH_FINISHING_SECONDS = 5;

  private final TrainingSpec training;
  private final TrainingListener listener;
  private final int threads;
  private final List<Objective> objectives;
  private final TrainingSession session;
  private final ResidentPart rows;
  private final ResidentPart validation;
  private final ResidentPart test;
  private final @Nullable Monitor chosenBy;
  private final Pace pace;
  private final double earlierSeconds;

  private int finishedEpochs;
  private long optimizerSteps;
  private @Nullable EpochRecord best;
  private @Nullable EpochRecord last;
  private int stale;
  private @Nullable Double stoppingBest;
  private double nextProgress = PROGRESS_EVERY_SECONDS;
  private double nextCheckpoint;

  Course(
      Engine engine,
      TrainingRun run,
      Map<String, HostTensor> firstWeights,
      int threads,
      TrainingListener listener,
      LongSupplier nanoTime) {
    this.training = run.training();
    this.listener = listener;
    this.threads = threads;
    objectives = Objectives.of(run.network(), run.targets(), training);
    session =
        engine.session(
            new TrainingPlan(
                run.network(),
                run.shapes(),
                objectives,
                training.optimizer(),
                training.clipNorm(),
                training.clipValue(),
                run.seed(),
                firstWeights,
                run.device()));
    rows = session.load(run.data().training());
    validation = session.load(run.data().validation());
    test = session.load(run.data().test());
    chosenBy = chosenBy();
    Checkpoint resume = run.resume();
    earlierSeconds = resume == null ? 0 : resume.position().elapsedSeconds();
    if (resume != null) {
      restore(resume);
    }
    pace = new Pace(nanoTime, training.epochs(), stepsPerEpoch(), earlierSeconds);
  }

  /** What chooses the published epoch; null when it is the last one. */
  private @Nullable Monitor chosenBy() {
    boolean validated = validation.rows() > 0;
    Publish publish =
        training.publish() != null ? training.publish() : validated ? Publish.BEST : Publish.LAST;
    if (publish == Publish.LAST) {
      return null;
    }
    String name = training.monitor() != null ? training.monitor() : validated ? "val_loss" : "loss";
    return Monitor.of(name, null);
  }

  private long stepsPerEpoch() {
    return (rows.rows() + training.batchSize() - 1L) / training.batchSize();
  }

  TrainingOutcome run() {
    while (finishedEpochs < training.epochs()) {
      TrainingOutcome ended = epoch(finishedEpochs + 1);
      if (ended != null) {
        return ended;
      }
      if (isStale()) {
        return finish(StopReason.EARLY_STOPPING);
      }
    }
    return finish(StopReason.EPOCHS);
  }

  /** Runs one epoch; gives the outcome when it is the end. */
  private @Nullable TrainingOutcome epoch(int epoch) {
    double began = pace.seconds();
    Measurement measurement =
        training.metrics().isEmpty() ? null : new Measurement(objectives, training.metrics());
    session.beginEpoch(rows, 0, epoch, training.shuffle());
    long step = 0;
    for (int from = 0; from < rows.rows(); from += training.batchSize()) {
      TrainingOutcome ended = obey(step);
      if (ended != null) {
        return ended;
      }
      int count = Math.min(training.batchSize(), rows.rows() - from);
      step++;
      if (!session.step(rows, from, count, measurement)) {
        throw nonFinite(epoch, step);
      }
      optimizerSteps++;
      pace.step(count);
      report(epoch, step);
    }
    if (session.firstNonFiniteStep() > 0) {
      throw nonFinite(epoch, session.firstNonFiniteStep());
    }
    record(epoch, began, measurement);
    return null;
  }

  private @Nullable TrainingOutcome obey(long step) {
    if (training.timeLimitSeconds() > 0 && pace.totalSeconds() > training.timeLimitSeconds()) {
      return finishOrCancel(StopReason.TIME_LIMIT);
    }
    return switch (listener.directive()) {
      case CONTINUE -> null;
      case STOP -> finishOrCancel(StopReason.STOPPED);
      case CANCEL -> new TrainingOutcome.Cancelled();
      case SUSPEND -> suspend(step);
    };
  }

  private TrainingOutcome finishOrCancel(StopReason reason) {
    return last == null ? new TrainingOutcome.Cancelled() : finish(reason);
  }

  /**
   * Between epochs a checkpoint is taken; within a short one, the next epoch's start comes soon.
   */
  private @Nullable TrainingOutcome suspend(long step) {
    if (step == 0) {
      return new TrainingOutcome.Suspended(finishedEpochs == 0 ? null : checkpoint());
    }
    return pace.secondsLeftInEpoch(step) <= WORTH_FINISHING_SECONDS
        ? null
        : new TrainingOutcome.Suspended(null);
  }

  private NonFiniteLossException nonFinite(int epoch, long step) {
    String layer = session.failingLayer();
    String where =
        layer.isEmpty()
            ? "every layer's output was finite"
            : "the first layer whose output was not is '" + layer + "'";
    return new NonFiniteLossException(
        epoch,
        step,
        layer,
        "the loss is not a finite number at epoch %d, step %d: %s; a smaller learning rate, scaled"
                .formatted(epoch, step, where)
            + " inputs or gradient clipping usually help");
  }

  private void report(int epoch, long step) {
    if (pace.seconds() >= nextProgress) {
      nextProgress = pace.seconds() + PROGRESS_EVERY_SECONDS;
      listener.progress(pace.progress(PHASE, epoch, step));
    }
  }

  private void record(int epoch, double began, @Nullable Measurement measurement) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", session.epochLoss());
    if (measurement != null) {
      measurement.putInto(values, "");
    }
    if (validation.rows() > 0) {
      evaluate(validation, "val_", values);
    }
    EpochRecord record =
        new EpochRecord(
            epoch, PHASE, values, training.optimizer().learningRate(), pace.seconds() - began);
    finishedEpochs = epoch;
    last = record;
    remember(record);
    watch(values);
    listener.epoch(record, pace.progress(PHASE, epoch, stepsPerEpoch()));
    offerCheckpoint();
  }

  private void evaluate(ResidentPart part, String prefix, Map<String, Double> values) {
    Measurement measurement = new Measurement(objectives, training.metrics());
    boolean measured = !training.metrics().isEmpty();
    double sum = 0;
    int batch = evaluationBatch();
    for (int from = 0; from < part.rows(); from += batch) {
      int count = Math.min(batch, part.rows() - from);
      sum += count * session.evaluate(part, from, count, measured ? measurement : null);
    }
    values.put(prefix + "loss", sum / part.rows());
    if (measured) {
      measurement.putInto(values, prefix);
    }
  }

  private int evaluationBatch() {
    return Math.max(training.batchSize(), 256);
  }

  /** Keeps the weights when they are the ones to publish so far. */
  private void remember(EpochRecord record) {
    EpochRecord before = best;
    if (chosenBy == null
        || before == null
        || chosenBy.improves(chosenBy.of(record.values()), chosenBy.of(before.values()), 0)) {
      best = record;
      session.keepBest();
    }
  }

  private void watch(Map<String, Double> values) {
    EarlyStopping stopping = training.earlyStopping();
    if (stopping == null) {
      return;
    }
    Monitor monitor = Monitor.of(stopping.monitor(), stopping.mode());
    double value = monitor.of(values);
    if (monitor.improves(value, stoppingBest, stopping.minDelta())) {
      stoppingBest = value;
      stale = 0;
    } else {
      stale++;
    }
  }

  private boolean isStale() {
    EarlyStopping stopping = training.earlyStopping();
    return stopping != null && stale >= stopping.patience();
  }

  private void offerCheckpoint() {
    if (!listener.wantsCheckpoints() || pace.seconds() < nextCheckpoint) {
      return;
    }
    double began = pace.seconds();
    listener.checkpoint(checkpoint());
    double took = pace.seconds() - began;
    nextCheckpoint = pace.seconds() + CHECKPOINT_SHARE * took;
  }

  private Checkpoint checkpoint() {
    Map<String, HostTensor> tensors = new HashMap<>();
    session.weights().forEach((name, tensor) -> tensors.put("weights/" + name, tensor));
    session.optimizerState().forEach((name, tensor) -> tensors.put("optimizer/" + name, tensor));
    session.bestWeights().forEach((name, tensor) -> tensors.put("best/" + name, tensor));
    return new Checkpoint(
        new Checkpoint.Position(
            finishedEpochs,
            optimizerSteps,
            threads,
            pace.totalSeconds(),
            best,
            last,
            stale,
            stoppingBest,
            List.of()),
        tensors);
  }

  private void restore(Checkpoint checkpoint) {
    Checkpoint.Position position = checkpoint.position();
    finishedEpochs = position.epochs();
    optimizerSteps = position.optimizerSteps();
    best = position.best();
    last = position.lastValues();
    stale = position.stale();
    stoppingBest = position.stoppingBest();
    session.restoreWeights(checkpoint.tensors("weights/"));
    session.restoreOptimizer(checkpoint.tensors("optimizer/"));
    session.restoreBest(checkpoint.tensors("best/"));
  }

  private TrainingOutcome finish(StopReason reason) {
    Map<String, HostTensor> weights = session.bestWeights();
    session.restoreWeights(weights);
    Map<String, Double> testValues = new LinkedHashMap<>();
    if (test.rows() > 0) {
      evaluate(test, "test_", testValues);
    }
    return new TrainingOutcome.Finished(
        weights,
        best,
        last,
        testValues,
        confusion(),
        reason,
        finishedEpochs,
        threads,
        session.device().code(),
        pace.totalSeconds());
  }

  private Map<String, ConfusionMatrix> confusion() {
    Confusion confusion = new Confusion();
    ResidentPart part = test.rows() > 0 ? test : validation.rows() > 0 ? validation : rows;
    int batch = evaluationBatch();
    for (int from = 0; from < part.rows(); from += batch) {
      session.evaluate(part, from, Math.min(batch, part.rows() - from), confusion);
    }
    return confusion.matrices();
  }

  @Override
  public void close() {
    rows.close();
    validation.close();
    test.close();
    session.close();
  }
}
