package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.training.LearningRateRange;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The range test before a training. It has a session of its own and random numbers are functions of
 * the seed, so the training after it is the one that its rate would give without a test.
 */
final class LearningRateSearch {
  private static final String PHASE = "find_learning_rate";

  private final TrainingPlan plan;
  private final LearningRateRange range;
  private final Trainer.Attempt attempt;
  private final TrainingListener listener;
  private int step;

  LearningRateSearch(TrainingPlan plan, LearningRateRange range, Trainer.Attempt attempt) {
    this.plan = plan;
    this.range = range;
    this.attempt = attempt;
    this.listener = attempt.listener();
  }

  /**
   * Runs the test, unless an earlier attempt has, then the training that is to follow.
   *
   * @param training trains as an attempt says
   */
  TrainingOutcome run(
      Engine engine,
      PreparedData data,
      @Nullable Checkpoint resume,
      Function<Trainer.Attempt, TrainingOutcome> training) {
    LearningRateCurve stored = resume == null ? null : RangeScan.in(resume.tensors());
    LearningRateCurve curve = stored == null ? test(engine, data) : stored;
    if (curve == null) {
      return interrupted();
    }
    if (!range.apply()) {
      return new TrainingOutcome.Searched(curve);
    }
    if (stored == null) {
      tell(curve);
    }
    Trainer.Attempt next =
        new Trainer.Attempt(
            attempt.threads(),
            new CompletingListener(
                listener, listener.wantsEnd(), checkpoint -> with(curve, checkpoint)),
            attempt.pace(),
            curve.suggestion());
    return switch (training.apply(next)) {
      case TrainingOutcome.Finished finished -> finished.withLearningRates(curve);
      case TrainingOutcome.Suspended(Checkpoint checkpoint) ->
          new TrainingOutcome.Suspended(checkpoint == null ? null : with(curve, checkpoint));
      case TrainingOutcome other -> other;
    };
  }

  /** Null when a command or the time limit ended it. */
  private @Nullable LearningRateCurve test(Engine engine, PreparedData data) {
    try (TrainingSession session = engine.session(plan);
        ResidentSubset rows = session.load(data.training(), ClassWeights.of(plan, data))) {
      session.fitFirstWeights(rows, 0);
      session.stopWhen(this::mustEnd);
      return new RangeScan(session, rows, plan.training(), range)
          .run(
              next -> {
                step = next;
                return !mustEnd();
              });
    } catch (CancellationException e) {
      return null;
    }
  }

  private boolean mustEnd() {
    if (attempt.pace().progressIsDue()) {
      listener.progress(progress());
    }
    return listener.command() != TrainingCommand.CONTINUE || isTooLate();
  }

  private boolean isTooLate() {
    double limit = plan.training().stopping().timeLimitSeconds();
    return limit > 0 && attempt.pace().totalSeconds() > limit;
  }

  /** The test as one epoch; of a training that follows, it is no part. */
  private Progress progress() {
    double done = range.apply() ? 0 : (double) step / range.steps();
    return new Progress(PHASE, 1, 1, step, range.steps(), done, Double.NaN, 0);
  }

  private TrainingOutcome interrupted() {
    return switch (listener.command()) {
      case CANCEL, STOP -> new TrainingOutcome.Cancelled();
      case SUSPEND -> new TrainingOutcome.Suspended(null);
      case CONTINUE -> new TrainingOutcome.OutOfTime(progress(), attempt.pace().totalSeconds());
    };
  }

  private void tell(LearningRateCurve curve) {
    Double found = curve.suggestion();
    if (found == null) {
      listener.note(
          true,
          "find_learning_rate: the loss falls at no rate from %s to %s, so the training uses the optimizer's learning_rate; look at the points of the result, and give another min and max"
              .formatted(range.min(), range.max()));
    } else {
      listener.note(
          false,
          String.format(Locale.ROOT, "find_learning_rate: the training uses the rate %.3g", found));
    }
  }

  private static Checkpoint with(LearningRateCurve curve, Checkpoint checkpoint) {
    return new Checkpoint(checkpoint.position(), RangeScan.addTo(checkpoint.tensors(), curve));
  }
}
