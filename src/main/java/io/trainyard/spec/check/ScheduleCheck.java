package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.schedule.LearningRateSchedule;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import io.trainyard.spec.training.schedule.ScheduleSpec.Cosine;
import io.trainyard.spec.training.schedule.ScheduleSpec.Formula;
import io.trainyard.spec.training.schedule.ScheduleSpec.OneCycle;
import io.trainyard.spec.training.schedule.ScheduleSpec.Polynomial;

/** Refuses a learning rate schedule that does not fit the optimizer or the number of epochs. */
record ScheduleCheck(TrainingSpec training, String trainingPointer) {
  /** Epochs at which an expression is tried: all of a usual training, some of a long one. */
  private static final int TRIED = 1000;

  private static final double MAX_RATE = 1e6;

  void check(Violations violations) {
    LearningRateSchedule schedule = training.schedule();
    String pointer = trainingPointer + "/learning_rate_schedule";
    boolean changes =
        schedule.warmupEpochs() > 0 || !(schedule.shape() instanceof ScheduleSpec.Constant);
    if (changes && !training.optimizer().followsLearningRate()) {
      violations.add(
          pointer,
          training.optimizer().type()
              + (training.optimizer().isFullBatch()
                  ? " has no learning rate; leave the schedule out"
                  : " uses the learning rate for its first step sizes only; leave the schedule"
                      + " out"));
    }
    if (schedule.warmupEpochs() >= training.scheduledEpochs()) {
      violations.add(
          pointer + "/warmup_epochs",
          "warmup_epochs must be below epochs (%d), was %d"
              .formatted(training.scheduledEpochs(), schedule.warmupEpochs()));
    }
    double rate = training.optimizer().learningRate();
    switch (schedule.shape()) {
      case Cosine cosine -> requireBelow(pointer + "/minimum", cosine.minimum(), rate, violations);
      case Polynomial polynomial ->
          requireBelow(pointer + "/end", polynomial.end(), rate, violations);
      case OneCycle cycle -> {
        if (cycle.peak() < rate) {
          violations.add(
              pointer + "/peak",
              "The cycle rises from the optimizer's learning_rate (%s) to the peak, which is lower: %s"
                  .formatted(rate, cycle.peak()));
        }
      }
      case Formula formula -> checkFormula(formula, pointer + "/expression", violations);
      default -> {}
    }
  }

  private static void requireBelow(String pointer, double end, double rate, Violations violations) {
    if (end > rate) {
      violations.add(
          pointer,
          "The learning rate falls from the optimizer's learning_rate (%s), and this is above it: %s"
              .formatted(rate, end));
    }
  }

  private void checkFormula(Formula formula, String pointer, Violations violations) {
    int epochs = training.scheduledEpochs();
    int tried = Math.min(epochs, TRIED);
    for (int i = 1; i <= tried; i++) {
      int epoch = tried == epochs ? i : 1 + (int) ((epochs - 1L) * (i - 1) / (tried - 1));
      double rate = formula.formula().of(epoch);
      if (!(rate >= 0 && rate <= MAX_RATE)) {
        violations.add(
            pointer,
            "The learning rate of epoch %d would be %s; it must be from 0 to 1e6"
                .formatted(epoch, rate));
        return;
      }
    }
  }
}
