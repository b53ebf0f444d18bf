package io.trainyard.train;

import io.trainyard.engine.Objective;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.spec.training.TrainingSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the epochs of all phases can be compared, so that the best is one of all. Where every
 * phase gives the same weights the same value, it is; else it is one of the final phase.
 */
final class BestAcrossPhases {
  private BestAcrossPhases() {}

  /**
   * Why the epochs of all phases cannot be compared; null when they can.
   *
   * @param phases the plan of each
   * @param names of the phases
   */
  static @Nullable String obstacle(List<TrainingPlan> phases, List<String> names) {
    TrainingPlan last = phases.getLast();
    for (int i = 0; i < phases.size(); i++) {
      String difference = difference(phases.get(i), last);
      if (difference != null) {
        return difference.formatted(names.get(i), names.getLast());
      }
    }
    return null;
  }

  private static @Nullable String difference(TrainingPlan phase, TrainingPlan last) {
    TrainingSpec training = phase.training();
    TrainingSpec ofLast = last.training();
    List<Objective> objectives = phase.objectives();
    if (!objectives.stream()
        .map(Objective::target)
        .toList()
        .equals(last.objectives().stream().map(Objective::target).toList())) {
      return "phase '%s' has another target than '%s'";
    }
    if (!objectives.stream()
        .map(Objective::output)
        .toList()
        .equals(last.objectives().stream().map(Objective::output).toList())) {
      return "phase '%s' trains another output than '%s'";
    }
    if (!objectives.equals(last.objectives())) {
      return "phase '%s' has another loss than '%s'";
    }
    String monitor = ofLast.bestBy();
    // The weights of classes are for training alone.
    if (!monitor.startsWith("val_") && !training.rowWeights().equals(ofLast.rowWeights())) {
      return "phase '%s' weighs classes otherwise than '%s'";
    }
    if (!mode(training, monitor).equals(mode(ofLast, monitor))) {
      return "the early stopping of phase '%s' has another mode than that of '%s'";
    }
    boolean byLoss = Evaluator.isLoss(monitor, objectives);
    boolean isReported = ofLast.optimizer().reported().contains(monitor);
    if (isReported || (!byLoss && !training.metrics().equals(ofLast.metrics()))) {
      return "phase '%s' has other metrics than '%s'";
    }
    if (byLoss && (isPenalized(phase) || isPenalized(last))) {
      return "the penalties of phase '%s' or '%s' are those of its own layers";
    }
    return null;
  }

  /** Which values early stopping says are better; "null" where the metric says it. */
  private static String mode(TrainingSpec training, String monitor) {
    TrainingSpec.EarlyStopping stopping = training.earlyStopping();
    return stopping != null && stopping.monitor().equals(monitor)
        ? String.valueOf(stopping.mode())
        : "null";
  }

  /** The phases, each of which chooses its best epoch as the final one does. */
  static List<TrainingPlan> choosingAsTheLast(List<TrainingPlan> phases) {
    TrainingSpec last = phases.getLast().training();
    return phases.stream()
        .map(phase -> phase.with(phase.training().choosing(last.bestBy(), last.publish())))
        .toList();
  }

  private static boolean isPenalized(TrainingPlan phase) {
    return phase.training().penalties()
        && phase.network().layers().stream()
            .anyMatch(layer -> layer.trainable() && !layer.spec().rules().regularizer().isNone());
  }
}
