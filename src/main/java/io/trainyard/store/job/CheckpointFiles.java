package io.trainyard.store.job;

import io.trainyard.os.HeldFile;
import io.trainyard.store.file.BlobFiles;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The tensors of checkpoints in safetensors files. */
final class CheckpointFiles {
  /** A random tensor makes each file unique, so that no other row names it when it is deleted. */
  private static final String UNIQUE = "file/";

  private CheckpointFiles() {}

  static BlobFiles.Blob write(BlobFiles files, Map<String, HostTensor> tensors) {
    Map<String, HostTensor> all = new LinkedHashMap<>(tensors);
    all.put(UNIQUE + UUID.randomUUID(), HostTensor.allocate(ElementType.INT8, Shape.of(8)));
    try {
      return files.write(out -> SafeTensors.write(all, out));
    } catch (IOException e) {
      throw new UncheckedIOException("The checkpoint could not be written", e);
    }
  }

  /**
   * @throws io.trainyard.error.ServiceException CORRUPT_FILE if the file is damaged or missing
   * @throws io.trainyard.tensor.FormatException if it is no safetensors file
   */
  static Map<String, HostTensor> read(BlobFiles files, BlobFiles.Blob blob) throws IOException {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    try (HeldFile held = files.verified(blob);
        SafeTensors file = SafeTensors.open(held.path())) {
      file.tensors()
          .forEach(
              (name, tensor) -> {
                if (!name.startsWith(UNIQUE)) {
                  HostTensor copy = HostTensor.allocate(tensor.type(), tensor.shape());
                  copy.data().copyFrom(tensor.data());
                  tensors.put(name, copy);
                }
              });
    }
    return tensors;
  }
}
