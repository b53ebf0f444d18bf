package io.trainyard.store.job;

import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.error.ErrorCode;
import io.trainyard.job.JobState;
import io.trainyard.model.DefaultVersion;
import io.trainyard.model.EnsembleChoice;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.metric.BaselineMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The column {@code ending}: the result or the failure of a job as JSON. Kept data folders contain
 * it, so its members never change; {@code StoredJobTest} has an example of each.
 */
final class StoredEnding {
  private static final String BASELINE = "baseline";
  private static final String MEASURED = "measured";
  private static final String POINTS = "points";
  private static final String SUGGESTION = "suggestion";

  private StoredEnding() {}

  /** The stored form of a state; null when the state has neither a result nor a failure. */
  static @Nullable String write(JobState state) {
    return switch (state) {
      case JobState.Succeeded(
              JobState.Product result,
              LearningRateCurve curve,
              BaselineMetrics baseline,
              JsonNode measured) ->
          write(result, curve, baseline, measured);
      case JobState.Failed failed -> failed.failure().toJson().toString();
      case JobState.Queued _, JobState.Running _, JobState.Cancelled _ -> null;
    };
  }

  private static @Nullable String write(
      JobState.@Nullable Product result,
      @Nullable LearningRateCurve curve,
      @Nullable BaselineMetrics baseline,
      @Nullable JsonNode measured) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (result != null) {
      result.putInto(json);
    }
    if (curve != null) {
      ArrayNode points = json.putArray(POINTS);
      curve
          .points()
          .forEach(point -> points.addArray().add(point.learningRate()).add(point.loss()));
      json.put(SUGGESTION, curve.suggestion());
    }
    if (baseline != null) {
      ObjectNode stored = json.putObject(BASELINE);
      stored.put("part", baseline.part().word()).put("rows", baseline.rows());
      ObjectNode metrics = stored.putObject("metrics");
      baseline.metrics().forEach(metrics::put);
      if (!baseline.notes().isEmpty()) {
        ObjectNode notes = stored.putObject("notes");
        baseline.notes().forEach(notes::put);
      }
    }
    if (measured != null) {
      json.set(MEASURED, measured);
    }
    return json.isEmpty() ? null : json.toString();
  }

  static JobState.Succeeded succeeded(JsonNode json) {
    return new JobState.Succeeded(
        product(json), curve(json), baseline(json.path(BASELINE)), json.get(MEASURED));
  }

  private static JobState.@Nullable Product product(JsonNode json) {
    if (json.has("dataset")) {
      return new JobState.PredictedDataset(
          json.path("dataset").stringValue(),
          json.path("version").intValue(),
          json.path("rows").longValue(),
          json.has("skipped_rows") ? skipped(json) : null,
          StoredMeasurements.decisions(json.path("decisions")));
    }
    return json.has("model") ? result(json) : null;
  }

  private static JobState.Skipped skipped(JsonNode json) {
    List<SkippedRows.Reason> reasons = new ArrayList<>();
    for (JsonNode reason : json.path("skipped")) {
      reasons.add(
          new SkippedRows.Reason(
              reason.path("row").longValue(),
              reason.path("column").stringValue(),
              reason.path("detail").stringValue()));
    }
    return new JobState.Skipped(json.path("skipped_rows").longValue(), reasons);
  }

  private static @Nullable LearningRateCurve curve(JsonNode json) {
    if (!json.has(POINTS)) {
      return null;
    }
    List<LearningRateCurve.Point> points = new ArrayList<>();
    for (JsonNode point : json.path(POINTS)) {
      points.add(
          new LearningRateCurve.Point(point.path(0).doubleValue(), point.path(1).doubleValue()));
    }
    JsonNode suggestion = json.path(SUGGESTION);
    return new LearningRateCurve(suggestion.isNumber() ? suggestion.doubleValue() : null, points);
  }

  private static @Nullable BaselineMetrics baseline(JsonNode json) {
    if (!json.isObject()) {
      return null;
    }
    Map<String, @Nullable Double> metrics = new LinkedHashMap<>();
    json.path("metrics")
        .properties()
        .forEach(
            metric ->
                metrics.put(
                    metric.getKey(),
                    metric.getValue().isNumber() ? metric.getValue().doubleValue() : null));
    return new BaselineMetrics(
        Part.valueOf(json.path("part").stringValue().toUpperCase(Locale.ROOT)),
        json.path("rows").intValue(),
        metrics,
        StoredMeasurements.notes(json.path("notes")));
  }

  static JobState.Result result(JsonNode json) {
    JsonNode alias = json.path("alias");
    JsonNode serving = json.path("serving");
    return new JobState.Result(
        json.path("model").stringValue(),
        json.path("version").intValue(),
        alias.isObject()
            ? new JobState.AliasMove(
                alias.path("name").stringValue(),
                alias.path("moved").booleanValue(),
                textOrNull(alias, "reason"))
            : null,
        json.has("ensemble") ? EnsembleChoice.of(json.get("ensemble")) : null,
        serving.isObject()
            ? new DefaultVersion(textOrNull(serving, "alias"), serving.path("version").intValue())
            : null);
  }

  static JobState.Failure failure(JsonNode json) {
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
}
