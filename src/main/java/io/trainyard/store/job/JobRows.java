package io.trainyard.store.job;

import io.trainyard.error.ErrorCode;
import io.trainyard.job.Job;
import io.trainyard.job.JobJson;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.spec.check.Warning;
import io.trainyard.store.database.Json;
import io.trainyard.store.database.Timestamps;
import io.trainyard.tensor.Device;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Jobs as rows of the table {@code jobs}, and back. */
final class JobRows {
  /** What {@link #read} needs. */
  static final String COLUMNS =
      "id, kind, model, dataset_name, dataset_version, pool, priority, state, attempt, crashes,"
          + " stop_requested, worker, device, request, spec, warnings, progress, last_record,"
          + " best_record, stop_reason, ending, created_at, started_at, finished_at";

  private JobRows() {}

  static Job read(ResultSet row, int number) throws SQLException {
    return new Job(
        row.getString("id"),
        task(row),
        state(row),
        row.getInt("attempt"),
        row.getInt("crashes"),
        row.getBoolean("stop_requested"),
        lastRun(row),
        standing(row),
        Timestamps.instant(row, "created_at"),
        nullableInstant(row, "started_at"),
        nullableInstant(row, "finished_at"));
  }

  private static Task task(ResultSet row) throws SQLException {
    String kind = row.getString("kind");
    if (!kind.equals("training")) {
      throw new IllegalStateException("job " + row.getString("id") + " is of unknown kind " + kind);
    }
    return new Task.Training(
        row.getString("model"),
        Json.read(row.getString("spec")),
        Json.read(row.getString("request")),
        new Task.Dataset(row.getString("dataset_name"), row.getInt("dataset_version")),
        new Task.Placement(row.getString("pool"), row.getInt("priority")),
        warnings(row.getString("warnings")));
  }

  private static JobState state(ResultSet row) throws SQLException {
    return switch (stateName(row.getString("state"))) {
      case QUEUED -> new JobState.Queued();
      case RUNNING -> running(row);
      case SUCCEEDED -> new JobState.Succeeded(result(Json.read(row.getString("ending"))));
      case FAILED -> new JobState.Failed(failure(Json.read(row.getString("ending"))));
      case CANCELLED -> new JobState.Cancelled();
    };
  }

  private static JobState.Running running(ResultSet row) throws SQLException {
    return new JobState.Running(row.getString("worker"), Device.of(row.getString("device")));
  }

  private static JobState.@Nullable Running lastRun(ResultSet row) throws SQLException {
    return row.getString("worker") == null ? null : running(row);
  }

  static JobState.Name stateName(String word) {
    return JobState.Name.valueOf(word.toUpperCase(Locale.ROOT));
  }

  static String word(JobState.Name state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static Job.Standing standing(ResultSet row) throws SQLException {
    String progress = row.getString("progress");
    String reason = row.getString("stop_reason");
    return new Job.Standing(
        progress == null ? null : JobJson.progress(Json.read(progress)),
        epoch(row.getString("last_record")),
        epoch(row.getString("best_record")),
        reason == null ? null : StopReason.valueOf(reason.toUpperCase(Locale.ROOT)));
  }

  private static @Nullable EpochRecord epoch(@Nullable String json) {
    return json == null ? null : JobJson.epoch(Json.read(json));
  }

  static @Nullable String text(@Nullable EpochRecord epoch) {
    return epoch == null ? null : JobJson.of(epoch).toString();
  }

  static @Nullable String text(@Nullable Progress progress) {
    return progress == null ? null : JobJson.of(progress).toString();
  }

  static @Nullable String text(@Nullable StopReason reason) {
    return reason == null ? null : reason.code();
  }

  /** How a job ended, as text; null while it has not. */
  static @Nullable String ending(JobState state) {
    return switch (state) {
      case JobState.Succeeded succeeded -> JobJson.of(succeeded.result()).toString();
      case JobState.Failed failed -> JobJson.of(failed.failure()).toString();
      case JobState.Queued _, JobState.Running _, JobState.Cancelled _ -> null;
    };
  }

  private static JobState.Result result(JsonNode json) {
    JsonNode alias = json.path("alias");
    return new JobState.Result(
        json.path("model").stringValue(),
        json.path("version").intValue(),
        alias.isObject()
            ? new JobState.AliasMove(
                alias.path("name").stringValue(),
                alias.path("moved").booleanValue(),
                textOrNull(alias, "reason"))
            : null);
  }

  private static JobState.Failure failure(JsonNode json) {
    return new JobState.Failure(
        json.path("code").stringValue(ErrorCode.INTERNAL.code()),
        json.path("detail").stringValue(""),
        json.path("epoch").isNumber() ? json.path("epoch").intValue() : null,
        json.path("step").isNumber() ? json.path("step").longValue() : null,
        textOrNull(json, "layer"));
  }

  private static @Nullable String textOrNull(JsonNode json, String member) {
    JsonNode text = json.path(member);
    return text.isString() ? text.stringValue() : null;
  }

  private static List<Warning> warnings(String text) {
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

  private static @Nullable Instant nullableInstant(ResultSet row, String column)
      throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
