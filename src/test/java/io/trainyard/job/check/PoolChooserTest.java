package io.trainyard.job.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.tensor.Device;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolChooserTest {
  private final PoolChooser pools =
      new PoolChooser(
          Map.of(
              "cpu", new WorkerPool(1, 0, Device.CPU), "gpu", new WorkerPool(0, 0, Device.CUDA)));

  @Test
  void theDeviceOfAPoolIsNamedWhereAMachineMayLackIt() {
    assertThat(pools.described("gpu")).isEqualTo("gpu (cuda)");
    assertThat(pools.described("cpu")).isEqualTo("cpu");
  }
}
