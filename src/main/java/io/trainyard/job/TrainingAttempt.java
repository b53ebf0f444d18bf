package io.trainyard.job;

import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.dataset.prepare.DatasetPlanner;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.job.review.InitialWeights;
import io.trainyard.job.review.JobRequest;
import io.trainyard.job.review.OnSuccess;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.NestedModels;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.WeightStore;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.TrainingOutcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What an attempt at a training job does, from the stored request to weights safely on disk. */
@Component
final class TrainingAttempt {
  private static final Logger log = LoggerFactory.getLogger(TrainingAttempt.class);

  private final DatasetCatalogue datasets;
  private final DatasetPlanner planner;
  private final VersionResolver versions;
  private final NestedModels nested;
  private final WeightStore weights;
  private final InitialWeights initialWeights;
  private final Training training;
  private final CheckpointStore checkpoints;
  private final ThreadAllocation threads;
  private final JobMetrics metrics;

  TrainingAttempt(
      DatasetCatalogue datasets,
      DatasetPlanner planner,
      VersionResolver versions,
      NestedModels nested,
      WeightStore weights,
      InitialWeights initialWeights,
      Training training,
      CheckpointStore checkpoints,
      ThreadAllocation threads,
      JobMetrics metrics) {
    this.datasets = datasets;
    this.planner = planner;
    this.versions = versions;
    this.nested = nested;
    this.weights = weights;
    this.initialWeights = initialWeights;
    this.training = training;
    this.checkpoints = checkpoints;
    this.threads = threads;
    this.metrics = metrics;
  }

  /** How an attempt came out, unless it failed. */
  sealed interface Result {
    /** A version to publish; its weights are on disk. */
    record Trained(JobStore.Publication publication, TrainingOutcome.Finished outcome)
        implements Result {
      /** Where the job stands at its end. */
      Job.Standing standing(@Nullable Progress progress) {
        return new Job.Standing(
            progress,
            withTest(outcome.last(), outcome.testValues()),
            outcome.best(),
            outcome.reason());
      }

      private static @Nullable EpochRecord withTest(
          @Nullable EpochRecord last, Map<String, Double> test) {
        if (last == null) {
          return null;
        }
        Map<String, Double> values = new LinkedHashMap<>(last.values());
        values.putAll(test);
        return new EpochRecord(
            last.epoch(), last.phase(), values, last.learningRate(), last.seconds());
      }
    }

    /** It was cancelled, or stopped before an epoch ended. */
    record NothingToPublish() implements Result {}

    /** Another attempt goes on, from the checkpoint when there is one. */
    record Suspended(@Nullable Checkpoint checkpoint) implements Result {}
  }

  /** Trains; everything it needs is read again from what was stored at submission. */
  Result run(RunningJob attempt) {
    Job job = attempt.job();
    Task.Training task = (Task.Training) job.task();
    JobRequest request = request(task);
    ModelSpec model = SpecReader.model(task.spec());
    TrainingSpec spec = request.training();
    if (spec == null || request.rows() == null) {
      throw new IllegalStateException("the stored request of job " + job.id() + " is incomplete");
    }
    DatasetVersion dataset = dataset(task.dataset());
    ModelVersion initial = initial(request);
    Encoding kept = initial == null ? null : initial.learnedEncoding();
    long seed = spec.seed().orElseThrow();
    try (PreparedData data = planner.prepare(model, request.rows(), kept, seed, attempt::givenUp)) {
      NetworkShapes shapes = shapes(model, data.encoding());
      var plan =
          new TrainingPlan(
              model.network(),
              shapes,
              model.targets(),
              spec,
              seed,
              firstWeights(task, initial),
              threads.of(task.placement().pool(), request.resources().threads()),
              threads.device(task.placement().pool()));
      return switch (training.train(plan, data, resume(job), attempt)) {
        case TrainingOutcome.Finished finished -> {
          metrics.trained((long) data.training().rows() * finished.epochs());
          yield finished.epochs() == 0
              ? new Result.NothingToPublish()
              : new Result.Trained(
                  publication(job, task, request, dataset, seed, data, finished), finished);
        }
        case TrainingOutcome.Cancelled _ -> new Result.NothingToPublish();
        case TrainingOutcome.Suspended suspended -> new Result.Suspended(suspended.checkpoint());
      };
    }
  }

  /** Nested versions' weights, and over them those of the version the job starts from. */
  private Map<String, HostTensor> firstWeights(Task.Training task, @Nullable ModelVersion initial) {
    Map<String, HostTensor> first = new LinkedHashMap<>(nested.weights(task.spec()));
    if (initial != null) {
      first.putAll(initialWeights.load(initial));
    }
    return first;
  }

  private @Nullable Checkpoint resume(Job job) {
    Checkpoint checkpoint = job.attempt() == 1 ? null : checkpoints.latest(job.id()).orElse(null);
    if (checkpoint != null) {
      log.info("Goes on after epoch {}", checkpoint.position().epochs());
    }
    return checkpoint;
  }

  private static JobRequest request(Task.Training task) {
    Violations violations = new Violations();
    JobRequest request = JobRequest.read(task.request(), violations);
    violations.throwIfAny();
    return request;
  }

  private @Nullable ModelVersion initial(JobRequest request) {
    JobRequest.Origin origin = request.initialWeights();
    return origin == null || origin.model() == null
        ? null
        : versions.version(origin.model(), origin.version());
  }

  private static NetworkShapes shapes(ModelSpec model, Encoding encoding) {
    Violations violations = new Violations();
    NetworkShapes shapes =
        ShapeInference.infer(model.network(), encoding.inputShapes(), "/model/network", violations);
    violations.throwIfAny();
    return shapes;
  }

  private JobStore.Publication publication(
      Job job,
      Task.Training task,
      JobRequest request,
      DatasetVersion dataset,
      long seed,
      PreparedData data,
      TrainingOutcome.Finished finished) {
    Map<String, Double> measured = new LinkedHashMap<>();
    if (finished.best() != null) {
      measured.putAll(finished.best().values());
    }
    measured.putAll(finished.testValues());
    StoredWeights stored = weights.store(finished.weights());
    var version =
        new NewVersion(
            task.model(),
            task.spec(),
            answering(data.encoding(), request).toJson(),
            metricsJson(measured, finished),
            provenance(job, dataset, seed, finished),
            stored,
            nested.needs(task.spec()));
    OnSuccess onSuccess = request.onSuccess();
    return onSuccess == null
        ? new JobStore.Publication(version, null, null)
        : new JobStore.Publication(
            version, onSuccess.alias(), onSuccess.objection(measured).orElse(null));
  }

  /** The encoding, told which outputs are logits: they are not shares until a softmax. */
  private static Encoding answering(Encoding encoding, JobRequest request) {
    TrainingSpec training = Objects.requireNonNull(request.training());
    return encoding.fromLogits(
        encoding.targets().values().stream()
            .map(TargetEncoding::output)
            .filter(output -> training.loss(output).fromLogits())
            .collect(Collectors.toSet()));
  }

  private static ObjectNode metricsJson(
      Map<String, Double> measured, TrainingOutcome.Finished finished) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    measured.forEach((name, measure) -> JobJson.put(json, name, measure));
    if (!finished.confusion().isEmpty()) {
      ObjectNode confusion = json.putObject("confusion");
      finished.confusion().forEach((target, matrix) -> confusion.set(target, JobJson.of(matrix)));
    }
    return json;
  }

  private Provenance provenance(
      Job job, DatasetVersion dataset, long seed, TrainingOutcome.Finished finished) {
    return new Provenance.Trained(
        job.id(),
        dataset.reference(),
        dataset.sha256(),
        seed,
        finished.device(),
        finished.threads(),
        training.libraries());
  }

  private DatasetVersion dataset(Task.Dataset dataset) {
    return datasets
        .find(dataset.name(), dataset.version())
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.DATASET_NOT_FOUND,
                    "There is no data set " + dataset.name() + "@" + dataset.version()));
  }
}
