package io.trainyard.job.check;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import io.trainyard.model.Alias;
import io.trainyard.train.metric.MeasuredValues;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An alias that moves to the new version when its metrics are good enough.
 *
 * @param when bounds by metric; all must hold
 */
public record OnSuccess(String alias, Map<String, Bound> when) {
  public OnSuccess {
    when = Collections.unmodifiableMap(new LinkedHashMap<>(when));
  }

  static @Nullable OnSuccess read(JsonObject members) {
    String alias = members.requiredText("alias");
    if (members.hasText("alias") && !Alias.isName(alias)) {
      members.violate(
          "alias",
          "An alias starts with a lower-case letter, has at most 63 characters of a-z, 0-9, '.',"
              + " '_' and '-', and is not 'latest'; got '"
              + JsonObject.shorten(alias)
              + "'");
    }
    Map<String, Bound> when = new LinkedHashMap<>();
    JsonNode conditions = members.get("when");
    if (conditions != null) {
      JsonObject metrics = JsonObject.of(conditions, members.pointer("when"), members.violations());
      for (String metric : metrics.names()) {
        when.put(metric, Bound.read(metrics, metric));
      }
    }
    members.finish();
    return new OnSuccess(alias, when);
  }

  /** Why the alias must not move, given the metrics of the published version; empty if it may. */
  public Optional<String> objection(MeasuredValues measured) {
    for (var condition : when.entrySet()) {
      String metric = condition.getKey();
      Double number = measured.values().get(metric);
      if (number == null) {
        return Optional.of("'" + metric + "' was not measured");
      }
      String why = measured.notes().get(metric);
      if (why != null) {
        return Optional.of("'" + metric + "' could not be computed: " + why);
      }
      Optional<String> objection = condition.getValue().objection(metric, number);
      if (objection.isPresent()) {
        return objection;
      }
    }
    return Optional.empty();
  }

  /** The bounds of a metric. */
  public record Bound(@Nullable Double min, @Nullable Double max) {
    private static Bound read(JsonObject metrics, String metric) {
      JsonObject members =
          JsonObject.of(metrics.get(metric), metrics.pointer(metric), metrics.violations());
      Double min = members.number("min");
      Double max = members.number("max");
      if (min == null && max == null) {
        metrics
            .violations()
            .add(
                Violation.pointer(metrics.pointer(), metric),
                "'min' or 'max' was expected for '" + metric + "'");
      }
      members.finish();
      return new Bound(min, max);
    }

    private Optional<String> objection(String metric, double number) {
      // NaN must fail both tests.
      if (min != null && !(number >= min)) {
        return Optional.of(metric + " is " + number + ", below the minimum of " + min);
      }
      if (max != null && !(number <= max)) {
        return Optional.of(metric + " is " + number + ", above the maximum of " + max);
      }
      return Optional.empty();
    }
  }
}
