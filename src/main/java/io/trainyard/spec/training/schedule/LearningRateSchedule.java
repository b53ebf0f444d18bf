package io.trainyard.spec.training.schedule;

import io.trainyard.json.JsonObject;
import io.trainyard.json.MemberReader;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A schedule, and the epochs in which the learning rate rises to it: linearly per step, from 1/n of
 * it at the first of n steps to all of it at the last. The schedule begins after them.
 */
public record LearningRateSchedule(ScheduleSpec shape, int warmupEpochs) {
  /** The learning rate of the optimizer, always. */
  public static final LearningRateSchedule CONSTANT =
      new LearningRateSchedule(new ScheduleSpec.Constant(), 0);

  private static final String MEMBER = "learning_rate_schedule";

  /**
   * A step of the optimizer.
   *
   * @param epoch from 1
   * @param epochs of the whole training
   * @param step in its epoch, from 0
   * @param steps of an epoch
   */
  public record Step(int epoch, int epochs, long step, long steps) {}

  /** Whether the learning rate is the same in all steps of an epoch. */
  public boolean isConstantIn(int epoch) {
    return epoch > warmupEpochs && !shape.changesPerStep();
  }

  /**
   * The learning rate of a step.
   *
   * @param base the optimizer's learning rate
   */
  public double rate(double base, Step step) {
    int left = step.epochs() - warmupEpochs;
    if (step.epoch() > warmupEpochs) {
      int after = step.epoch() - 1 - warmupEpochs;
      return shape.rate(
          base, new ScheduleSpec.Place(step.epoch(), after, left, step.step(), step.steps()));
    }
    double full =
        shape.rate(base, new ScheduleSpec.Place(warmupEpochs + 1, 0, left, 0, step.steps()));
    double done = (step.epoch() - 1.0) * step.steps() + step.step() + 1;
    return full * (done / ((double) warmupEpochs * step.steps()));
  }

  /**
   * Reads the schedule of a training object: a name, or an object with its parameters. Constant
   * when there is none, and when the violations say why not.
   */
  public static LearningRateSchedule read(JsonObject training) {
    JsonNode json = training.get(MEMBER);
    JsonObject object = json == null || json.isString() ? null : training.object(MEMBER);
    LearningRateSchedule schedule =
        training.kind(MEMBER, object, ScheduleSpec.Name.CONSTANT, LearningRateSchedule::reader);
    return schedule == null ? CONSTANT : schedule;
  }

  private static MemberReader<LearningRateSchedule> reader(ScheduleSpec.Name name) {
    return members -> {
      ScheduleSpec shape = name.reader().read(members);
      int warmup = members.integer("warmup_epochs", 0, 0, Ranges.MAX_EPOCHS);
      return shape == null ? null : new LearningRateSchedule(shape, warmup);
    };
  }

  /** The value that decides changes of the learning rate; null when none does. */
  public @Nullable String monitor() {
    return shape instanceof ScheduleSpec.ReduceOnPlateau plateau ? plateau.monitor() : null;
  }
}
