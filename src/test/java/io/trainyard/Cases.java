package io.trainyard;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Slow tests with many similar cases take a few of them; profile {@code slow} runs all. */
public final class Cases {
  private Cases() {}

  /** Whether profile {@code slow} runs. */
  public static boolean all() {
    return Boolean.getBoolean("all.cases");
  }

  /** Every {@code step}-th case, from the first; all in profile {@code slow}. */
  public static <T> List<T> sample(List<T> cases, int step) {
    return all() ? cases : every(cases, step, 0);
  }

  /** Every {@code step}-th case, from one drawn at random: runs in a row come to all. */
  public static <T> List<T> drawn(List<T> cases, int step) {
    return every(cases, step, ThreadLocalRandom.current().nextInt(step));
  }

  /** Every {@code step}-th case, from the one at {@code first}. */
  public static <T> List<T> every(List<T> cases, int step, int first) {
    return IntStream.range(0, cases.size())
        .filter(i -> i % step == first)
        .mapToObj(cases::get)
        .toList();
  }
}
