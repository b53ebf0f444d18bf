package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.SplitSpec;
import org.junit.jupiter.api.Test;

class SplitTest {
  private static SplitSpec random(double validation, double test) {
    return new SplitSpec(validation, test, null, SplitSpec.By.RANDOM, null, null);
  }

  private static int count(byte[] subsets, int subset) {
    int count = 0;
    for (byte one : subsets) {
      count += one == subset ? 1 : 0;
    }
    return count;
  }

  @Test
  void sizesRoundHalfUp() {
    assertThat(Split.sizes(10, random(0.15, 0.25))).isEqualTo(new Split.Sizes(5, 2, 3));
    assertThat(Split.sizes(100, random(0.145, 0))).isEqualTo(new Split.Sizes(85, 15, 0));
    assertThat(Split.sizes(4, random(0.1, 0))).isEqualTo(new Split.Sizes(4, 0, 0));
    assertThat(Split.sizes(150, random(0.2, 0.1))).isEqualTo(new Split.Sizes(105, 30, 15));
  }

  @Test
  void aRandomSplitFollowsFromTheSeed() {
    byte[] once = Split.subsets(1000, random(0.2, 0.1), 42, null);
    assertThat(once).isEqualTo(Split.subsets(1000, random(0.2, 0.1), 42, null));
    assertThat(once).isNotEqualTo(Split.subsets(1000, random(0.2, 0.1), 43, null));
    assertThat(count(once, Split.VALIDATION)).isEqualTo(200);
    assertThat(count(once, Split.TEST)).isEqualTo(100);
    int early = 0;
    for (int i = 0; i < 500; i++) {
      early += once[i] == Split.VALIDATION ? 1 : 0;
    }
    assertThat(early).as("drawn from the whole file").isBetween(70, 130);
  }

  @Test
  void fileOrderTakesTheLastRows() {
    SplitSpec spec = new SplitSpec(0.2, 0.2, null, SplitSpec.By.FILE_ORDER, null, null);
    assertThat(Split.subsets(5, spec, 1, null)).containsExactly(0, 0, 0, 1, 2);
  }

  @Test
  void stratifyingKeepsProportionsAndSizes() {
    int[] strata = new int[103];
    for (int i = 0; i < strata.length; i++) {
      strata[i] = i < 10 ? 0 : i < 40 ? 1 : 2;
    }
    byte[] subsets = Split.subsets(103, random(0.2, 0.1), 5, strata);
    assertThat(count(subsets, Split.VALIDATION)).isEqualTo(21);
    assertThat(count(subsets, Split.TEST)).isEqualTo(10);
    int[] validation = new int[3];
    int[] test = new int[3];
    for (int i = 0; i < subsets.length; i++) {
      validation[strata[i]] += subsets[i] == Split.VALIDATION ? 1 : 0;
      test[strata[i]] += subsets[i] == Split.TEST ? 1 : 0;
    }
    assertThat(validation).containsExactly(2, 6, 13);
    assertThat(test).containsExactly(1, 3, 6);
  }
}
