package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import io.trainyard.engine.Golden;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class GroupSplitTest {
  private static SplitSpec groups(double validation, double test, @Nullable FoldSpec fold) {
    return new SplitSpec(validation, test, null, SplitSpec.By.GROUP, "g", fold);
  }

  private static byte[] split(int[] groups, SplitSpec spec, long seed) {
    byte[] subsets = Split.subsets(groups.length, spec, seed, groups);
    byte[] byGroup = new byte[Strata.sizes(groups).length];
    Arrays.fill(byGroup, (byte) -1);
    for (int row = 0; row < groups.length; row++) {
      int group = groups[row];
      assertThat(byGroup[group] < 0 || byGroup[group] == subsets[row]).as("one part").isTrue();
      byGroup[group] = subsets[row];
    }
    return subsets;
  }

  private static int[] random(Random random, int count, int largest) {
    return IntStream.range(0, count)
        .flatMap(group -> IntStream.generate(() -> group).limit(1 + random.nextInt(largest)))
        .toArray();
  }

  /** Against all subsets of the groups: no other choice of test groups is nearer to the share. */
  @Test
  void theTestPartIsTheNearestThatGroupsAllow() {
    Random random = new Random(3);
    for (int draw = 0; draw < 300; draw++) {
      int[] groups = random(random, 3 + random.nextInt(8), 30);
      int[] sizes = Strata.sizes(groups);
      double share = 0.05 + 0.4 * random.nextDouble();
      byte[] subsets = split(groups, groups(0, share, null), draw);
      int wanted = Split.share(groups.length, share);
      int nearest = Integer.MAX_VALUE;
      for (int choice = 1; choice < (1 << sizes.length) - 1; choice++) {
        int sum = 0;
        for (int group = 0; group < sizes.length; group++) {
          sum += (choice >> group & 1) * sizes[group];
        }
        nearest = Math.min(nearest, Math.abs(sum - wanted));
      }
      assertThat(Math.abs(Split.count(subsets).test() - wanted)).isEqualTo(nearest);
    }
  }

  @Test
  void eachPartHasAGroupAndFollowsFromTheSeed() {
    Random random = new Random(4);
    for (int draw = 0; draw < 300; draw++) {
      int[] groups = random(random, 3 + random.nextInt(20), 50);
      Split.Sizes sizes = Split.count(split(groups, groups(0.3, 0.2, null), draw));
      assertThat(sizes.training()).isPositive();
      assertThat(sizes.validation()).isPositive();
      assertThat(sizes.test()).isPositive();
    }
    int[] groups = IntStream.range(0, 1000).map(row -> row / 10).toArray();
    Set<String> seen = new HashSet<>();
    for (int seed = 0; seed < 20; seed++) {
      byte[] once = split(groups, groups(0.2, 0.1, null), seed);
      assertThat(once).isEqualTo(split(groups, groups(0.2, 0.1, null), seed));
      assertThat(Split.count(once)).isEqualTo(new Split.Sizes(700, 200, 100));
      seen.add(Arrays.toString(once));
    }
    assertThat(seen).hasSize(20);
  }

  @Test
  void aGroupIsInEachPartAsOftenAsItsShare() {
    int[] groups = IntStream.range(0, 400).map(row -> row / 4).toArray();
    int[] tested = new int[100];
    for (int seed = 0; seed < 500; seed++) {
      byte[] subsets = split(groups, groups(0, 0.2, null), seed);
      for (int group = 0; group < 100; group++) {
        tested[group] += subsets[group * 4] == Split.TEST ? 1 : 0;
      }
    }
    // 500 draws at 0.2: six standard deviations are 54.
    assertThat(Arrays.stream(tested).boxed().toList())
        .allSatisfy(times -> assertThat(times).isBetween(46, 154));
  }

  @Test
  void aMillionRowsAreSplitQuickly() {
    int[] many = IntStream.range(0, 1_000_000).map(row -> row / 2).toArray();
    long begin = System.nanoTime();
    Split.Sizes sizes = Split.count(Split.subsets(many.length, groups(0.2, 0.1, null), 1, many));
    assertThat(sizes).isEqualTo(new Split.Sizes(700_000, 200_000, 100_000));
    int[] few = IntStream.range(0, 1_000_000).map(row -> row * 7 % 1009).sorted().toArray();
    Split.Sizes uneven = Split.count(Split.subsets(few.length, groups(0.2, 0.1, null), 1, few));
    assertThat(uneven.test()).isBetween(99_000, 101_000);
    assertThat(uneven.validation()).isBetween(199_000, 201_000);
    // A second; what is quadratic takes many minutes.
    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(30);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5})
  void foldsKeepGroupsTogetherAndTheTestPart(int folds) {
    int[] groups = random(new Random(5), 23, 40);
    byte[] plain = split(groups, groups(0.3, 0.2, null), 9);
    int[] times = new int[groups.length];
    for (int number = 0; number <= folds; number++) {
      byte[] subsets = split(groups, groups(0, 0.2, new FoldSpec(number, folds)), 9);
      for (int row = 0; row < groups.length; row++) {
        assertThat(subsets[row] == Split.TEST).isEqualTo(plain[row] == Split.TEST);
        times[row] += subsets[row] == Split.VALIDATION ? 1 : 0;
      }
    }
    for (int row = 0; row < groups.length; row++) {
      assertThat(times[row]).isEqualTo(plain[row] == Split.TEST ? 0 : 1);
    }
  }

  /** As scikit-learn's GroupKFold, by {@code src/test/python/baselines.py}. */
  @Test
  void foldsOfGroupsAreThoseOfScikitLearn() {
    JsonNode golden = Golden.read("baselines.json");
    int[] groups = golden.get("groups").valueStream().mapToInt(JsonNode::intValue).toArray();
    int[] counts = {2, 3, 5};
    for (int i = 0; i < counts.length; i++) {
      int of = counts[i];
      int[] sizes =
          IntStream.rangeClosed(1, of)
              .map(
                  n ->
                      Split.count(split(groups, groups(0, 0, new FoldSpec(n, of)), 1)).validation())
              .sorted()
              .toArray();
      assertThat(sizes)
          .isEqualTo(
              golden.get("folds").get(i).valueStream().mapToInt(JsonNode::intValue).toArray());
    }
  }

  @Test
  void foldsOfAColumnOfPartsLeaveItsTestPartOut() {
    int[] parts = IntStream.range(0, 30).map(row -> row % 3).toArray();
    SplitSpec plain = new SplitSpec(0, 0, null, SplitSpec.By.COLUMN, "part", null);
    assertThat(Split.count(Split.subsets(30, plain, 1, parts)))
        .isEqualTo(new Split.Sizes(10, 10, 10));
    for (int number = 1; number <= 4; number++) {
      byte[] subsets = Split.subsets(30, SplitRows.fold(plain, new FoldSpec(number, 4)), 1, parts);
      assertThat(Split.count(subsets)).isEqualTo(new Split.Sizes(15, 5, 10));
      for (int row = 0; row < 30; row++) {
        assertThat(subsets[row] == Split.TEST).isEqualTo(row % 3 == 2);
      }
    }
    byte[] all = Split.subsets(30, SplitRows.fold(plain, new FoldSpec(0, 4)), 1, parts);
    assertThat(Split.count(all)).isEqualTo(new Split.Sizes(20, 0, 10));
  }
}
