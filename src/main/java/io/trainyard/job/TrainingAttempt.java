package io.trainyard.job;

import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Tolerance;
import io.trainyard.dataset.prepare.DatasetPreparer;
import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.job.check.ContinuedJobs;
import io.trainyard.job.check.InitialWeights;
import io.trainyard.job.check.JobRequest;
import io.trainyard.job.check.MemoryBudget;
import io.trainyard.job.frame.FrameGrid;
import io.trainyard.model.ModelVersion;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.spec.training.FramesSpec;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.EnsembleMember;
import io.trainyard.train.EnsemblePlan;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.Progress;
import io.trainyard.train.SweepEnsemblePlan;
import io.trainyard.train.TrainingOutcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Runs one attempt at a training job, from the stored request to weights on disk. */
@Component
record TrainingAttempt(
    Outages outages,
    DatasetCatalogue datasets,
    DatasetPreparer preparer,
    InitialWeights initialWeights,
    ContinuedJobs continued,
    TrainingRunner engine,
    ThreadAllocation threads,
    PublicationBuilder publications,
    MemoryBudget memory,
    SweepEnsembles sweeps,
    CheckpointStore checkpoints) {
  /** The outcome of an attempt that did not fail. */
  sealed interface Outcome {
    /**
     * A version to publish, whose weights are on disk.
     *
     * @param publication null for a trial of a sweep, which publishes nothing
     * @param rows the rows trained on, counted once per epoch
     * @param result what an ensemble of the trial's sweep may be made of; null: none will be made
     */
    record Trained(
        Attempts.@Nullable Publication publication,
        TrainingOutcome.Finished outcome,
        long rows,
        @Nullable Checkpoint result)
        implements Outcome {
      /** The progress at the end of the job. */
      JobProgress progress(@Nullable Progress current) {
        return new JobProgress(current, lastWithTestValues(), outcome.best(), outcome.reason());
      }

      private @Nullable EpochRecord lastWithTestValues() {
        EpochRecord last = outcome.last();
        if (last == null) {
          return null;
        }
        Map<String, Double> values = new LinkedHashMap<>(last.values());
        values.putAll(outcome.testValues().values());
        Map<String, String> notes = new LinkedHashMap<>(last.notes());
        notes.putAll(outcome.testValues().notes());
        return new EpochRecord(
            last.epoch(),
            last.phase(),
            values,
            last.learningRate(),
            last.seconds(),
            last.layers(),
            Map.of(),
            notes);
      }
    }

    /** A learning rate was searched for, and nothing else was asked for. */
    record Searched(LearningRateCurve found) implements Outcome {}

    /** The job was cancelled, or stopped before its first epoch ended. */
    record NothingToPublish() implements Outcome {}

    /** The time limit came too early. */
    record OutOfTime(TrainingOutcome.OutOfTime outcome) implements Outcome {}

    /** Another attempt continues, from the checkpoint if there is one. */
    record Suspended(@Nullable Checkpoint checkpoint) implements Outcome {}
  }

  /** Trains. Everything it needs is read again from what the submission stored. */
  Outcome run(RunningJob running) {
    PublicationBuilder.Source source = source(running.job());
    TrainingTask task = source.task();
    int folds = task.trial() == null ? 0 : sweeps.folds(task.trial());
    SweepEnsembles.Library library =
        folds > 0 && task.publishes() ? sweeps.library(Objects.requireNonNull(task.trial())) : null;
    if (library != null && library.size() > 0) {
      return choose(running, source, library, new Ensemble(Ensemble.Kind.FOLDS, folds));
    }
    ModelSpec model = SpecReader.model(task.spec());
    ModelVersion initial = initialWeights.version(source.request());
    Encoding inherited = initial == null ? null : initial.learnedEncoding();
    Ensemble ensemble = source.training().ensemble();
    if (folds > 0 && library == null) {
      inherited = ofAllFolds(running, source, new Ensemble(Ensemble.Kind.FOLDS, folds));
    }
    Preparation whole = preparation(model, source, ensemble, inherited);
    try (PreparedData data = preparer.prepare(whole, running::givenUp)) {
      String pool = task.placement().pool();
      NetworkShapes shapes = shapes(model, data.encoding());
      MemoryBudget.Need need = need(model, shapes, source.training(), data);
      memory.check(need);
      show(running, source, model, data.encoding(), shapes);
      var plan =
          new TrainingPlan(
              model.network(),
              shapes,
              model.targets(),
              source.training().onRows(data.training().rows()),
              source.seed(),
              initialWeights.load(task.spec(), initial),
              threads.of(pool, source.request().resources().threads()),
              threads.device(pool));
      Checkpoint start = start(running, source);
      Supplier<TrainingOutcome> training;
      if (library != null) {
        var parts = new Ensemble(Ensemble.Kind.FOLDS, folds);
        List<Supplier<Map<String, HostTensor>>> others =
            library.trials().getFirst().folds().stream().map(this::weights).toList();
        EnsemblePlan all = plan(plan, running, whole, data, parts);
        training = () -> engine.refit(all, others, start, running);
      } else if (ensemble != null) {
        EnsemblePlan all = plan(plan.with(source.training()), running, whole, data, ensemble);
        training = () -> engine.train(all, start, running);
      } else {
        training = () -> engine.train(plan, data, start, running);
      }
      TrainingOutcome outcome = train(plan, running, start, need, training);
      return outcome(outcome, source, data, library == null ? folds : 0);
    }
  }

  /** The rows of a training; of an ensemble, those of all members. */
  private static Preparation preparation(
      ModelSpec model,
      PublicationBuilder.Source source,
      @Nullable Ensemble ensemble,
      @Nullable Encoding inherited) {
    return new Preparation(
        model,
        MemberRows.whole(source.selection(), ensemble),
        inherited,
        source.training().rowWeights().column(),
        source.seed(),
        Tolerance.NONE);
  }

  private EnsemblePlan plan(
      TrainingPlan plan, RunningJob running, Preparation whole, PreparedData data, Ensemble parts) {
    return new EnsemblePlan(
        plan, data, new MemberRows(outages, preparer, whole, data, parts, running::givenUp));
  }

  // Trials of an ensemble

  /** What all trials of a sweep encode rows by, learned on the rows of all folds. */
  private Encoding ofAllFolds(
      RunningJob running, PublicationBuilder.Source source, Ensemble folds) {
    ModelSpec model = SpecReader.model(source.task().spec());
    return preparer.learn(preparation(model, source, folds, null), running::givenUp);
  }

  /** Makes the ensemble of a sweep. */
  private Outcome choose(
      RunningJob running,
      PublicationBuilder.Source source,
      SweepEnsembles.Library library,
      Ensemble folds) {
    TrainingTask task = source.task();
    ModelSpec model = SpecReader.model(task.spec());
    Preparation whole = preparation(model, source, folds, null);
    try (PreparedData data = preparer.prepare(whole, running::givenUp)) {
      List<SweepEnsemblePlan.TrainedTrial> trials = new ArrayList<>();
      Map<Integer, JsonNode> specs = new LinkedHashMap<>();
      for (SweepEnsembles.TrialOfFolds trial : library.trials()) {
        specs.put(trial.number(), trial.folds().getFirst().task().spec());
        trials.add(trained(trial, data));
      }
      var plan =
          new SweepEnsemblePlan(
              trials,
              data,
              new MemberRows(outages, preparer, whole, data, folds, running::givenUp),
              library.size(),
              library.objective(),
              library.rises(),
              source.training().certainty());
      TrainingOutcome outcome = engine.train(plan, running);
      return outcome instanceof TrainingOutcome.Finished finished
          ? new Outcome.Trained(
              publications.of(source, data.encoding(), finished, specs), finished, 0, null)
          : outcome(outcome, source, data, 0);
    }
  }

  private SweepEnsemblePlan.TrainedTrial trained(
      SweepEnsembles.TrialOfFolds trial, PreparedData data) {
    PublicationBuilder.Source source = source(trial.folds().getFirst());
    TrainingTask task = source.task();
    ModelSpec model = SpecReader.model(task.spec());
    String pool = task.placement().pool();
    var plan =
        new TrainingPlan(
            model.network(),
            shapes(model, data.encoding()),
            model.targets(),
            source.training(),
            source.seed(),
            Map.of(),
            threads.of(pool, source.request().resources().threads()),
            threads.device(pool));
    List<SweepEnsemblePlan.FoldMember> members = new ArrayList<>();
    for (Job fold : trial.folds()) {
      EnsembleMember member = result(fold.id()).position().members().getFirst();
      members.add(new SweepEnsemblePlan.FoldMember(member, weights(fold)));
    }
    JsonNode parameters = Objects.requireNonNull(task.trial()).parameters();
    return new SweepEnsemblePlan.TrainedTrial(trial.number(), parameters, plan, members);
  }

  private Supplier<Map<String, HostTensor>> weights(Job fold) {
    return () -> result(fold.id()).result();
  }

  /** What the training of a fold has ended with. */
  private Checkpoint result(String job) {
    return outages
        .retryWhileDown(() -> checkpoints.latest(job))
        .filter(Checkpoint::isResult)
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.CONFLICT,
                    "The weights of job %s are lost or damaged, and the last training of its sweep needs them: submit the sweep again"
                        .formatted(job)));
  }

  /** Has frames kept if they were asked for. The submission has checked that they can be. */
  private static void show(
      RunningJob running,
      PublicationBuilder.Source source,
      ModelSpec model,
      Encoding encoding,
      NetworkShapes shapes) {
    FramesSpec frames = source.training().frames();
    if (frames == null) {
      return;
    }
    Violations violations = new Violations();
    Encoding predicted = PublicationBuilder.published(encoding, model, source.training());
    FrameGrid grid = FrameGrid.of(frames, model, predicted, shapes, source.dataset(), violations);
    if (grid != null) {
      grid.check(frames, violations);
    }
    if (grid != null && violations.isEmpty()) {
      running.show(grid);
    } else {
      running.note(true, "No frames are kept: " + Violation.text(violations.list()));
    }
  }

  /** Where this attempt begins; null: at the start. */
  private @Nullable Checkpoint start(RunningJob running, PublicationBuilder.Source source) {
    Checkpoint last = running.lastCheckpoint();
    TrainingTask task = source.task();
    return last == null ? continued.start(source.request(), task.request(), task.spec()) : last;
  }

  private TrainingOutcome train(
      TrainingPlan plan,
      RunningJob running,
      @Nullable Checkpoint resume,
      MemoryBudget.Need need,
      Supplier<TrainingOutcome> training) {
    try {
      running.threads(engine.threadsFor(plan, resume));
      return training.get();
    } catch (ServiceException e) {
      throw e.code() == ErrorCode.OUT_OF_MEMORY ? memory.outOfMemory(need, e) : e;
    }
  }

  private static MemoryBudget.Need need(
      ModelSpec model, NetworkShapes shapes, TrainingSpec training, PreparedData data) {
    int trained = data.training().rows();
    int others = Math.max(data.validation().rows(), data.test().rows());
    return MemoryBudget.Need.ofJob(
        model,
        shapes,
        data.encoding().targetValues(),
        training,
        new MemoryBudget.RowCounts(data.residentBytes(), trained, Math.max(trained, others)));
  }

  private PublicationBuilder.Source source(Job job) {
    TrainingTask task = (TrainingTask) job.task();
    Violations violations = new Violations();
    JobRequest request = JobRequest.read(task.request(), violations);
    violations.throwIfAny();
    TrainingSpec training = request.training();
    DatasetSelection selection = request.rows();
    if (training == null || selection == null) {
      throw new IllegalStateException("the stored request of job " + job.id() + " is incomplete");
    }
    return new PublicationBuilder.Source(
        job,
        request,
        training,
        selection,
        datasets.get(task.dataset().name(), task.dataset().version()));
  }

  private static NetworkShapes shapes(ModelSpec model, Encoding encoding) {
    Violations violations = new Violations();
    NetworkShapes shapes =
        ShapeInference.infer(model.network(), encoding.inputShapes(), "/model/network", violations);
    violations.throwIfAny();
    return shapes;
  }

  private static Checkpoint result(
      PublicationBuilder.Source source, PreparedData data, TrainingOutcome.Finished finished) {
    TrainingTask.Trial trial = Objects.requireNonNull(source.task().trial());
    return Checkpoint.ofResult(
        new EnsembleMember(
            trial.fold(),
            source.seed(),
            data.training().rows(),
            data.validation().rows(),
            finished.epochs(),
            finished.reason(),
            Objects.requireNonNull(finished.best(), "a finished training has an epoch"),
            Objects.requireNonNull(finished.last(), "a finished training has an epoch"),
            trial.number(),
            1),
        finished.weights());
  }

  /**
   * What an attempt ends with.
   *
   * @param folds of the ensemble that the sweep of the training ends in; 0: none
   */
  private Outcome outcome(
      TrainingOutcome outcome, PublicationBuilder.Source source, PreparedData data, int folds) {
    return switch (outcome) {
      case TrainingOutcome.Finished finished ->
          finished.epochs() == 0
              ? new Outcome.NothingToPublish()
              : new Outcome.Trained(
                  source.task().publishes()
                      ? publications.of(source, data.encoding(), finished, Map.of())
                      : null,
                  finished,
                  (long) data.training().rows() * finished.epochs(),
                  folds > 0 ? result(source, data, finished) : null);
      case TrainingOutcome.Searched(LearningRateCurve found) -> new Outcome.Searched(found);
      case TrainingOutcome.Cancelled _ -> new Outcome.NothingToPublish();
      case TrainingOutcome.OutOfTime early -> new Outcome.OutOfTime(early);
      case TrainingOutcome.Suspended suspended -> new Outcome.Suspended(suspended.checkpoint());
    };
  }
}
