package io.trainyard.api.job;

import io.trainyard.job.JobState;
import io.trainyard.job.event.JobEvent;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.Progress;
import io.trainyard.train.metric.BaselineMetrics;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The parts of a job in answers and event streams. Callers depend on the members; {@code
 * JobJsonTest} has an example of each. A number that JSON doesn't have becomes "NaN", "Infinity" or
 * "-Infinity".
 */
final class JobJson {
  private JobJson() {}

  static ObjectNode of(EpochRecord epoch) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("epoch", epoch.epoch());
    json.put("phase", epoch.phase().isEmpty() ? null : epoch.phase());
    putValues(json, epoch);
    put(json, "learning_rate", epoch.learningRate());
    put(json, "seconds", epoch.seconds());
    if (!epoch.layers().isEmpty()) {
      ObjectNode layers = json.putObject("layers");
      epoch
          .layers()
          .forEach(
              (layer, numbers) -> {
                ObjectNode own = layers.putObject(layer);
                numbers.forEach((name, number) -> put(own, name, number));
              });
    }
    if (!epoch.decisions().isEmpty()) {
      ObjectNode decisions = json.putObject("decisions");
      epoch.decisions().forEach((target, rule) -> decisions.set(target, rule.toJson()));
    }
    return json;
  }

  static ObjectNode of(BaselineMetrics baseline) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("part", baseline.part().word());
    json.put("rows", baseline.rows());
    ObjectNode metrics = json.putObject("metrics");
    baseline
        .metrics()
        .forEach(
            (name, number) -> {
              if (number == null) {
                metrics.putNull(name);
              } else {
                put(metrics, name, number);
              }
            });
    if (!baseline.notes().isEmpty()) {
      ObjectNode notes = metrics.putObject("metric_notes");
      baseline.notes().forEach(notes::put);
    }
    return json;
  }

  /** The values alone. */
  static ObjectNode values(EpochRecord record) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    putValues(json, record);
    return json;
  }

  /** The values, null where one could not be computed, and the reasons. */
  private static void putValues(ObjectNode json, EpochRecord record) {
    record.values().forEach((name, number) -> put(json, name, number));
    record.notes().keySet().forEach(json::putNull);
    if (!record.notes().isEmpty()) {
      ObjectNode notes = json.putObject("metric_notes");
      record.notes().forEach(notes::put);
    }
  }

  static ObjectNode of(Progress progress) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("phase", progress.phase().isEmpty() ? null : progress.phase());
    json.put("epoch", progress.epoch());
    json.put("epochs", progress.epochs());
    json.put("step", progress.step());
    json.put("steps_per_epoch", progress.stepsPerEpoch());
    put(json, "fraction", progress.fraction());
    double eta = progress.etaSeconds();
    json.put("eta_seconds", Double.isFinite(eta) ? eta : null);
    put(json, "rows_per_second", progress.rowsPerSecond());
    return json;
  }

  /** Null for a trial of a sweep. */
  static @Nullable ObjectNode of(JobState.Succeeded ended) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (ended.result() != null) {
      put(json, ended.result());
    }
    LearningRateCurve curve = ended.learningRates();
    if (curve != null) {
      json.put("suggestion", curve.suggestion());
      ArrayNode points = json.putArray("points");
      for (LearningRateCurve.Point point : curve.points()) {
        ObjectNode own = points.addObject();
        put(own, "learning_rate", point.learningRate());
        put(own, "loss", point.loss());
      }
    }
    return json.isEmpty() ? null : json;
  }

  private static void put(ObjectNode json, JobState.Product product) {
    switch (product) {
      case JobState.Result result -> put(json, result);
      case JobState.PredictedDataset predicted -> predicted.putInto(json);
    }
  }

  private static void put(ObjectNode json, JobState.Result result) {
    json.put("model", result.model());
    json.put("version", result.version());
    JobState.AliasMove alias = result.alias();
    if (alias == null) {
      json.putNull("alias");
    } else {
      json.putObject("alias")
          .put("name", alias.name())
          .put("moved", alias.moved())
          .put("reason", alias.reason());
    }
  }

  static ObjectNode of(JobState.Failure failure) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("code", failure.code());
    json.put("detail", failure.detail());
    json.put("epoch", failure.epoch());
    json.put("step", failure.step());
    json.put("layer", failure.layer());
    return json;
  }

  /** The event type of server-sent events. */
  static String type(JobEvent event) {
    return switch (event) {
      case JobEvent.StateChanged _ -> "state";
      case JobEvent.EpochEnded _ -> "epoch";
      case JobEvent.Logged _ -> "log";
      case JobEvent.Done _ -> "done";
    };
  }

  static ObjectNode of(JobEvent.StateChanged event) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("state", event.state().word());
    json.put("attempt", event.attempt());
    json.put("queue_position", event.queuePosition());
    return json;
  }

  static ObjectNode of(JobEvent.EpochEnded event) {
    ObjectNode json = of(event.epoch());
    json.set("progress", of(event.progress()));
    return json;
  }

  static ObjectNode of(JobEvent.Logged event) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("level", event.level())
        .put("message", event.message());
  }

  private static void put(ObjectNode json, String name, double number) {
    if (Double.isFinite(number)) {
      json.put(name, number);
    } else {
      json.put(name, Double.toString(number));
    }
  }
}
