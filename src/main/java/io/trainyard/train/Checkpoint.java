package io.trainyard.train;

import io.trainyard.tensor.HostTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A point from which training goes on and ends with the same bits. Random state is not in it:
 * everything random is a function of seed, phase, epoch and step.
 *
 * @param tensors weights ({@code weights/…}), optimizer state ({@code optimizer/…}) and the best
 *     weights so far ({@code best/…}); within an epoch, the sums of its steps ({@code epoch/…})
 */
public record Checkpoint(Position position, Map<String, HostTensor> tensors) {
  public Checkpoint {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** The tensors whose names begin so, by the rest of their names. */
  Map<String, HostTensor> tensors(String prefix) {
    Map<String, HostTensor> found = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), tensor);
          }
        });
    return found;
  }

  /**
   * Everything but the tensors; small, and stored as JSON.
   *
   * @param epochs finished epochs
   * @param optimizerSteps steps the optimizer has made
   * @param threads intra-op threads; kept, since the bits depend on it
   * @param elapsedSeconds training time of all attempts so far
   * @param best the best epoch's record, or null before the first
   * @param lastValues records of the last epoch, for the job's metrics
   * @param stale epochs since the early-stopping value last improved
   * @param stoppingBest the best early-stopping value so far, or null
   */
  public record Position(
      int epochs,
      long optimizerSteps,
      int threads,
      double elapsedSeconds,
      @Nullable EpochRecord best,
      @Nullable EpochRecord lastValues,
      int stale,
      @Nullable Double stoppingBest,
      List<String> notes) {
    public Position {
      notes = List.copyOf(notes);
    }
  }
}
