package io.trainyard.spec.training.schedule;

import io.trainyard.json.JsonObject;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A number that may change during a training, between 0 and its value.
 *
 * @param shape how it changes from step to step of the whole training; null: not at all
 */
public record ScheduledNumber(double value, @Nullable ScheduleSpec shape) {
  private static final String MEMBER = "schedule";

  public ScheduledNumber(double value) {
    this(value, null);
  }

  /** The number at a step. */
  public double at(LearningRateSchedule.Step step) {
    return shape == null
        ? value
        : shape.rate(
            value,
            new ScheduleSpec.Place(
                step.epoch(), step.epoch() - 1, step.epochs(), step.step(), step.steps()));
  }

  /**
   * Reads a number, or an object with {@code value} and {@code schedule}.
   *
   * @param fallback the number where the member is missing; NaN where it is required
   */
  public static ScheduledNumber read(JsonObject owner, String member, double fallback) {
    JsonNode given = owner.get(member);
    if (given == null || !given.isObject()) {
      boolean required = Double.isNaN(fallback);
      return new ScheduledNumber(
          required ? owner.requiredNumber(member) : owner.number(member, fallback));
    }
    JsonObject object = JsonObject.of(given, owner.pointer(member), owner.violations());
    double value = object.requiredNumber("value");
    ScheduleSpec shape = shape(object);
    object.finish();
    // A value that is missing or no number has its fault; NaN would bring another, or hide it.
    return new ScheduledNumber(Double.isNaN(value) ? fallback : value, shape);
  }

  private static @Nullable ScheduleSpec shape(JsonObject owner) {
    JsonNode given = owner.get(MEMBER);
    if (given == null) {
      owner.violate(
          MEMBER, "'schedule' is required, as \"flat_cosine\"; or write the number alone");
      return null;
    }
    boolean isObject = given.isObject();
    JsonObject schedule =
        isObject
            ? JsonObject.of(given, owner.pointer(MEMBER), owner.violations())
            : JsonObject.none(owner.violations());
    long before = owner.violations().count();
    Name name =
        isObject
            ? schedule.choice("type", Name.FLAT_COSINE)
            : owner.choice(MEMBER, Name.FLAT_COSINE);
    if (isObject && !schedule.has("type")) {
      schedule.requiredText("type");
    }
    if (owner.violations().count() > before) {
      return null;
    }
    ScheduleSpec shape =
        switch (name) {
          case COSLOG -> ScheduleSpec.CosLog.read(schedule);
          case FLAT_COSINE -> new ScheduleSpec.FlatCosine();
          case COSINE -> new ScheduleSpec.Cosine(0);
        };
    schedule.finish();
    return shape;
  }

  /** Those of the schedules that stay between 0 and the number. */
  private enum Name {
    COSLOG,
    FLAT_COSINE,
    COSINE
  }
}
