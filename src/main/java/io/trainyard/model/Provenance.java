package io.trainyard.model;

import io.trainyard.tensor.Device;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where a version's weights came from. Sealed here because nothing else differs. */
public sealed interface Provenance {
  /** Names and versions of what computed or checked the weights: {@code libtorch}, {@code java}. */
  Map<String, String> libraries();

  /**
   * Weights a job made.
   *
   * @param job its id
   * @param dataset as {@code name@version}
   * @param sha256 of the data set's content
   * @param threads intra-op threads it was trained with; with seed and device they fix every bit
   */
  record Trained(
      String job,
      String dataset,
      String sha256,
      long seed,
      Device device,
      int threads,
      Map<String, String> libraries)
      implements Provenance {
    public Trained {
      libraries = Map.copyOf(new TreeMap<>(libraries));
    }
  }

  /** Weights a caller brought. */
  record Imported(Map<String, String> libraries) implements Provenance {
    public Imported {
      libraries = Map.copyOf(new TreeMap<>(libraries));
    }
  }

  /** The job that made it, if one did. */
  default @Nullable String jobId() {
    return this instanceof Trained trained ? trained.job() : null;
  }
}
