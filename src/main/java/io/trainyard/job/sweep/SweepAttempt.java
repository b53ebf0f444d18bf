package io.trainyard.job.sweep;

import io.trainyard.error.ErrorCode;
import io.trainyard.job.Job;
import io.trainyard.job.JobId;
import io.trainyard.job.JobState;
import io.trainyard.job.JobStore;
import io.trainyard.job.Outages;
import io.trainyard.job.TrainingTask;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingListener;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One attempt at a sweep: its trainings, rung by rung, then the refit of the best trial. All that
 * it decides follows from what is stored, so another attempt goes on where this one ends.
 */
record SweepAttempt(
    Job sweep,
    SweepPlan plan,
    SweepStore store,
    JobStore jobs,
    Outages outages,
    CheckpointStore checkpoints,
    SweepThreads trainings,
    TrainingListener listener,
    Clock clock,
    JobId ids) {
  /** The end of the sweep; null: it is queued again. */
  @Nullable JobState run() {
    SweepTraining refit = refit(stored());
    if (refit == null) {
      List<Rungs.Rung> rungs = plan.rungs(count(stored())).steps();
      for (int i = 0; i < rungs.size(); i++) {
        int epochs = i < rungs.size() - 1 ? rungs.get(i).epochs() : Integer.MAX_VALUE;
        boolean complete = train(i == 0 ? Integer.MAX_VALUE : rungs.get(i).trials(), epochs);
        if (listener.command() == TrainingCommand.STOP) {
          break;
        }
        if (!complete || listener.command() != TrainingCommand.CONTINUE) {
          return null;
        }
      }
      refit = addRefit();
      if (refit == null) {
        return withoutBest();
      }
    }
    return refit(refit.job());
  }

  private List<SweepTraining> stored() {
    return outages.retryWhileDown(() -> store.trainings(sweep.id()));
  }

  private static @Nullable SweepTraining refit(List<SweepTraining> stored) {
    return stored.stream().filter(SweepTraining::isRefit).findFirst().orElse(null);
  }

  private static int count(List<SweepTraining> stored) {
    return (int) stored.stream().map(SweepTraining::trial).distinct().count();
  }

  /** Whether the trainings suspend: this attempt ends, or another job waits for its slot. */
  private boolean isLeaving() {
    return switch (listener.command()) {
      case CANCEL, SUSPEND -> true;
      case CONTINUE, STOP -> outages.retryWhileDown(() -> store.mustYield(sweep));
    };
  }

  /** Trains the best trials up to an epoch, and drops the others; false when it ended early. */
  private boolean train(int count, int epochs) {
    List<SweepTraining> stored = stored();
    if (count < Integer.MAX_VALUE) {
      List<Integer> best = SweepResults.of(plan, stored).survivors(count, plan.rises());
      cancel(stored.stream().filter(each -> !best.contains(each.trial())).toList());
      stored = stored.stream().filter(each -> best.contains(each.trial())).toList();
    }
    List<SweepTraining> left =
        stored.stream().filter(training -> !training.hasReached(epochs)).toList();
    Map<Integer, AtomicInteger> open = new ConcurrentHashMap<>();
    left.forEach(
        each -> open.computeIfAbsent(each.trial(), _ -> new AtomicInteger()).incrementAndGet());
    return trainings.run(
        left.stream().map(SweepTraining::job).toList(),
        epochs,
        () -> isLeaving() ? TrainingCommand.SUSPEND : whenStopped(TrainingCommand.SUSPEND),
        job -> ended(job, open));
  }

  private TrainingCommand whenStopped(TrainingCommand command) {
    return listener.command() == TrainingCommand.STOP ? command : TrainingCommand.CONTINUE;
  }

  /** A trial that misses a fold has no mean, so its other folds need no training. */
  private void ended(Job job, Map<Integer, AtomicInteger> open) {
    int trial = Objects.requireNonNull(((TrainingTask) job.task()).trial()).number();
    boolean last = Objects.requireNonNull(open.get(trial)).decrementAndGet() == 0;
    if (!(job.state() instanceof JobState.Succeeded)) {
      cancel(stored().stream().filter(each -> each.trial() == trial).toList());
    }
    if (last) {
      List<SweepTraining> stored = stored();
      SweepResults.of(plan, stored).trials().stream()
          .filter(result -> result.number() == trial)
          .forEach(result -> outages.retryWhileDown(() -> report(result, count(stored))));
    }
  }

  private boolean report(SweepResults.TrialResult result, int count) {
    String message =
        result.rank() == null
            ? "Trial %d of %d: %s".formatted(result.number(), count, result.state().word())
            : String.format(
                Locale.ROOT,
                "Trial %d of %d: %s %.6g ± %.2g",
                result.number(),
                count,
                plan.objective(),
                result.mean(),
                result.std());
    store.report(sweep, message);
    return true;
  }

  private void cancel(List<SweepTraining> dropped) {
    List<String> open =
        dropped.stream()
            .filter(training -> !training.state().done())
            .map(SweepTraining::job)
            .toList();
    outages.retryWhileDown(
        () -> {
          store.cancel(open);
          return true;
        });
  }

  /** Null when no trial has a mean. */
  private @Nullable SweepTraining addRefit() {
    cancel(stored());
    List<SweepTraining> stored = stored();
    Optional<SweepResults.TrialResult> best = StoredSweepEnsembles.best(plan, stored);
    reportOnly(stored);
    if (best.isEmpty()) {
      return null;
    }
    Job trained =
        outages.retryWhileDown(() -> jobs.find(best.get().jobs().getFirst())).orElseThrow();
    List<EpochRecord> folds =
        stored.stream()
            .filter(training -> training.trial() == best.get().number())
            .map(SweepTraining::best)
            .filter(Objects::nonNull)
            .toList();
    Job refit = finalJob((TrainingTask) trained.task(), best.get(), folds);
    outages.retryWhileDown(
        () -> {
          store.addRefit(sweep, refit);
          return true;
        });
    return refit(stored());
  }

  private void reportOnly(List<SweepTraining> stored) {
    Set<Integer> ended = StoredSweepEnsembles.ended(stored).keySet();
    if (plan.endsInEnsemble() && ended.size() == 1) {
      String only =
          "Only trial %d has ended in every fold: the ensemble is its members alone"
              .formatted(ended.iterator().next());
      outages.retryWhileDown(
          () -> {
            store.report(sweep, only);
            return true;
          });
    }
  }

  private Job finalJob(TrainingTask trial, SweepResults.TrialResult best, List<EpochRecord> folds) {
    int epochs = (int) Math.max(1, Math.round(best.bestEpoch()));
    ObjectNode request =
        plan.endsInEnsemble()
            ? FinalJobBody.ensemble(trial.request(), plan.job())
            : FinalJobBody.refit(trial.request(), plan.job(), epochs);
    var task =
        new TrainingTask(
            trial.model(),
            plan.endsInEnsemble() ? trial.spec() : FinalJobBody.refitSpec(trial.spec(), folds),
            request,
            trial.dataset(),
            trial.placement(),
            trial.warnings(),
            new TrainingTask.Trial(sweep.id(), TrainingTask.Trial.BEST, 0, best.parameters()));
    return Job.queued(ids.next(), task, clock.instant().truncatedTo(ChronoUnit.MICROS));
  }

  /** Why some trial has no objective, if it says so. */
  private String reason() {
    return SweepResults.of(plan, stored()).trials().stream()
        .flatMap(trial -> trial.notes().values().stream())
        .findFirst()
        .map(why -> ": " + why)
        .orElse("");
  }

  private JobState withoutBest() {
    JobState.Failure first =
        stored().stream()
            .map(SweepTraining::failure)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    if (first == null) {
      return listener.command() == TrainingCommand.STOP || allCancelled()
          ? new JobState.Cancelled()
          : new JobState.Failed(
              new JobState.Failure(
                  ErrorCode.NON_FINITE_LOSS.code(),
                  "No trial has a finite '" + plan.objective() + "' in every fold" + reason()));
    }
    return new JobState.Failed(
        new JobState.Failure(
            first.code(), "No trial has a result. The first that failed: " + first.detail()));
  }

  private boolean allCancelled() {
    return stored().stream().allMatch(each -> each.state() == JobState.Name.CANCELLED);
  }

  private @Nullable JobState refit(String id) {
    // A stop that ended the trials lets the refit run; one that comes later ends the refit.
    boolean stopped = listener.command() == TrainingCommand.STOP;
    trainings.run(
        List.of(id),
        Integer.MAX_VALUE,
        () ->
            isLeaving()
                ? TrainingCommand.SUSPEND
                : stopped ? TrainingCommand.CONTINUE : whenStopped(TrainingCommand.STOP),
        _ -> {});
    JobState end = outages.retryWhileDown(() -> jobs.find(id)).orElseThrow().state();
    if (end.done() && plan.keepsFolds()) {
      stored().stream()
          .filter(training -> !training.isRefit())
          .forEach(training -> checkpoints.clear(training.job()));
    }
    return switch (end) {
      case JobState.Queued _, JobState.Running _ -> null;
      case JobState.Succeeded _, JobState.Cancelled _ -> end;
      case JobState.Failed(JobState.Failure failure) ->
          new JobState.Failed(
              new JobState.Failure(
                  failure.code(),
                  (plan.endsInEnsemble()
                          ? "The ensemble could not be made: "
                          : "The best trial could not be trained on all rows: ")
                      + failure.detail(),
                  failure.epoch(),
                  failure.step(),
                  failure.layer()));
    };
  }
}
