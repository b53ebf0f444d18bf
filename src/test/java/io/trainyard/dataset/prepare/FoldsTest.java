package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.spec.RowWindow;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldsTest {
  private static final long SEED = 5;

  private static SplitSpec fold(double test, int number, int of, SplitSpec.By by) {
    return new SplitSpec(0, test, null, by, null, new FoldSpec(number, of));
  }

  private static int[] rows(byte[] subsets, byte wanted) {
    return IntStream.range(0, subsets.length).filter(row -> subsets[row] == wanted).toArray();
  }

  /** As scikit-learn's KFold(3) on 10 rows: the first folds have one row more. */
  @Test
  void foldsInFileOrderFollowEachOther() {
    int[][] expected = {{0, 1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
    for (int number = 1; number <= 3; number++) {
      SplitSpec split = fold(0, number, 3, SplitSpec.By.FILE_ORDER);
      assertThat(rows(Split.subsets(10, split, SEED, null), Split.VALIDATION))
          .containsExactly(expected[number - 1]);
      assertThat(Split.sizes(10, split).validation()).isEqualTo(expected[number - 1].length);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachRowButTheTestPartIsInOneFold(boolean stratified) {
    int[] strata =
        stratified ? IntStream.range(0, 53).map(row -> row % 4 == 0 ? 0 : 1).toArray() : null;
    byte[] plain =
        Split.subsets(
            53, new SplitSpec(0, 0.2, null, SplitSpec.By.RANDOM, null, null), SEED, strata);
    int[] times = new int[53];
    for (int number = 1; number <= 5; number++) {
      SplitSpec split = fold(0.2, number, 5, SplitSpec.By.RANDOM);
      byte[] subsets = Split.subsets(53, split, SEED, strata);
      assertThat(rows(subsets, Split.TEST)).isEqualTo(rows(plain, Split.TEST));
      int[] own = rows(subsets, Split.VALIDATION);
      assertThat(own).hasSize(Split.sizes(53, split).validation());
      if (strata != null) {
        // 14 of 53 rows, less their share of the test part, in 5 folds.
        assertThat(Arrays.stream(own).filter(row -> strata[row] == 0).count()).isBetween(2L, 3L);
      }
      Arrays.stream(own).forEach(row -> times[row]++);
    }
    for (int row = 0; row < 53; row++) {
      assertThat(times[row]).isEqualTo(plain[row] == Split.TEST ? 0 : 1);
    }
  }

  @Test
  void foldZeroTrainsOnAllButTheTestPart() {
    SplitSpec shares = new SplitSpec(0.3, 0.2, null, SplitSpec.By.RANDOM, null, null);
    byte[] all = Split.subsets(20, SplitRows.fold(shares, new FoldSpec(0, 1)), SEED, null);
    assertThat(rows(all, Split.TEST))
        .isEqualTo(rows(Split.subsets(20, shares, SEED, null), Split.TEST));
    assertThat(rows(all, Split.TRAINING)).hasSize(16);
  }

  /** As scikit-learn's TimeSeriesSplit(3) on 11 rows, where the last 3 are for the test. */
  @Test
  void foldsOfASeriesRunForwardInTime() {
    int[] trains = {5, 7, 9};
    for (int number = 1; number <= 3; number++) {
      SplitSpec split = fold(0.2, number, 3, SplitSpec.By.RANDOM);
      byte[] subsets = Series.of(14, windowing(null), split, null, null, null).subsets();
      int end = trains[number - 1];
      assertThat(rows(subsets, Split.TRAINING)).isEqualTo(IntStream.range(0, end).toArray());
      assertThat(rows(subsets, Split.VALIDATION)).containsExactly(end, end + 1);
      assertThat(rows(subsets, Split.TEST)).containsExactly(11, 12, 13);
    }
  }

  @Test
  void aGroupIsWhollyInOneFold() {
    int[] groups = IntStream.range(0, 30).map(row -> row % 5).toArray();
    int[] times = new int[30];
    for (int number = 1; number <= 2; number++) {
      SplitSpec split = fold(0, number, 2, SplitSpec.By.RANDOM);
      byte[] subsets = Series.of(30, windowing("shop"), split, groups, null, null).subsets();
      for (int row = 0; row < 30; row++) {
        assertThat(subsets[row]).isEqualTo(subsets[groups[row]]);
        times[row] += subsets[row] == Split.VALIDATION ? 1 : 0;
      }
    }
    assertThat(times).containsOnly(1);
  }

  private static Windowing windowing(@Nullable String group) {
    return new Windowing(new RowWindow(2, 1, group, null), Map.of("y", 0));
  }
}
