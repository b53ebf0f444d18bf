package io.trainyard.model.check;

import io.trainyard.spec.check.Warning;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.optimizer.GradientDescent;
import io.trainyard.spec.training.optimizer.Lbfgs;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.optimizer.SignDescent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Warns where an optimizer compares gradients of different rows as if they were the same. */
final class SmallBatches {
  private SmallBatches() {}

  static List<Warning> warnings(@Nullable TrainingSpec training, long rows) {
    if (training == null) {
      return List.of();
    }
    if (training.phases().isEmpty()) {
      return warnings(training, "/training/batch_size", rows);
    }
    return training.phases().list().stream()
        .flatMap(
            phase -> warnings(phase.training(), phase.place("/training/batch_size"), rows).stream())
        .distinct()
        .toList();
  }

  private static List<Warning> warnings(TrainingSpec training, String pointer, long rows) {
    if (training.batchSize() >= rows || !comparesGradients(training.optimizer())) {
      return List.of();
    }
    return List.of(
        new Warning(
            pointer,
            "small_batches",
            "%s compares the gradients of successive batches, so on %d of %d rows it often diverges. Set \"batch_size\": %d, or use adam"
                .formatted(training.optimizer().type(), training.batchSize(), rows, rows)));
  }

  private static boolean comparesGradients(OptimizerSpec optimizer) {
    return optimizer instanceof Lbfgs
        || optimizer instanceof SignDescent.Rprop
        || optimizer instanceof GradientDescent.Resilient;
  }
}
