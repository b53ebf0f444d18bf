package io.trainyard.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Candidates whose mean answers best, chosen greedily and with replacement: in each round the one
 * is added whose mean with those chosen before is best, the first of equal ones. Of the means of
 * all rounds the best counts, the first of equal ones. Source: Caruana, Niculescu-Mizil, Crew and
 * Ksikes, Ensemble Selection from Libraries of Models, 2004, sections 2 and 2.1.
 *
 * @param counts by candidate, how often it was chosen
 * @param value of the mean
 * @param best the best candidate by itself, from 0
 * @param bestValue of that candidate
 */
record GreedyChoice(List<Integer> counts, double value, int best, double bestValue) {
  GreedyChoice {
    counts = List.copyOf(counts);
  }

  /** How often candidates were added. */
  int picks() {
    return counts.stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * Chooses among candidates.
   *
   * @param most rounds
   * @param rises whether a larger value is better
   * @param value of a mean in which candidates count so often; NaN when there is none
   * @return null when no candidate has a value
   */
  static @Nullable GreedyChoice of(
      int candidates, int most, boolean rises, ToDoubleFunction<List<Integer>> value) {
    List<Integer> chosen = new ArrayList<>(Collections.nCopies(candidates, 0));
    GreedyChoice best = null;
    int first = -1;
    double firstValue = Double.NaN;
    for (int round = 0; round < most; round++) {
      int next = -1;
      double nextValue = Double.NaN;
      for (int candidate = 0; candidate < candidates; candidate++) {
        double with = value.applyAsDouble(with(chosen, candidate));
        if (isBetter(with, nextValue, rises)) {
          next = candidate;
          nextValue = with;
        }
      }
      if (next < 0) {
        break;
      }
      chosen = with(chosen, next);
      if (first < 0) {
        first = next;
        firstValue = nextValue;
      }
      if (best == null || isBetter(nextValue, best.value(), rises)) {
        best = new GreedyChoice(chosen, nextValue, first, firstValue);
      }
    }
    return best;
  }

  private static List<Integer> with(List<Integer> counts, int candidate) {
    List<Integer> more = new ArrayList<>(counts);
    more.set(candidate, counts.get(candidate) + 1);
    return more;
  }

  /** NaN is worse than any number. */
  private static boolean isBetter(double value, double than, boolean rises) {
    return !Double.isNaN(value) && (Double.isNaN(than) || (rises ? value > than : value < than));
  }
}
