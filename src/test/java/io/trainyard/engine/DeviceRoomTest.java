package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.tensor.Device;
import org.junit.jupiter.api.Test;

/** A device of 8 GB, of which other processes use 6.9. */
class DeviceRoomTest {
  private static final DeviceMemory.Use USE =
      new DeviceMemory.Use(Device.CUDA, 6_900_000_000L, 8_000_000_000L);

  private static ServiceException refusal(long needed) {
    return catchThrowableOfType(ServiceException.class, () -> Engine.requireMemory(USE, needed));
  }

  @Test
  void aJobWaitsForWhatOthersHold() {
    assertThatCode(() -> Engine.requireMemory(USE, 1_100_000_000L)).doesNotThrowAnyException();
    assertThatThrownBy(() -> Engine.requireMemory(USE, 4_200_000_000L))
        .isInstanceOf(DeviceShortageException.class)
        .hasMessageStartingWith("memory of 'cuda': needs 4.2 GB, 1.1 GB free");
  }

  @Test
  void aJobThatTheDeviceCannotHoldDoesNotWait() {
    ServiceException tooLarge = refusal(8_100_000_000L);
    assertThat(tooLarge.code()).isEqualTo(ErrorCode.TOO_MUCH_MEMORY);
    assertThat(tooLarge.detail()).contains("8.1 GB", "8.0 GB", "batch_size");
  }

  @Test
  void theCpuHasNoMemoryOfItsOwn() {
    assertThat(TestEngine.get().memory(Device.CPU)).isEmpty();
  }
}
