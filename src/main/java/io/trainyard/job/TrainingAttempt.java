package io.trainyard.job;

import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.job.review.InitialWeights;
import io.trainyard.job.review.JobRequest;
import io.trainyard.model.ModelVersion;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.train.TrainingOutcome;
import org.springframework.stereotype.Component;

/** Runs one attempt at a training job, from the stored request to weights on disk. */
@Component
final class TrainingAttempt {
  private final DatasetCatalogue datasets;
  private final DatasetPlanner planner;
  private final InitialWeights initialWeights;
  private final TrainingEngine engine;
  private final ThreadAllocation threads;
  private final Publications publications;

  TrainingAttempt(
      DatasetCatalogue datasets,
      DatasetPlanner planner,
      InitialWeights initialWeights,
      TrainingEngine engine,
      ThreadAllocation threads,
      Publications publications) {
    this.datasets = datasets;
    this.planner = planner;
    this.initialWeights = initialWeights;
    this.engine = engine;
    this.threads = threads;
    this.publications = publications;
  }

  /** Trains. Everything it needs is read again from what the submission stored. */
  AttemptOutcome run(RunningJob running) {
    Publications.Source source = source(running.job());
    TrainingTask task = source.task();
    ModelSpec model = SpecReader.model(task.spec());
    ModelVersion initial = initialWeights.version(source.request());
    Encoding inherited = initial == null ? null : initial.learnedEncoding();
    try (PreparedData data =
        planner.prepare(model, source.selection(), inherited, source.seed(), running::givenUp)) {
      String pool = task.placement().pool();
      var plan =
          new TrainingPlan(
              model.network(),
              shapes(model, data.encoding()),
              model.targets(),
              source.training(),
              source.seed(),
              initialWeights.load(task.spec(), initial),
              threads.of(pool, source.request().resources().threads()),
              threads.device(pool));
      return outcome(engine.train(plan, data, running.lastCheckpoint(), running), source, data);
    }
  }

  private Publications.Source source(Job job) {
    TrainingTask task = (TrainingTask) job.task();
    Violations violations = new Violations();
    JobRequest request = JobRequest.read(task.request(), violations);
    violations.throwIfAny();
    TrainingSpec training = request.training();
    DatasetSelection selection = request.rows();
    if (training == null || selection == null) {
      throw new IllegalStateException("the stored request of job " + job.id() + " is incomplete");
    }
    return new Publications.Source(job, request, training, selection, dataset(task.dataset()));
  }

  private DatasetVersion dataset(Task.DatasetReference dataset) {
    return datasets
        .find(dataset.name(), dataset.version())
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.DATASET_NOT_FOUND,
                    "There is no dataset " + dataset.name() + "@" + dataset.version()));
  }

  private static NetworkShapes shapes(ModelSpec model, Encoding encoding) {
    Violations violations = new Violations();
    NetworkShapes shapes =
        ShapeInference.infer(model.network(), encoding.inputShapes(), "/model/network", violations);
    violations.throwIfAny();
    return shapes;
  }

  private AttemptOutcome outcome(
      TrainingOutcome outcome, Publications.Source source, PreparedData data) {
    return switch (outcome) {
      case TrainingOutcome.Finished finished ->
          finished.epochs() == 0
              ? new AttemptOutcome.NothingToPublish()
              : new AttemptOutcome.Trained(
                  publications.of(source, data.encoding(), finished),
                  finished,
                  (long) data.training().rows() * finished.epochs());
      case TrainingOutcome.Cancelled _ -> new AttemptOutcome.NothingToPublish();
      case TrainingOutcome.Suspended suspended ->
          new AttemptOutcome.Suspended(suspended.checkpoint());
    };
  }
}
