package io.trainyard.job.sweep;

import io.trainyard.error.Violation;
import io.trainyard.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The values that a sweep tries at one place of a job. */
sealed interface SweepParameter {
  /** A value drawn at random. */
  JsonNode draw(SplittableRandom random);

  /** The first value, or the smallest number. */
  JsonNode least();

  /** These values. */
  record Values(List<JsonNode> values) implements SweepParameter {
    public Values {
      values = List.copyOf(values);
    }

    @Override
    public JsonNode draw(SplittableRandom random) {
      return values.get(random.nextInt(values.size()));
    }

    @Override
    public JsonNode least() {
      return values.getFirst();
    }
  }

  /**
   * Numbers from min to max, both included.
   *
   * @param whole whether they are whole numbers
   */
  record Range(double min, double max, Scale scale, boolean whole) implements SweepParameter {
    @Override
    public JsonNode draw(SplittableRandom random) {
      double share = random.nextDouble();
      if (!whole) {
        return JsonNodeFactory.instance.numberNode(at(min, max, share));
      }
      // Each whole number has the same part of a linear scale.
      double number = scale == Scale.LOG ? at(min, max + 1, share) : min + share * (max - min + 1);
      return JsonNodeFactory.instance.numberNode(Math.clamp((long) number, (long) min, (long) max));
    }

    private double at(double from, double to, double share) {
      double number =
          scale == Scale.LOG ? from * Math.pow(to / from, share) : from + share * (to - from);
      return Math.clamp(number, from, to);
    }

    @Override
    public JsonNode least() {
      return whole || mayBeWhole()
          ? JsonNodeFactory.instance.numberNode((long) min)
          : JsonNodeFactory.instance.numberNode(min);
    }

    /** A number inside that is not whole. */
    JsonNode fraction() {
      double middle = (min + max) / 2;
      double fraction =
          middle == Math.rint(middle) ? middle + Math.min(0.5, (max - min) / 4) : middle;
      return JsonNodeFactory.instance.numberNode(fraction);
    }

    boolean mayBeWhole() {
      return min == Math.rint(min) && max == Math.rint(max);
    }

    Range asWhole() {
      return new Range(min, max, scale, true);
    }
  }

  enum Scale {
    LINEAR,
    LOG
  }

  /** Null when there are violations. */
  static @Nullable SweepParameter read(JsonObject parameters, String pointer) {
    String at = parameters.pointerTo(pointer);
    JsonNode json = parameters.get(pointer);
    if (json != null && json.isArray()) {
      List<JsonNode> values = new ArrayList<>();
      json.forEach(values::add);
      for (int i = 0; i < values.size(); i++) {
        if (values.indexOf(values.get(i)) < i) {
          parameters.violations().add(Violation.pointer(at, i), "The value is in the list already");
        }
      }
      if (values.isEmpty()) {
        parameters.violations().add(at, "At least one value was expected, got an empty list");
        return null;
      }
      return new Values(values);
    }
    if (json != null && json.isObject()) {
      return range(JsonObject.of(json, at, parameters.violations()));
    }
    parameters
        .violations()
        .add(
            at,
            "A list of values or a range was expected, as [2, 4, 8] or {\"min\": 0.001, \"max\":"
                + " 0.1, \"scale\": \"log\"}, got "
                + JsonObject.describe(json));
    return null;
  }

  private static @Nullable SweepParameter range(JsonObject members) {
    long before = members.violations().count();
    double min = members.requiredNumber("min");
    double max = members.requiredNumber("max");
    Scale scale = members.choice("scale", Scale.LINEAR);
    members.finish();
    if (members.violations().count() > before) {
      return null;
    }
    if (!(min < max)) {
      members.violate("max", "A number above min, " + min + ", was expected, got " + max);
      return null;
    }
    if (scale == Scale.LOG && !(min > 0)) {
      members.violate("min", "A log scale needs a min above 0, got " + min);
      return null;
    }
    return new Range(min, max, scale, false);
  }
}
