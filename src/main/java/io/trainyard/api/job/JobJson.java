package io.trainyard.api.job;

import io.trainyard.job.JobState;
import io.trainyard.job.event.JobEvent;
import io.trainyard.json.StrictJson;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.metric.BaselineMetrics;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What only answers and event streams have of a job. Callers depend on the members; {@code
 * JobJsonTest} has an example of each. A number that JSON doesn't have becomes "NaN", "Infinity" or
 * "-Infinity".
 */
final class JobJson {
  private JobJson() {}

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
                metrics.set(name, StrictJson.number(number));
              }
            });
    if (!baseline.notes().isEmpty()) {
      ObjectNode notes = metrics.putObject("metric_notes");
      baseline.notes().forEach(notes::put);
    }
    return json;
  }

  /** Null for a trial of a sweep. */
  static @Nullable ObjectNode of(JobState.Succeeded ended) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (ended.result() != null) {
      ended.result().putInto(json);
    }
    LearningRateCurve curve = ended.learningRates();
    if (curve != null) {
      json.put("suggestion", curve.suggestion());
      ArrayNode points = json.putArray("points");
      for (LearningRateCurve.Point point : curve.points()) {
        ObjectNode own = points.addObject();
        own.set("learning_rate", StrictJson.number(point.learningRate()));
        own.set("loss", StrictJson.number(point.loss()));
      }
    }
    return json.isEmpty() ? null : json;
  }

  /** The event type of server-sent events. */
  static String type(JobEvent event) {
    return switch (event) {
      case JobEvent.StateChanged _ -> "state";
      case JobEvent.EpochEnded _ -> "epoch";
      case JobEvent.Logged _ -> "log";
      case JobEvent.Done _ -> "done";
      case JobEvent.Unreadable _ -> throw new IllegalArgumentException("no caller gets " + event);
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
    ObjectNode json = event.epoch().toJson();
    json.set("progress", event.progress().toJson());
    return json;
  }

  static ObjectNode of(JobEvent.Logged event) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("level", event.level())
        .put("message", event.message());
  }
}
