package io.trainyard.model;

import io.trainyard.os.HeldFile;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.nio.file.Path;
import java.util.Map;

/** The weights of versions: safetensors files, and files of other tools as they came. */
public interface WeightStore {
  /** Writes weights durably; equal weights are stored once. */
  StoredWeights store(Map<String, HostTensor> weights);

  /** Copies a file of another tool, as it is. */
  StoredWeights store(Path file);

  /** Opens stored weights; CORRUPT_FILE when the file is damaged. The caller closes them. */
  SafeTensors open(StoredWeights weights);

  /** The file of stored weights, which the caller closes; CORRUPT_FILE when it is damaged. */
  HeldFile file(StoredWeights weights);
}
