package io.trainyard.engine.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.TestEngine;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Four elements of a mask share a random number, and are as independent as those of others. */
class DropoutMaskTest {
  private static float[] mask(double rate, long... shape) {
    float[][] mask = new float[1][];
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (PointerScope scope = new PointerScope();
                  RandomSource random = new RandomSource(5)) {
                var like = TensorConversion.view(HostTensor.ofFloats(Shape.of(1), 0));
                mask[0] =
                    TensorConversion.toHost(
                            CoreModules.mask(like, shape, rate, ForwardContext.training(random), 1))
                        .toFloats();
              }
            });
    return mask[0];
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.15, 0.5, 0.93})
  void eachElementIsDroppedAtTheRate(double rate) {
    int rows = 100_000;
    float[] mask = mask(rate, rows, 4);
    for (float element : mask) {
      assertThat(element).isIn(0f, (float) (1 / (1 - rate)));
    }
    double most = 5 * Math.sqrt(rate * (1 - rate) / rows);
    for (int place = 0; place < 4; place++) {
      int at = place;
      long dropped = IntStream.range(0, rows).filter(row -> mask[4 * row + at] == 0).count();
      assertThat((double) dropped / rows).as("place %d", at).isCloseTo(rate, within(most));
      long both =
          IntStream.range(0, rows - 1)
              .filter(row -> mask[4 * row + at] == 0 && mask[4 * row + at + 1] == 0)
              .count();
      assertThat((double) both / rows)
          .as("places %d and %d", at, at + 1)
          .isCloseTo(rate * rate, within(5 * rate / Math.sqrt(rows)));
    }
  }

  @Test
  void anyNumberOfElementsHasAMask() {
    for (int elements = 0; elements < 10; elements++) {
      assertThat(mask(0.5, elements)).hasSize(elements);
    }
    // Two parts and a rest: each has draws of its own.
    float[] parts = mask(0.5, (1 << 19) + 3);
    assertThat(parts).hasSize((1 << 19) + 3).containsOnly(0, 2);
    assertThat(Arrays.copyOf(parts, 1 << 18))
        .isNotEqualTo(Arrays.copyOfRange(parts, 1 << 18, 1 << 19));
    assertThat(mask(1e-9, 1_000)).containsOnly(1);
    assertThat(mask(0.999_999, 1_000)).contains(0);
  }
}
