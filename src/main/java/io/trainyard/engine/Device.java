package io.trainyard.engine;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import org.bytedeco.pytorch.global.torch;

/** Where tensors live. */
public enum Device {
  CPU,
  CUDA;

  /**
   * The device of that name; {@code auto} is CUDA where there is one.
   *
   * @throws ServiceException when there is no such device here
   */
  static Device of(String name) {
    return switch (name) {
      case "auto" -> torch.cuda_is_available() ? CUDA : CPU;
      case "cpu" -> CPU;
      case "cuda" -> {
        if (!torch.cuda_is_available()) {
          throw new ServiceException(
              ErrorCode.UNAVAILABLE, "device 'cuda' was asked for, and this worker has none");
        }
        yield CUDA;
      }
      default ->
          throw new ServiceException(
              ErrorCode.INVALID_BODY, "device must be auto, cpu or cuda, was '" + name + "'");
    };
  }

  /** As callers see it. */
  public String code() {
    return this == CPU ? "cpu" : "cuda";
  }

  public org.bytedeco.pytorch.Device toNative() {
    return new org.bytedeco.pytorch.Device(this == CPU ? "cpu" : "cuda");
  }
}
