package io.trainyard.job.check;

import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Bytes;
import io.trainyard.tensor.Device;
import java.util.Locale;

/**
 * The most multiply-adds of one training step. A step cannot be stopped within a layer, so a step
 * of hours would hold its worker for hours after the job is cancelled.
 *
 * @param most 0: no limit
 */
public record StepLimit(long most) {
  /** The forward pass, and twice as much for the gradients by inputs and by weights. */
  private static final long PASSES = 3;

  private static void checkFullBatch(TrainingSpec training, long rows, Violations violations) {
    if (training.optimizer().isFullBatch() && training.batchSize() < rows) {
      violations.add(
          "/training/batch_size",
          "%s makes its steps on all %d rows at once; leave batch_size out"
              .formatted(training.optimizer().type(), rows));
    }
  }

  /**
   * Adds a violation when a step is too long.
   *
   * @param network the pointer of the network in the body
   * @param rows the rows to train on
   */
  void check(
      NetworkShapes shapes,
      TrainingSpec training,
      long rows,
      Device device,
      String network,
      Violations violations) {
    checkFullBatch(training, rows, violations);
    if (most == 0 || device != Device.CPU) {
      return;
    }
    long batch = training.batchRows(rows);
    long passes = PASSES * training.evaluationsPerStep();
    long perRow = Bytes.multiply(shapes.multiplyAdds(), passes);
    long step = Bytes.multiply(perRow, batch);
    if (step > most) {
      violations.add(
          perRow > most ? network : "/training/batch_size",
          String.format(
              Locale.ROOT,
              "A training step takes about %.1e multiply-adds (%d × %.1e for each of %d rows), at"
                  + " most %.1e are allowed; use %s",
              (double) step,
              passes,
              (double) shapes.multiplyAdds(),
              batch,
              (double) most,
              perRow > most
                  ? "shorter sequences, smaller images or fewer units"
                  : "a batch_size of at most " + most / perRow));
    }
  }
}
