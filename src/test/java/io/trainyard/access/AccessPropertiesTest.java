package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.access.AccessProperties.Defaults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

class AccessPropertiesTest {
  private static Defaults limits(int requests, int concurrent, long bytes, int jobs) {
    return new Defaults(requests, concurrent, DataSize.ofBytes(bytes), jobs);
  }

  @Test
  void aLimitOfZeroIsNone() {
    assertThat(limits(0, 0, 0, 0).limits()).isEqualTo(Limits.NONE);
    assertThat(limits(1, 0, 0, 0).limits()).isEqualTo(new Limits(1, null, null, null));
    assertThat(limits(0, 2, 0, 0).limits()).isEqualTo(new Limits(null, 2, null, null));
    assertThat(limits(0, 0, 3, 0).limits()).isEqualTo(new Limits(null, null, 3L, null));
    assertThat(limits(0, 0, 0, 4).limits()).isEqualTo(new Limits(null, null, null, 4));
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 0, 0", "0, -1, 0, 0", "0, 0, -1, 0", "0, 0, 0, -1"})
  void noLimitIsBelowZero(int requests, int concurrent, long bytes, int jobs) {
    assertThatThrownBy(() -> limits(requests, concurrent, bytes, jobs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("trainyard.access.limits must all be 0 or more");
  }
}
