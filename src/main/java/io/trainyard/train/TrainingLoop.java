package io.trainyard.train;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Objective;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One training from its first epoch to its last; lives on one compute thread. */
final class TrainingLoop implements AutoCloseable {
  private static final String PHASE = "";
  private static final double PROGRESS_EVERY_SECONDS = 1;

  /** A checkpoint is taken no sooner than this many times as long after one as that took. */
  private static final double CHECKPOINT_SHARE = 20;

  private final TrainingSpec training;
  private final Device device;
  private final Encoding encoding;
  private final TrainingListener listener;
  private final int threads;
  private final List<Objective> objectives;
  private final TrainingSession session;
  private final ResidentSubset rows;
  private final ResidentSubset validation;
  private final ResidentSubset test;
  private final Evaluator evaluator;
  private final EpochSelection selection;
  private final Pace pace;

  private int finishedEpochs;
  private long optimizerSteps;

  /** Where the first epoch is taken up; null to begin it at its start. */
  private @Nullable Checkpoint resume;

  private double nextProgress = PROGRESS_EVERY_SECONDS;
  private double nextCheckpoint;

  /**
   * @param session with its first weights; the caller closes it
   */
  TrainingLoop(
      TrainingSession session,
      TrainingPlan plan,
      PreparedData data,
      @Nullable Checkpoint resume,
      int threads,
      TrainingListener listener) {
    this.session = session;
    this.resume = resume;
    this.threads = threads;
    this.listener = listener;
    objectives = plan.objectives();
    training = plan.training();
    device = plan.device();
    encoding = data.encoding();
    rows = session.load(data.training());
    validation = session.load(data.validation());
    test = session.load(data.test());
    evaluator =
        new Evaluator(session, objectives, training.metrics(), encoding, training.batchSize());
    selection = new EpochSelection(training, validation.rows() > 0);
    double earlier = resume == null ? 0 : resume.position().elapsedSeconds();
    pace = new Pace(System::nanoTime, training.epochs(), stepsPerEpoch(), earlier);
    if (resume != null) {
      restore(resume);
    }
  }

  private long stepsPerEpoch() {
    return (rows.rows() + training.batchSize() - 1L) / training.batchSize();
  }

  TrainingOutcome run() {
    while (!selection.isStale() && finishedEpochs < training.epochs()) {
      TrainingOutcome ended = epoch(finishedEpochs + 1);
      if (ended != null) {
        return ended;
      }
    }
    return finish(selection.isStale() ? StopReason.EARLY_STOPPING : StopReason.EPOCHS);
  }

  /** Runs one epoch; gives the outcome when it is the end. */
  private @Nullable TrainingOutcome epoch(int epoch) {
    double began = pace.seconds();
    EpochState state = begin(epoch);
    while (true) {
      TrainingOutcome ended = obey(state);
      if (ended != null) {
        return ended;
      }
      if (state.steps() == stepsPerEpoch()) {
        break;
      }
      step(epoch, state);
    }
    if (session.firstNonFiniteStep() > 0) {
      throw nonFinite(epoch, session.firstNonFiniteStep());
    }
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", session.epochLoss());
    if (state.measurement() != null) {
      state.measurement().putInto(values, "");
    }
    boolean whole =
        validation.rows() == 0
            || evaluator.evaluate(validation, "val_", values, this::mayFinishTheEpoch);
    // A directive that came meanwhile is obeyed with all steps done and the evaluation to repeat.
    return whole ? record(epoch, began, values) : obey(state);
  }

  private EpochState begin(int epoch) {
    session.beginEpoch(rows, 0, epoch, training.shuffle());
    EpochState state =
        new EpochState(
            session,
            training.metrics().isEmpty()
                ? null
                : new ObjectiveMetrics(objectives, training.metrics(), encoding));
    if (resume != null) {
      state.restore(resume);
      resume = null;
    }
    return state;
  }

  private void step(int epoch, EpochState state) {
    int from = Math.toIntExact(state.steps() * training.batchSize());
    int count = Math.min(training.batchSize(), rows.rows() - from);
    if (!session.step(rows, from, count, state.measurement())) {
      throw nonFinite(epoch, state.steps() + 1);
    }
    state.stepDone();
    optimizerSteps++;
    pace.step(count);
    if (pace.seconds() >= nextProgress) {
      nextProgress = pace.seconds() + PROGRESS_EVERY_SECONDS;
      listener.progress(pace.progress(PHASE, epoch, state.steps()));
    }
    if (state.steps() < stepsPerEpoch()) {
      offerCheckpoint(state);
    }
  }

  private @Nullable TrainingOutcome obey(EpochState state) {
    if (training.timeLimitSeconds() > 0 && pace.totalSeconds() > training.timeLimitSeconds()) {
      return finishOrCancel(StopReason.TIME_LIMIT);
    }
    return switch (listener.command()) {
      case CONTINUE -> null;
      case STOP -> finishOrCancel(StopReason.STOPPED);
      case CANCEL -> new TrainingOutcome.Cancelled();
      case SUSPEND -> new TrainingOutcome.Suspended(checkpoint(state));
    };
  }

  private TrainingOutcome finishOrCancel(StopReason reason) {
    return selection.last() == null ? new TrainingOutcome.Cancelled() : finish(reason);
  }

  /**
   * Evaluating is worth ending when the epoch then counts; cancelling and suspending are urgent.
   */
  private boolean mayFinishTheEpoch() {
    return switch (listener.command()) {
      case CONTINUE, STOP -> true;
      case CANCEL, SUSPEND -> false;
    };
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

  private @Nullable TrainingOutcome record(int epoch, double began, Map<String, Double> values) {
    EpochRecord record =
        new EpochRecord(
            epoch, PHASE, values, training.optimizer().learningRate(), pace.seconds() - began);
    finishedEpochs = epoch;
    if (selection.add(record)) {
      session.keepBest();
    }
    listener.epoch(record, pace.progress(PHASE, epoch, stepsPerEpoch()));
    offerCheckpoint(null);
    return null;
  }

  private void offerCheckpoint(@Nullable EpochState state) {
    if (!listener.wantsCheckpoints() || pace.seconds() < nextCheckpoint) {
      return;
    }
    double began = pace.seconds();
    listener.checkpoint(checkpoint(state));
    double took = pace.seconds() - began;
    nextCheckpoint = pace.seconds() + CHECKPOINT_SHARE * took;
  }

  /**
   * @param state the epoch under way; null between two
   */
  private Checkpoint checkpoint(@Nullable EpochState state) {
    Map<String, HostTensor> tensors = new HashMap<>();
    session.weights().forEach((name, tensor) -> tensors.put("weights/" + name, tensor));
    session.optimizerState().forEach((name, tensor) -> tensors.put("optimizer/" + name, tensor));
    session.bestWeights().forEach((name, tensor) -> tensors.put("best/" + name, tensor));
    if (state != null && state.steps() > 0) {
      state.putInto(tensors);
    }
    return new Checkpoint(
        selection.position(finishedEpochs, optimizerSteps, threads, pace.totalSeconds()), tensors);
  }

  private void restore(Checkpoint checkpoint) {
    finishedEpochs = checkpoint.position().epochs();
    optimizerSteps = checkpoint.position().optimizerSteps();
    selection.restore(checkpoint.position());
    session.restoreWeights(checkpoint.tensors("weights/"));
    session.restoreOptimizer(checkpoint.tensors("optimizer/"));
    session.restoreBest(checkpoint.tensors("best/"));
  }

  private TrainingOutcome finish(StopReason reason) {
    Map<String, HostTensor> weights = session.bestWeights();
    session.restoreWeights(weights);
    Map<String, Double> testValues = new LinkedHashMap<>();
    if (test.rows() > 0) {
      evaluator.evaluate(test, "test_", testValues, () -> true);
    }
    ResidentSubset judged = test.rows() > 0 ? test : validation.rows() > 0 ? validation : rows;
    return new TrainingOutcome.Finished(
        weights,
        selection.best(),
        selection.last(),
        testValues,
        evaluator.confusion(judged),
        reason,
        finishedEpochs,
        threads,
        device,
        pace.totalSeconds());
  }

  @Override
  public void close() {
    rows.close();
    validation.close();
    test.close();
  }
}
