package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.train.LearningRateCurve.Point;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rate a curve suggests. */
class LearningRateCurveTest {
  /** The loss at a step is what the formula gives; the rate is its number. */
  private static LearningRateCurve curve(double... losses) {
    List<Point> points = new ArrayList<>();
    for (double loss : losses) {
      points.add(new Point(points.size(), loss));
    }
    return LearningRateCurve.of(points);
  }

  @Test
  void theSteepestDescentBehindTheFirstTenPointsIsSuggested() {
    // Slopes of the candidates 10 to 15: −1, −2, −3, −1.5, 1, 2.
    assertThat(curve(99, 50, 9, 9, 9, 9, 9, 9, 9, 9, 9, 8, 5, 2, 2, 4, 0).suggestion())
        .isEqualTo(12);
  }

  @Test
  void theLastPointIsNoCandidate() {
    assertThat(curve(9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 8, 8, -99).suggestion()).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, 11, 12})
  void tooFewPointsSuggestNothing(int count) {
    double[] falling = new double[count];
    for (int i = 0; i < count; i++) {
      falling[i] = -i;
    }
    assertThat(curve(falling).suggestion()).isNull();
  }

  @Test
  void lossesThatFallNowhereSuggestNothing() {
    assertThat(curve(9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 1, 2, 3, 4, 5).suggestion()).isNull();
  }
}
