package io.trainyard.job.check;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.TargetSpec.Threshold;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Phase;
import io.trainyard.spec.training.TrainingSpec;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks that the training can decide by a target's threshold, or choose one. */
final class ThresholdCheck {
  private ThresholdCheck() {}

  /**
   * Checks the targets of a model.
   *
   * @param pointer the model's place in the body
   * @param rows null when they are unknown
   */
  static void check(
      ModelSpec model,
      String pointer,
      @Nullable DatasetSelection rows,
      TrainingSpec training,
      Violations violations) {
    model
        .targets()
        .forEach(
            (name, target) -> {
              String at = Violation.pointer(pointer + "/targets", name) + "/threshold";
              switch (target.rule().threshold()) {
                case Threshold.Fixed(double score) ->
                    check(name, score, model, training, at, violations);
                case Threshold.Best(var metric) -> {
                  if (rows != null && !rows.hasValidation()) {
                    violations.add(
                        at,
                        "The threshold with the best %s is chosen on validation rows, but there are none: add \"split\": {\"validation\": 0.2} to 'dataset', or give a number"
                            .formatted(metric.word()));
                  } else if (!isTrainedLast(name, model, training)) {
                    violations.add(
                        at,
                        "The threshold is chosen when the final phase ends, which does not train '%s': give a number"
                            .formatted(name));
                  }
                }
                case null -> {
                  // The middle fits every loss.
                }
              }
            });
  }

  private static void check(
      String name,
      double score,
      ModelSpec model,
      TrainingSpec training,
      String at,
      Violations violations) {
    boolean margins =
        phases(model, training)
            .map(phase -> loss(name, phase))
            .filter(Objects::nonNull)
            .anyMatch(LossSpec::hasMargins);
    if (!margins && !(score >= 0 && score <= 1)) {
      violations.add(
          at,
          "A probability from 0 to 1 was expected, got %s; only hinge losses give margins, which any number can divide"
              .formatted(score));
    }
  }

  private static @Nullable LossSpec loss(String target, PhaseModel phase) {
    String output =
        phase.model().targets().containsKey(target) ? phase.model().outputOf(target) : null;
    return output == null ? null : phase.training().losses().find(target, output);
  }

  private static boolean isTrainedLast(String target, ModelSpec model, TrainingSpec training) {
    return phases(model, training)
        .reduce((before, last) -> last)
        .map(last -> last.model().targets().containsKey(target))
        .orElse(true);
  }

  /** The phases without faults, or the whole training. */
  private static Stream<PhaseModel> phases(ModelSpec model, TrainingSpec training) {
    if (training.phases().isEmpty()) {
      return Stream.of(new PhaseModel(null, model, training));
    }
    return training.phases().list().stream()
        .map((Phase phase) -> PhaseModel.of(model, phase, new Violations()))
        .filter(Objects::nonNull);
  }
}
