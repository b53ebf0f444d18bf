package io.trainyard.engine.natives;

import io.trainyard.tensor.Device;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.global.torch;

/** The memory of the device that trains, where it is not the host's. */
public final class DeviceMemory {
  private DeviceMemory() {}

  /**
   * The memory of a device, as of all processes that use it.
   *
   * @param used bytes
   * @param total bytes
   */
  public record Use(Device device, long used, long total) {
    /** The bytes that are free. */
    public long free() {
      return total - used;
    }
  }

  /** The memory of a device; empty where it uses the host's. */
  public static Optional<Use> use(Device device) {
    return switch (device) {
      case CPU -> Optional.empty();
      case CUDA -> {
        try (PointerScope scope = new PointerScope()) {
          SizeTPair info = torch.getMemoryInfo((byte) 0);
          yield Optional.of(new Use(device, info.second() - info.first(), info.second()));
        }
      }
    };
  }

  /** The free bytes of the device; all that a long holds where it uses the host's memory. */
  public static long free(Device device) {
    return use(device).map(Use::free).orElse(Long.MAX_VALUE);
  }

  /** Gives back what libtorch keeps of the device for later tensors. */
  public static void release(Device device) {
    if (device == Device.CUDA) {
      torch.emptyCache();
    }
  }
}
