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
    this.device = device == Device.CPU ? DeviceType.CPU : DeviceType.CUDA;
    typeBefore = torch.get_autocast_dtype(this.device);
    enabledBefore = torch.is_autocast_enabled(this.device);
    cachedBefore = torch.is_autocast_cache_enabled();
    torch.set_autocast_dtype(this.device, ScalarType.BFloat16);
    // A cached copy of a weight would outlive the step that changes it.
    torch.set_autocast_cache_enabled(false);
    torch.set_autocast_enabled(this.device, true);
  }

  @Override
  public void close() {
    torch.set_autocast_enabled(device, enabledBefore);
    torch.set_autocast_cache_enabled(cachedBefore);
    torch.set_autocast_dtype(device, typeBefore);
  }
}
