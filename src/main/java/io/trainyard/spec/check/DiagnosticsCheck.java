package io.trainyard.spec.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.training.Diagnostic;
import io.trainyard.spec.training.LearningRateRange;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Refuses diagnostics of nothing, and a search for a learning rate that nothing follows. */
record DiagnosticsCheck(TrainingCheck check, TrainingSpec training) {
  /** Characters of an epoch's record that are left for its layers. */
  private static final long MOST_CHARACTERS = 100_000;

  /** Of a number with its name. */
  private static final long NUMBER = 45;

  void check(Violations violations) {
    if (training.rateSearch() != null) {
      checkSearch(training.rateSearch(), violations);
    }
    if (training.frames() != null && training.publishesNothing()) {
      violations.add(
          training.frames().pointer(),
          "find_learning_rate ends without an epoch to show: leave 'frames' out, or write"
              + " \"apply\": true to train with the rate found");
    }
    Set<Diagnostic> wanted = training.diagnostics();
    List<Layer> layers = check.model().network().layers();
    if (wanted.contains(Diagnostic.DEAD_UNITS) && !any(layers, ActivationSpec::isRectified)) {
      violations.add(
          at("/diagnostics"),
          "dead_units are units of layers with the activation relu or relu6, and there is none;"
              + " leave dead_units out");
    }
    if (wanted.contains(Diagnostic.SATURATION) && !any(layers, ActivationSpec::saturates)) {
      violations.add(
          at("/diagnostics"),
          "saturation is that of layers with the activation sigmoid, tanh or another bounded one,"
              + " and there is none; leave saturation out");
    }
    long numbers = wanted.size();
    long characters =
        layers.stream().mapToLong(layer -> layer.name().length() + NUMBER * numbers).sum();
    if (numbers > 0 && characters > MOST_CHARACTERS) {
      violations.add(
          at("/diagnostics"),
          "The diagnostics of %d layers would be about %d characters in each epoch, at most %d can be stored; ask for fewer"
              .formatted(layers.size(), characters, MOST_CHARACTERS));
    }
  }

  private static boolean any(List<Layer> layers, Predicate<ActivationSpec> wanted) {
    return layers.stream().anyMatch(layer -> wanted.test(layer.spec().activation()));
  }

  private void checkSearch(LearningRateRange range, Violations violations) {
    OptimizerSpec optimizer = training.optimizer();
    String reason = null;
    if (optimizer.learnsFromErrors()) {
      reason = "moves the weights by the errors, and its steps do not shrink towards a minimum";
    } else if (optimizer.isFullBatch()) {
      reason = "finds the length of each step itself and has no learning rate";
    } else if (!optimizer.followsLearningRate()) {
      reason = "uses the learning rate for its first step sizes only, and adapts them itself";
    } else if (optimizer.maxEvaluations() > 0) {
      reason = "searches each step along a direction, so the loss does not show a good rate";
    }
    if (reason != null) {
      violations.add(
          at("/find_learning_rate"),
          "%s %s; leave find_learning_rate out, or train with adam or sgd"
              .formatted(optimizer.type(), reason));
      return;
    }
    ScheduleSpec shape = training.schedule().shape();
    if (range.apply() && shape instanceof ScheduleSpec.OneCycle) {
      violations.add(
          at("/find_learning_rate/apply"),
          "one_cycle rises to its own peak, whatever rate is found: find the rate in one job, and"
              + " give it as the peak in the next");
    } else if (range.apply() && shape instanceof ScheduleSpec.Formula) {
      violations.add(
          at("/find_learning_rate/apply"),
          "The schedule's expression gives each epoch its rate, whatever is found; leave the"
              + " schedule out, or 'apply'");
    }
  }

  private String at(String member) {
    return check.trainingPointer() + member;
  }
}
