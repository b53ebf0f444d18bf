package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TemperatureFitTest {
  private static double temperature(double[][] logits, int... labels) {
    return new TemperatureFit(logits, labels).temperature();
  }

  /** Of four rows with the logit 2, three are right: 1 / (1 + exp(-2 / T)) is 3/4. */
  @Test
  void probabilitiesAreMetAsOftenAsTheySay() {
    double[][] logits = {{2, 0}, {2, 0}, {2, 0}, {2, 0}};
    assertThat(temperature(logits, 0, 0, 0, 1)).isCloseTo(2 / Math.log(3), within(1e-9));
  }

  @Test
  void aTemperatureIsHeldWithinItsEnds() {
    double[][] nearlyRight = {{0.01, 0}, {0, 1e-6}};
    assertThat(temperature(nearlyRight, 0, 0)).isEqualTo(0.01);
    double[][] wrong = {{5, 0}, {0, 5}};
    assertThat(temperature(wrong, 1, 0)).isEqualTo(100);
  }

  @Test
  void rowsThatAreAllRightOrHaveNoLogitsTellNone() {
    assertThat(temperature(new double[][] {{3, 1}, {0, 2}}, 0, 1)).isNaN();
    assertThat(temperature(new double[][] {{Double.NaN, 1}, {3, 2}}, 0, 1)).isNaN();
  }
}
