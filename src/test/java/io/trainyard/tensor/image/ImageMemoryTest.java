package io.trainyard.tensor.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ImageMemoryTest {
  @Test
  void imagesWaitForTheirMemory() throws Exception {
    ImageMemory memory = new ImageMemory(16 << 20, Duration.ofMillis(5));
    try (ImageMemory.Held _ = memory.hold(10 << 20)) {
      assertThatThrownBy(() -> memory.hold(10 << 20))
          .isInstanceOfSatisfying(
              ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
      assertThatThrownBy(() -> memory.hold(17 << 20)).isInstanceOf(BadImageException.class);
    }
    memory.hold(16 << 20).close();
  }
}
