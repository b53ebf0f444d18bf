package io.trainyard.store.job;

import io.trainyard.access.Names;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.model.Alias;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.SpecReferences;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.TableRules;
import io.trainyard.store.label.LabelColumns;
import io.trainyard.tensor.Device;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What the columns of the tables of jobs hold. */
public final class JobColumns {
  private static final String EPOCH = "what an epoch measured";
  private static final String PROGRESS = "the progress of a job";

  public static final List<TableRules> RULES =
      List.of(
          LabelColumns.rules(
              TableRules.of("jobs")
                  .text("id", "a UUID", JobColumns::isId)
                  .word("kind", List.of(TrainingTask.KIND, Task.Prediction.KIND, Task.Sweep.KIND))
                  .text("model", "a model name", Names::isName)
                  .text("dataset_name", "a dataset name", DatasetVersion::isName)
                  .atLeast(1, "dataset_version")
                  .word(
                      "state",
                      Arrays.stream(JobState.Name.values()).map(JobState.Name::word).toList())
                  .counter(
                      0, "attempt", "crashes", "last_event", "memory_failures", "native_crashes")
                  .atLeast(0, "trial", "fold", "threads")
                  .row("worker", "the worker of a job that runs", JobColumns::readWorker)
                  .document("device", "a device", Device::of)
                  .row("request", "the request of a job of its kind", JobColumns::readRequest)
                  .document(
                      "spec",
                      "a model object",
                      text -> {
                        var _ = SpecReader.model(Json.readObject(text));
                      })
                  .document("warnings", "a list of warnings", JobRows::warnings)
                  .document("progress", PROGRESS, JobColumns::readProgress)
                  .document("last_record", EPOCH, JobColumns::readEpoch)
                  .document("best_record", EPOCH, JobColumns::readEpoch)
                  .word(
                      "stop_reason",
                      Arrays.stream(StopReason.values()).map(StopReason::code).toList())
                  .row("ending", "the result or the failure of the job", JobColumns::readEnding)
                  .row("trial_parameters", "the values of a trial", JobColumns::readTrial)
                  .any(
                      "pool",
                      "priority",
                      "due_at",
                      "stop_requested",
                      "sweep",
                      "owner",
                      "traceparent")
                  .any("created_at", "started_at", "finished_at", "crash_suspect")
                  .any("resident_bytes", "memory_limit", "memory_group", "oom_kills", "measured")),
          LabelColumns.tagRules("job_tags", "job_id"),
          TableRules.of("job_values").any("job_id", "name", "amount"),
          TableRules.of("job_metrics")
              .text("job_id", "a UUID", JobColumns::isId)
              .atLeast(0, "phase", "repeat_no", "epoch")
              .atLeast(1, "event_id")
              .document("measures", EPOCH, JobColumns::readEpoch)
              .document("progress", PROGRESS, JobColumns::readProgress),
          TableRules.of("job_events")
              .text("job_id", "a UUID", JobColumns::isId)
              .atLeast(1, "event_id")
              .word("kind", List.of("state", "log", "done"))
              .row(
                  "body",
                  "an event of its kind",
                  row -> {
                    var _ =
                        JobEventLog.event(
                            1,
                            row.path("kind").stringValue(),
                            Json.readObject(row.path("body").stringValue()),
                            null);
                  })
              .any("created_at"),
          TableRules.of("job_frames")
              .text("job_id", "a UUID", JobColumns::isId)
              .atLeast(0, "epoch")
              .object("frame"),
          TableRules.of("promised_aliases")
              .text("job_id", "a UUID", JobColumns::isId)
              .atLeast(1, "model_id", "version", "alias_move")
              .text("alias", "the name of an alias", Alias::isName)
              .any("promised_at", "next_at"),
          TableRules.of("job_evaluations")
              .text("job_id", "a UUID", JobColumns::isId)
              .object("evaluation"),
          TableRules.of("checkpoints")
              .text("job_id", "a UUID", JobColumns::isId)
              .atLeast(0, "checkpoint_no", "attempt", "bytes")
              .document("place", "the position of a checkpoint", StoredPosition::read)
              .sha256("sha256")
              .any("created_at"),
          TableRules.of("scheduled_tasks")
              .atLeast(0, "consecutive_failures")
              .any("task_name", "task_instance", "task_data", "execution_time", "picked")
              .any("picked_by", "last_success", "last_failure", "last_heartbeat", "version")
              .any("priority"));

  private JobColumns() {}

  private static boolean isId(String text) {
    return UUID.fromString(text).toString().equals(text);
  }

  private static @Nullable String text(JsonNode row, String column) {
    return row.path(column).isString() ? row.path(column).stringValue() : null;
  }

  private static JobState.Name state(JsonNode row) {
    return JobRows.stateName(row.path("state").stringValue());
  }

  private static void readWorker(JsonNode row) {
    boolean runs = text(row, "worker") != null;
    require(runs || state(row) != JobState.Name.RUNNING, "the job is running");
    require(!runs || text(row, "device") != null, "its device is missing");
  }

  /** An ended job is only shown: any object will do. */
  private static void readRequest(JsonNode row) {
    JsonNode request = Json.readObject(Objects.requireNonNull(text(row, "request")));
    if (state(row).done()) {
      return;
    }
    JsonNode job = request;
    switch (Objects.requireNonNull(text(row, "kind"))) {
      case Task.Prediction.KIND ->
          require(request.path("version").asInt(0) >= 1, "its version is no number from 1");
      case Task.Sweep.KIND -> job = request.path("job");
      default -> {}
    }
    require(job.path("dataset").isObject(), "it has no dataset");
    var _ = SpecReferences.ofJob(JsonNodeFactory.instance.objectNode(), job);
  }

  private static void readEnding(JsonNode row) {
    String ending = text(row, "ending");
    switch (state(row)) {
      case SUCCEEDED -> {
        if (ending != null) {
          var _ = StoredEnding.succeeded(Json.readObject(ending));
        }
      }
      case FAILED -> {
        var _ = StoredEnding.failure(Json.readObject(Objects.requireNonNull(ending, "it is null")));
      }
      case QUEUED, RUNNING, CANCELLED -> require(ending == null, "the job has neither");
    }
  }

  private static void readTrial(JsonNode row) {
    if (row.path("trial").isNumber()) {
      require(text(row, "sweep") != null, "its sweep is missing");
      var _ = Json.readObject(Objects.requireNonNull(text(row, "trial_parameters"), "it is null"));
    }
  }

  private static void readProgress(String text) {
    Progress progress = StoredMeasurements.progress(Json.readObject(text));
    require(progress.epoch() >= 0 && progress.epochs() >= 0, "an epoch is negative");
    require(progress.step() >= 0 && progress.stepsPerEpoch() >= 0, "a step is negative");
  }

  private static void readEpoch(String text) {
    EpochRecord epoch = StoredMeasurements.epoch(Json.readObject(text));
    require(epoch.epoch() >= 0, "its epoch is negative");
  }

  private static void require(boolean holds, String reason) {
    if (!holds) {
      throw new IllegalArgumentException(reason);
    }
  }
}
