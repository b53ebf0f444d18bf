package io.trainyard.job.check;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.job.check.FinishedJobs.FinishedJob;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.CheckpointStore;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Trainings that go on where another job ended, with its weights, the state of its optimizer and
 * its epoch numbers, as one longer training. Its best epoch stays the best until a better one
 * follows, where both jobs measure the same; else the best is chosen among the new epochs.
 */
@Component
public final class ContinuedJobs {
  private static final String POINTER = "/initial_weights/job";

  private final FinishedJobs jobs;
  private final CheckpointStore checkpoints;

  ContinuedJobs(FinishedJobs jobs, CheckpointStore checkpoints) {
    this.jobs = jobs;
    this.checkpoints = checkpoints;
  }

  /**
   * The version that a request starts from: the one it names, or the one its job has published.
   * Null, with a violation, when the job has published none.
   */
  JobRequest.@Nullable Origin resolve(JobRequest.Origin origin, Violations violations) {
    String id = origin.job();
    if (id == null) {
      return origin;
    }
    FinishedJob job = jobs.find(id).orElse(null);
    if (job == null) {
      violations.add(POINTER, "There is no job '" + JsonObject.shorten(id) + "'");
      return null;
    }
    if (job.model() == null) {
      violations.add(
          POINTER,
          "Job %s is %s and has published no version; name a job that has succeeded"
              .formatted(id, job.state()));
      return null;
    }
    return new JobRequest.Origin(job.model(), job.version(), id, origin.optimizer());
  }

  /** The seed of the job that a request goes on from: the same rows and the same random numbers. */
  public OptionalLong seed(JobRequest request) {
    FinishedJob job = continued(request);
    return job == null ? OptionalLong.empty() : training(job).seed();
  }

  /** Makes the checkpoint that a request goes on from the last that is deleted. */
  public void keep(JobRequest request) {
    FinishedJob job = continued(request);
    if (job != null) {
      checkpoints.keep(job.id());
    }
  }

  private @Nullable FinishedJob continued(JobRequest request) {
    JobRequest.Origin origin = request.initialWeights();
    String id = origin == null || !origin.optimizer() ? null : origin.job();
    return id == null ? null : jobs.find(id).orElse(null);
  }

  private static TrainingSpec training(FinishedJob job) {
    JobRequest request = JobRequest.read(job.request(), new Violations());
    return Objects.requireNonNull(request.training(), "a finished job has a training");
  }

  /** Adds a violation for everything by which the training could not go on with that state. */
  void check(JobRequest request, ModelSpec model, JsonNode training, Violations violations) {
    FinishedJob job = continued(request);
    TrainingSpec next = request.training();
    if (job == null || next == null) {
      return;
    }
    TrainingSpec before = training(job);
    if (!before.phases().isEmpty() || !next.phases().isEmpty()) {
      violations.add(
          "/initial_weights/optimizer",
          "%s trains in phases, each with an optimizer of its own, and none goes on in another job; leave 'optimizer' out to start from the weights"
              .formatted(before.phases().isEmpty() ? "This job" : "Job " + job.id()));
      return;
    }
    if (before.ensemble() != null) {
      violations.add(
          "/initial_weights/optimizer",
          "Job %s trained the members of an ensemble one by one, and no job goes on with their optimizers; leave 'optimizer' out to start from the weights"
              .formatted(job.id()));
      return;
    }
    if (next.rateSearch() != null) {
      violations.add(
          "/training/find_learning_rate",
          "A rate is found from a new optimizer, and this job goes on with the state of job %s; leave find_learning_rate out, or 'optimizer' out of initial_weights"
              .formatted(job.id()));
    }
    checkKept(job, next, violations);
    if (!sameButLearningRate(before, next, training)) {
      violations.add(
          "/training/optimizer",
          "The state is that of job %s's optimizer, %s: give the same one, in which only the learning_rate may differ, or leave 'optimizer' out of initial_weights"
              .formatted(job.id(), job.request().at("/training/optimizer").toString()));
    }
    if (before.precision() != next.precision()) {
      violations.add(
          "/training/precision",
          "Job %s computed in another precision; write \"precision\": \"%s\""
              .formatted(job.id(), before.precision().name().toLowerCase(Locale.ROOT)));
    }
    if (before.updates().averageDecay() == null && next.updates().averageDecay() != null) {
      violations.add(
          "/training/ema",
          "Job %s kept no average of its weights to go on from; leave ema out".formatted(job.id()));
    }
    if (!frozen(SpecReader.model(job.spec())).equals(frozen(model))) {
      violations.add(
          POINTER,
          "Job %s trained other layers: 'trainable' must be the same, or leave 'optimizer' out to start with a new optimizer"
              .formatted(job.id()));
    }
  }

  private void checkKept(FinishedJob job, TrainingSpec next, Violations violations) {
    Checkpoint.Position reached = checkpoints.position(job.id()).orElse(null);
    if (reached == null) {
      violations.add(POINTER, gone(job));
    } else if (next.epochs() <= reached.epochs()) {
      violations.add(
          "/training/epochs",
          "Job %s has trained %d epochs, which count; write a larger number"
              .formatted(job.id(), reached.epochs()));
    }
  }

  private static String gone(FinishedJob job) {
    return "The optimizer's state of job %s is no longer kept; leave 'optimizer' out to start from its version %s@%d with a new optimizer. trainyard.jobs.kept-checkpoints says how much is kept"
        .formatted(job.id(), job.model(), job.version());
  }

  private static boolean sameButLearningRate(
      TrainingSpec before, TrainingSpec next, JsonNode training) {
    if (before.optimizer().equals(next.optimizer())) {
      return true;
    }
    ObjectNode changed = training.deepCopy().asObject();
    JsonNode given = changed.path("optimizer");
    ObjectNode optimizer =
        given.isObject()
            ? given.asObject()
            : JsonNodeFactory.instance.objectNode().put("type", next.optimizer().type());
    optimizer.put("learning_rate", before.optimizer().learningRate());
    changed.set("optimizer", optimizer);
    TrainingSpec read = SpecReader.readableTraining(changed, "", new Violations()).spec();
    return read != null && before.optimizer().equals(read.optimizer());
  }

  private static List<String> frozen(ModelSpec model) {
    return model.network().layers().stream()
        .filter(layer -> !layer.trainable())
        .map(Layer::name)
        .toList();
  }

  /**
   * Where a stored, resolved request begins; null when it begins at the start.
   *
   * @param json the same request
   * @param spec its model object
   * @throws ServiceException when that is no longer kept
   */
  public @Nullable Checkpoint start(JobRequest request, JsonNode json, JsonNode spec) {
    FinishedJob job = continued(request);
    JobRequest.Origin origin = request.initialWeights();
    if (origin == null || !origin.optimizer()) {
      return null;
    }
    if (job == null) {
      throw new ServiceException(
          ErrorCode.JOB_NOT_FOUND,
          "The job %s, whose optimizer state this job goes on with, was deleted"
              .formatted(origin.job()));
    }
    Checkpoint last = checkpoints.latest(job.id()).orElse(null);
    if (last == null) {
      throw new ServiceException(ErrorCode.CONFLICT, gone(job));
    }
    TrainingSpec next = Objects.requireNonNull(request.training());
    boolean comparable =
        job.request().path("dataset").equals(json.path("dataset"))
            && job.spec().equals(spec)
            && training(job).measuresAs(next);
    return last.continued(comparable, job.ruleEnded());
  }
}
