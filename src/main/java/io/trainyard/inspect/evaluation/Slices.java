package io.trainyard.inspect.evaluation;

import io.trainyard.json.StrictJson;
import io.trainyard.train.metric.Bootstrap;
import io.trainyard.train.metric.MeasuredRows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The metrics of groups of rows, as an answer. */
record Slices(MeasuredRows.Sample sample, BooleanSupplier stopped) {
  /** The metrics of fewer rows say little. */
  private static final int SMALL = 30;

  /** A group that was measured. */
  private record Measured(SliceGroups.Group group, Bootstrap.Metrics metrics) {
    boolean isSmall() {
      return group.rows().length < SMALL;
    }
  }

  /**
   * Measures all rows, and the groups of each column.
   *
   * @param groups by column
   */
  ObjectNode toJson(Map<String, SliceGroups> groups) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("level", Bootstrap.LEVEL).put("seed", Bootstrap.SEED);
    int[] all = IntStream.range(0, sample.rows()).toArray();
    write(measure(all), json.putObject("all").put("rows", all.length));
    ObjectNode columns = json.putObject("columns");
    groups.forEach((column, own) -> write(own, columns.putObject(column)));
    return json;
  }

  private Bootstrap.Metrics measure(int[] rows) {
    return Bootstrap.STANDARD.measure(sample, rows, stopped);
  }

  private void write(SliceGroups slices, ObjectNode json) {
    json.put("by", slices.by());
    ArrayNode groups = json.putArray("groups");
    List<Measured> measured = new ArrayList<>();
    for (SliceGroups.Group group : slices.groups()) {
      Measured each = new Measured(group, measure(group.rows()));
      measured.add(each);
      ObjectNode own = groups.addObject().put("group", group.name());
      if (group.from() != null && group.to() != null) {
        own.set("from", group.from());
        own.set("to", group.to());
      }
      if (group.pooled() > 0) {
        own.put("pooled", group.pooled());
      }
      own.put("rows", group.rows().length);
      if (each.isSmall()) {
        own.put("small", true);
      }
      write(each.metrics(), own);
    }
    writeGaps(measured, json.putObject("largest_gaps"));
  }

  private static void write(Bootstrap.Metrics metrics, ObjectNode json) {
    if (metrics.resamples() > 0) {
      json.put("resamples", metrics.resamples());
    }
    ObjectNode values = json.putObject("metrics");
    metrics
        .values()
        .values()
        .forEach(
            (name, value) -> {
              if (Double.isNaN(value)) {
                values.putNull(name);
              } else {
                values.set(name, StrictJson.number(value));
              }
            });
    Map<String, String> notes = metrics.values().notes();
    if (!notes.isEmpty()) {
      ObjectNode why = json.putObject("metric_notes");
      notes.forEach(why::put);
    }
    ObjectNode intervals = json.putObject("metric_intervals");
    for (String name : metrics.values().values().keySet()) {
      double[] ends = metrics.intervals().get(name);
      if (ends == null) {
        intervals.putNull(name);
      } else {
        intervals.putArray(name).add(StrictJson.number(ends[0])).add(StrictJson.number(ends[1]));
      }
    }
    if (!metrics.without().isEmpty()) {
      ObjectNode why = json.putObject("interval_notes");
      metrics.without().forEach(why::put);
    }
  }

  /** Between groups that are not small, of each metric. */
  private static void writeGaps(List<Measured> groups, ObjectNode json) {
    Map<String, Measured> lowest = new LinkedHashMap<>();
    Map<String, Measured> highest = new LinkedHashMap<>();
    for (Measured each : groups) {
      if (!each.isSmall()) {
        each.metrics()
            .values()
            .values()
            .forEach(
                (name, value) -> {
                  if (Double.isFinite(value)) {
                    lowest.merge(name, each, (a, b) -> value(b, name) < value(a, name) ? b : a);
                    highest.merge(name, each, (a, b) -> value(b, name) > value(a, name) ? b : a);
                  }
                });
      }
    }
    lowest.forEach(
        (name, low) -> {
          Measured high = Objects.requireNonNull(highest.get(name));
          if (value(high, name) > value(low, name)) {
            ObjectNode gap = json.putObject(name);
            gap.set("difference", StrictJson.number(value(high, name) - value(low, name)));
            gap.put("lowest", low.group().name()).put("highest", high.group().name());
            Boolean overlap =
                overlap(low.metrics().intervals().get(name), high.metrics().intervals().get(name));
            gap.put("intervals_overlap", overlap);
          }
        });
  }

  private static double value(Measured group, String name) {
    return group.metrics().values().values().getOrDefault(name, Double.NaN);
  }

  /** Whether two intervals have values in common; null where there are not two. */
  private static @Nullable Boolean overlap(double @Nullable [] low, double @Nullable [] high) {
    return (low == null || high == null) ? null : low[1] >= high[0];
  }
}
