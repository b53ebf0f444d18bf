package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.job.Job;
import io.trainyard.job.JobProgress;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.job.TrainingTask;
import io.trainyard.spec.check.Warning;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.Timestamps;
import io.trainyard.store.label.LabelColumns;
import io.trainyard.tensor.Device;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Rows of the table {@code jobs}. */
final class JobRows {
  /** The columns that {@link #read} needs. */
  static final String COLUMNS =
      "id, kind, model, dataset_name, dataset_version, pool, priority, state, attempt, crashes,"
          + " stop_requested, worker, device, threads, request, spec, warnings, progress,"
          + " last_record, best_record, stop_reason, ending, sweep, trial, fold, trial_parameters,"
          + " created_at, started_at, finished_at, "
          + LabelColumns.of("");

  /** The words of the states that are final. */
  static final List<String> ENDED = words(JobState.Name::done);

  /** The words of the states that are not final. */
  static final List<String> UNFINISHED = words(state -> !state.done());

  private static final JobState.Failure UNREADABLE =
      new JobState.Failure(
          ErrorCode.INTERNAL.code(), "This release cannot read what another one stored about it");

  /** A condition for a job whose attempt has not changed since it was read; it has parameters. */
  static final String OWNED = " where id = :id and state = :running and attempt = :attempt";

  private JobRows() {}

  /** The parameters of {@link #OWNED}. */
  static Map<String, Object> owned(String id, int attempt) {
    return Map.of("id", id, "running", JobState.Name.RUNNING.word(), "attempt", attempt);
  }

  /** A part of a row. */
  private interface Part<T> {
    T read() throws SQLException;
  }

  /**
   * Reads a part of a row. What an ended job holds is history: where another release wrote it and
   * this one cannot read it, something stands for it, so that the job is listed and deleted.
   */
  private static <T> T read(ResultSet row, T instead, Part<T> part) throws SQLException {
    T read = readable(row, part);
    return read == null ? instead : read;
  }

  private static <T> @Nullable T readable(ResultSet row, Part<T> part) throws SQLException {
    try {
      return part.read();
    } catch (RuntimeException e) {
      if (!stateName(row.getString("state")).done()) {
        throw e;
      }
      return null;
    }
  }

  static Job read(ResultSet row, int number) throws SQLException {
    return new Job(
        row.getString("id"),
        task(row),
        state(row),
        row.getInt("attempt"),
        row.getInt("crashes"),
        row.getBoolean("stop_requested"),
        lastRun(row),
        row.getObject("threads", Integer.class),
        progress(row),
        Timestamps.instant(row, "created_at"),
        Timestamps.nullable(row, "started_at"),
        Timestamps.nullable(row, "finished_at"),
        LabelColumns.read(row));
  }

  private static Task task(ResultSet row) throws SQLException {
    String kind = row.getString("kind");
    String model = row.getString("model");
    JsonNode nothing = JsonNodeFactory.instance.objectNode();
    JsonNode spec = read(row, nothing, () -> Json.readObject(row.getString("spec")));
    JsonNode request = read(row, nothing, () -> Json.readObject(row.getString("request")));
    var dataset =
        new Task.DatasetReference(row.getString("dataset_name"), row.getInt("dataset_version"));
    var placement = new Task.Placement(row.getString("pool"), row.getInt("priority"));
    List<Warning> warnings = read(row, List.of(), () -> warnings(row.getString("warnings")));
    return switch (kind) {
      case "training" ->
          new TrainingTask(model, spec, request, dataset, placement, warnings, trial(row));
      case Task.Prediction.KIND ->
          new Task.Prediction(
              model, request.path("version").asInt(0), spec, request, dataset, placement, warnings);
      case Task.Sweep.KIND -> new Task.Sweep(model, spec, request, dataset, placement, warnings);
      default ->
          throw new IllegalStateException(
              "job " + row.getString("id") + " is of unknown kind " + kind);
    };
  }

  private static TrainingTask.@Nullable Trial trial(ResultSet row) throws SQLException {
    Integer number = row.getObject("trial", Integer.class);
    return number == null
        ? null
        : new TrainingTask.Trial(
            row.getString("sweep"), number, row.getInt("fold"), trialParameters(row));
  }

  private static JobState state(ResultSet row) throws SQLException {
    return switch (stateName(row.getString("state"))) {
      case QUEUED -> new JobState.Queued();
      case RUNNING -> running(row);
      case SUCCEEDED -> succeeded(row);
      case FAILED -> new JobState.Failed(failure(row));
      case CANCELLED -> new JobState.Cancelled();
    };
  }

  /** The values of a trial. */
  static JsonNode trialParameters(ResultSet row) throws SQLException {
    return read(
        row,
        JsonNodeFactory.instance.objectNode(),
        () -> Json.readObject(row.getString("trial_parameters")));
  }

  /** How a job succeeded. */
  static JobState.Succeeded succeeded(ResultSet row) throws SQLException {
    String ending = row.getString("ending");
    JobState.Succeeded nothing = new JobState.Succeeded(null);
    return ending == null
        ? nothing
        : read(row, nothing, () -> StoredEnding.succeeded(Json.readObject(ending)));
  }

  /** How a job failed. */
  static JobState.Failure failure(ResultSet row) throws SQLException {
    return read(
        row, UNREADABLE, () -> StoredEnding.failure(Json.readObject(row.getString("ending"))));
  }

  private static JobState.Running running(ResultSet row) throws SQLException {
    return new JobState.Running(row.getString("worker"), Device.of(row.getString("device")));
  }

  private static JobState.@Nullable Running lastRun(ResultSet row) throws SQLException {
    return row.getString("worker") == null ? null : running(row);
  }

  static JobState.Name stateName(String word) {
    for (JobState.Name name : JobState.Name.values()) {
      if (name.word().equals(word)) {
        return name;
      }
    }
    throw new IllegalStateException("'" + word + "' is not a state of a job");
  }

  private static List<String> words(Predicate<JobState.Name> wanted) {
    return Arrays.stream(JobState.Name.values()).filter(wanted).map(JobState.Name::word).toList();
  }

  private static JobProgress progress(ResultSet row) throws SQLException {
    String current = row.getString("progress");
    String reason = row.getString("stop_reason");
    return new JobProgress(
        current == null
            ? null
            : readable(row, () -> StoredMeasurements.progress(Json.read(current))),
        epoch(row, "last_record"),
        epoch(row, "best_record"),
        reason == null ? null : readable(row, () -> stopReason(reason)));
  }

  /** The record of an epoch in a column. */
  static @Nullable EpochRecord epoch(ResultSet row, String column) throws SQLException {
    String text = row.getString(column);
    return text == null ? null : readable(row, () -> StoredMeasurements.epoch(Json.read(text)));
  }

  private static StopReason stopReason(String code) {
    for (StopReason reason : StopReason.values()) {
      if (reason.code().equals(code)) {
        return reason;
      }
    }
    throw new IllegalStateException("'" + code + "' is not a reason to stop");
  }

  static @Nullable String text(@Nullable EpochRecord epoch) {
    return epoch == null ? null : epoch.toJson().toString();
  }

  static @Nullable String text(@Nullable Progress progress) {
    return progress == null ? null : progress.toJson().toString();
  }

  static @Nullable String text(@Nullable StopReason reason) {
    return reason == null ? null : reason.code();
  }

  static List<Warning> warnings(String text) {
    List<Warning> warnings = new ArrayList<>();
    for (JsonNode json : Json.read(text)) {
      warnings.add(
          new Warning(
              json.path("pointer").stringValue(),
              json.path("code").stringValue(),
              json.path("detail").stringValue()));
    }
    return warnings;
  }

  static String text(List<Warning> warnings) {
    ArrayNode json = JsonNodeFactory.instance.arrayNode();
    for (Warning warning : warnings) {
      ObjectNode object = json.addObject();
      object.put("pointer", warning.pointer());
      object.put("code", warning.code());
      object.put("detail", warning.detail());
    }
    return json.toString();
  }
}
