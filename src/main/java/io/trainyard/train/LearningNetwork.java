package io.trainyard.train;

import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;

/** A network between two epochs, as it would be published. */
public interface LearningNetwork {
  /** The rows that it computes together. */
  int rowsAtOnce();

  /**
   * The values of layers, computed as at prediction.
   *
   * @param inputs encoded as the training rows are, each [rows, …]
   */
  Map<String, HostTensor> outputs(Map<String, HostTensor> inputs, List<String> layers);

  /** A copy of all weights by stored name, in 32 bits. */
  Map<String, HostTensor> weights();
}
