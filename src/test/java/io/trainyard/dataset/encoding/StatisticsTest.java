package io.trainyard.dataset.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StatisticsTest {
  /** 0.056·0.7 + 0.056·0.3 is another number in double. */
  @Test
  void quantileBetweenEqualNumbersIsThatNumber() {
    double[] sorted = new double[1001];
    Arrays.fill(sorted, 0.056);
    for (int i = 0; i < 1000; i++) {
      assertThat(Statistics.quantile(sorted, i / 999.0)).isEqualTo(0.056);
    }
  }
}
