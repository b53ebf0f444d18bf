package io.trainyard.api.job;

import io.trainyard.job.Job;
import io.trainyard.job.JobState;
import io.trainyard.job.sweep.SweepResults;
import io.trainyard.job.sweep.SweepService;
import io.trainyard.job.sweep.SweepTraining;
import io.trainyard.spec.check.Warning;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A sweep in answers. A mean that is not known yet is null.
 *
 * @param fraction the share of the trainings that has ended
 */
public record SweepView(
    String id,
    String kind,
    String model,
    String state,
    boolean done,
    @Nullable Integer queuePosition,
    @Nullable String waitsFor,
    double fraction,
    List<ObjectNode> trials,
    @Nullable ObjectNode best,
    String owner,
    @Nullable String description,
    Map<String, String> tags,
    boolean archived,
    int attempt,
    List<Warning> warnings,
    JsonNode request,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable ObjectNode error,
    @Nullable ObjectNode result) {
  private static final long OWN_BYTES = 2_000;
  private static final long TRAINING_BYTES = 200;

  /** The view of a sweep that does not wait, or of which it is not told what for. */
  public static SweepView of(SweepService.Sweep sweep) {
    return of(sweep, 0, null);
  }

  /**
   * The view of a sweep.
   *
   * @param position in the queue, from 1; 0 when it is not queued
   * @param waitsFor why it does not start, in words; null when it is not queued
   */
  static SweepView of(SweepService.Sweep sweep, int position, @Nullable String waitsFor) {
    Job job = sweep.job();
    SweepResults results = sweep.results();
    return new SweepView(
        job.id(),
        job.task().kind(),
        job.task().model(),
        job.state().name().word(),
        job.state().done(),
        position == 0 ? null : position,
        waitsFor,
        job.state() instanceof JobState.Succeeded ? 1 : sweep.fraction(),
        results.trials().stream().map(SweepView::trial).toList(),
        results.best().map(best -> best(best, sweep.trainings())).orElse(null),
        job.labels().shownOwner(),
        job.labels().description(),
        job.labels().tags(),
        job.labels().archived(),
        job.attempt(),
        JobView.warnings(job),
        job.task().request(),
        job.createdAt(),
        job.startedAt(),
        job.finishedAt(),
        job.state() instanceof JobState.Failed failed ? failed.failure().toJson() : null,
        JobView.result(job));
  }

  private static ObjectNode trial(SweepResults.TrialResult trial) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("rank", trial.rank());
    json.put("trial", trial.number());
    json.set("parameters", trial.parameters());
    put(json, "mean", trial.mean());
    put(json, "std", trial.std());
    ArrayNode folds = json.putArray("folds");
    for (Double value : trial.folds()) {
      if (value == null || Double.isNaN(value)) {
        folds.addNull();
      } else if (Double.isFinite(value)) {
        folds.add(value);
      } else {
        folds.add(value.toString());
      }
    }
    ArrayNode jobs = json.putArray("jobs");
    trial.jobs().forEach(jobs::add);
    json.put("state", trial.state().word());
    if (!trial.notes().isEmpty()) {
      ObjectNode notes = json.putObject("metric_notes");
      trial.notes().forEach(notes::put);
    }
    return json;
  }

  private static void put(ObjectNode json, String name, double number) {
    json.put(name, Double.isNaN(number) ? null : (Double) number);
  }

  /** The best trial so far, and the job that trains it on all rows. */
  private static ObjectNode best(SweepResults.TrialResult best, List<SweepTraining> trainings) {
    ObjectNode json = trial(best);
    trainings.stream()
        .filter(training -> training.trial() == 0)
        .findFirst()
        .ifPresentOrElse(refit -> json.put("refit", refit.job()), () -> json.putNull("refit"));
    return json;
  }

  /** About how long the answer is. */
  static long bytes(SweepService.Sweep sweep) {
    long parameters =
        sweep.trainings().isEmpty()
            ? 0
            : sweep.trainings().getFirst().parameters().toString().length();
    return OWN_BYTES
        + sweep.job().task().request().toString().length()
        + sweep.trainings().size() * (TRAINING_BYTES + parameters);
  }
}
