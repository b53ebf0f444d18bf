package io.trainyard.train;

import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a training ended, unless it failed. */
public sealed interface TrainingOutcome {
  /**
   * There are weights to publish.
   *
   * @param weights by stored name, host memory that the garbage collector frees
   * @param best the record of the epoch whose weights these are; null when stopped before one ended
   * @param last the last epoch's record
   * @param testValues test_loss and test_ metrics of these weights; empty without test rows
   * @param confusion over the test rows, else the validation rows, else the training rows, by
   *     target; empty when nothing is classified
   * @param threads intra-op threads used
   */
  record Finished(
      Map<String, HostTensor> weights,
      @Nullable EpochRecord best,
      @Nullable EpochRecord last,
      Map<String, Double> testValues,
      Map<String, ConfusionMatrix> confusion,
      StopReason reason,
      int epochs,
      int threads,
      Device device,
      double seconds)
      implements TrainingOutcome {
    public Finished {
      weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
      testValues = Collections.unmodifiableMap(new LinkedHashMap<>(testValues));
      confusion = Collections.unmodifiableMap(new LinkedHashMap<>(confusion));
    }
  }

  /** The listener gave it up. */
  record Cancelled() implements TrainingOutcome {}

  /** Another attempt goes on from here; null when no epoch was finished. */
  record Suspended(@Nullable Checkpoint checkpoint) implements TrainingOutcome {}
}
