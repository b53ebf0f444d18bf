package io.trainyard.dataset.prepare;

import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.SplitSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Gives whole groups to the parts of a split. Each part gets the groups whose rows come nearest to
 * its share, and at least one; among equally good choices the seed decides. The test part is chosen
 * first, so that it is the same with folds.
 */
final class GroupSplit {
  /** Bounds the sums that are tried: groups times wanted rows. Beyond, groups are drawn. */
  private static final long MAX_SUMS = 50_000_000;

  private final int[] sizes;
  private final byte[] subsets;
  private List<Integer> left = new ArrayList<>();

  private GroupSplit(int[] sizes, long seed) {
    this.sizes = sizes;
    this.subsets = new byte[sizes.length];
    for (int group : Split.shuffled(sizes.length, seed)) {
      left.add(group);
    }
  }

  /**
   * The subset of every row.
   *
   * @param groups the group of every row, from 0
   */
  static byte[] subsets(int[] groups, SplitSpec spec, long seed) {
    GroupSplit split = new GroupSplit(Strata.sizes(groups), seed);
    int rows = groups.length;
    boolean validates = spec.validation() > 0 && spec.fold() == null;
    if (spec.test() > 0) {
      split.give(Split.TEST, Split.share(rows, spec.test()), validates ? 2 : 1);
    }
    if (validates) {
      split.give(Split.VALIDATION, Split.share(rows, spec.validation()), 1);
    }
    if (spec.fold() != null && spec.fold().validates()) {
      split.giveFold(spec.fold());
    }
    byte[] subsets = new byte[rows];
    for (int row = 0; row < rows; row++) {
      subsets[row] = split.subsets[groups[row]];
    }
    return subsets;
  }

  private void giveFold(FoldSpec fold) {
    // In order of their numbers, so that the folds do not depend on the shuffle.
    int[] rest = left.stream().mapToInt(Integer::intValue).sorted().toArray();
    int[] folds = fold.ofGroups(Arrays.stream(rest).map(group -> sizes[group]).toArray());
    for (int i = 0; i < rest.length; i++) {
      if (folds[i] == fold.number()) {
        subsets[rest[i]] = Split.VALIDATION;
      }
    }
  }

  /**
   * Gives groups to a part.
   *
   * @param wanted rows
   * @param others the groups that other parts need at least
   */
  private void give(byte subset, int wanted, int others) {
    List<Integer> chosen = new ArrayList<>();
    int most = left.size() - others;
    int given = 0;
    // Many groups: most of them are drawn, and only the last ones are fitted.
    for (int i = 0; (long) left.size() * (wanted - given) > MAX_SUMS && i < left.size(); i++) {
      if (given + sizes[left.get(i)] <= wanted) {
        chosen.add(left.get(i));
        given += sizes[left.get(i)];
      }
    }
    List<Integer> rest = new ArrayList<>(left);
    if (!chosen.isEmpty()) {
      boolean[] isChosen = new boolean[sizes.length];
      chosen.forEach(group -> isChosen[group] = true);
      rest.removeIf(group -> isChosen[group]);
    }
    chosen.addAll(nearest(rest, wanted - given, chosen.isEmpty()));
    while (chosen.size() > Math.max(0, most)) {
      chosen.removeLast();
    }
    boolean[] isGiven = new boolean[sizes.length];
    for (int group : chosen) {
      subsets[group] = subset;
      isGiven[group] = true;
    }
    left = new ArrayList<>(left.stream().filter(group -> !isGiven[group]).toList());
  }

  /** The groups whose sum is nearest to the wanted rows; the smaller of two that are as near. */
  private List<Integer> nearest(List<Integer> groups, int wanted, boolean atLeastOne) {
    int smallest = groups.stream().mapToInt(group -> sizes[group]).min().orElse(0);
    int limit = (int) Math.min(Math.max(2L * wanted, smallest), Integer.MAX_VALUE - 8);
    // By sum: the place of the group that reached it first, from 1.
    int[] reachedBy = new int[limit + 1];
    for (int place = 1; place <= groups.size() && reachedBy[wanted] == 0; place++) {
      int size = sizes[groups.get(place - 1)];
      for (int sum = limit; sum >= size; sum--) {
        if (reachedBy[sum] == 0 && (sum == size || reachedBy[sum - size] > 0)) {
          reachedBy[sum] = place;
        }
      }
    }
    int best = 0;
    for (int sum = 1; sum <= limit; sum++) {
      boolean isNearer = Math.abs(sum - wanted) < Math.abs(best - wanted);
      if (reachedBy[sum] > 0 && (isNearer || (best == 0 && atLeastOne))) {
        best = sum;
      }
    }
    List<Integer> chosen = new ArrayList<>();
    for (int sum = best; sum > 0; ) {
      int group = groups.get(reachedBy[sum] - 1);
      chosen.add(group);
      sum -= sizes[group];
    }
    return chosen;
  }
}
