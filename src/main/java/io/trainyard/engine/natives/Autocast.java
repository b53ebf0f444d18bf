package io.trainyard.engine.natives;

import io.trainyard.tensor.Device;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Until it is closed, libtorch computes matrix products and convolutions of this thread in
 * bfloat16, and other operations in the type that torch.autocast gives them.
 */
public final class Autocast implements AutoCloseable {
  private final DeviceType device;
  private final ScalarType typeBefore;
  private final boolean enabledBefore;
  private final boolean cachedBefore;

  public Autocast(Device device) {
    this(device == Device.CPU ? DeviceType.CPU : DeviceType.CUDA, true);
  }

  private Autocast(DeviceType device, boolean enabled) {
    this.device = device;
    typeBefore = torch.get_autocast_dtype(this.device);
    enabledBefore = torch.is_autocast_enabled(this.device);
    cachedBefore = torch.is_autocast_cache_enabled();
    torch.set_autocast_dtype(this.device, ScalarType.BFloat16);
    // A cached copy of a weight would outlive the step that changes it.
    torch.set_autocast_cache_enabled(false);
    torch.set_autocast_enabled(this.device, enabled);
  }

  /** Whether operations of this thread on the processor are computed in bfloat16. */
  public static boolean isOnForProcessor() {
    return torch.is_autocast_enabled(DeviceType.CPU);
  }

  /**
   * Until it is closed, operations of this thread on the processor keep the type of their input.
   */
  public static Autocast pausedForProcessor() {
    return new Autocast(DeviceType.CPU, false);
  }

  @Override
  public void close() {
    torch.set_autocast_enabled(device, enabledBefore);
    torch.set_autocast_cache_enabled(cachedBefore);
    torch.set_autocast_dtype(device, typeBefore);
  }
}
