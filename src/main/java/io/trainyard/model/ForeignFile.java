package io.trainyard.model;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.tensor.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Recognizes files of weights that are not safetensors, and says how to convert them. */
final class ForeignFile {
  private static final int FIRST_BYTES = 256;

  private ForeignFile() {}

  /** The refusal of a file that could not be read. */
  static ServiceException refusal(Path file, FormatException e) {
    String detail = "This is not a safetensors file: " + kind(file, String.valueOf(e.getMessage()));
    return new ServiceException(
        ErrorCode.WEIGHTS_MISMATCH, detail, List.of(new Violation("/weights", detail)));
  }

  private static String kind(Path file, String otherwise) {
    String start;
    try (InputStream in = Files.newInputStream(file)) {
      start = new String(in.readNBytes(FIRST_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException("The uploaded weights cannot be read", e);
    }
    if (start.startsWith("PK\u0003\u0004")) {
      return start.contains(".npy")
          ? "it is NumPy's archive (.npz). Save it with"
              + " safetensors.numpy.save_file(dict(numpy.load(\"weights.npz\")),"
              + " \"weights.safetensors\")"
          : start.contains(".pkl")
              ? torch()
              : "it is a ZIP archive, such as a .pt or .keras file. " + saving();
    }
    if (start.startsWith("\u0080") && start.length() > 1 && start.charAt(1) <= 5) {
      return torch();
    }
    if (start.startsWith("\u0089HDF")) {
      return "it is an HDF5 file (.h5), as Keras writes. Save the weights with"
          + " safetensors.numpy.save_file, named as the summary names them";
    }
    if (start.startsWith("\u0093NUMPY")) {
      return "it is one NumPy array (.npy). Save all weights by name with"
          + " safetensors.numpy.save_file";
    }
    return otherwise;
  }

  private static String torch() {
    return "it is a pickle of PyTorch (.pt), which could run code. " + saving();
  }

  private static String saving() {
    return "Save the weights in Python: safetensors.torch.save_file(model.state_dict(),"
        + " \"weights.safetensors\")";
  }
}
