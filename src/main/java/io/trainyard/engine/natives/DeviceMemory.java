package io.trainyard.engine.natives;

import io.trainyard.tensor.Device;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** The memory of the device that trains, where it is not the host's. */
public final class DeviceMemory {
  private DeviceMemory() {}

  /**
   * The use of a device, by all processes together.
   *
   * @param used bytes
   * @param total bytes
   * @param utilization the share of a second in which it computed, in per cent; null while nobody
   *     tells
   */
  public record Use(Device device, long used, long total, @Nullable Integer utilization) {
    /** Of a device that does not tell how busy it is. */
    public Use(Device device, long used, long total) {
      this(device, used, total, null);
    }

    /** The same, and how busy it is. */
    public Use with(OptionalInt percent) {
      return new Use(
          device, used, total, percent.isPresent() ? (Integer) percent.getAsInt() : null);
    }

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
