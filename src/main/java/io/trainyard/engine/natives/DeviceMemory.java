package io.trainyard.engine.natives;

import io.trainyard.tensor.Device;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/** The memory of the device that trains, where it is not the host's. */
public final class DeviceMemory {
  private DeviceMemory() {}

  /** The free bytes of the device; all that a long holds where it uses the host's memory. */
  public static long free(Device device) {
    return switch (device) {
      case CPU -> Long.MAX_VALUE;
      case CUDA -> {
        try (PointerScope scope = new PointerScope()) {
          yield torch.getMemoryInfo((byte) 0).first();
        }
      }
    };
  }

  /** Gives back what libtorch keeps of the device for later tensors. */
  public static void release(Device device) {
    if (device == Device.CUDA) {
      torch.emptyCache();
    }
  }
}
