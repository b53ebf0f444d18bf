package io.trainyard.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The faults of one run, in order; a function of the seed. */
record FaultPlan(List<Step> steps) {
  /**
   * @param pause the time until the next one
   */
  record Step(Fault.Kind kind, Fault fault, Duration pause) {}

  /**
   * Draws a plan. It starts with one fault of each kind, so every run has them all.
   *
   * @param possible the kinds that this machine allows
   */
  static FaultPlan draw(long seed, int count, int processes, Set<Fault.Kind> possible) {
    Random random = new Random(seed);
    List<Fault.Kind> kinds = new ArrayList<>(possible);
    java.util.Collections.shuffle(kinds, random);
    int shares = possible.stream().mapToInt(Fault.Kind::share).sum();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Fault.Kind kind = i < kinds.size() ? kinds.get(i) : pick(kinds, random.nextInt(shares));
      steps.add(
          new Step(
              kind, kind.draw(random, processes), Duration.ofMillis(random.nextInt(200, 2_500))));
    }
    return new FaultPlan(List.copyOf(steps));
  }

  private static Fault.Kind pick(List<Fault.Kind> kinds, int lot) {
    int rest = lot;
    for (Fault.Kind kind : kinds) {
      rest -= kind.share();
      if (rest < 0) {
        return kind;
      }
    }
    throw new IllegalStateException("the shares do not add up");
  }

  /** The number of faults of each kind. */
  Map<Fault.Kind, Integer> counts() {
    Map<Fault.Kind, Integer> counts = new EnumMap<>(Fault.Kind.class);
    steps.forEach(step -> counts.merge(step.kind(), 1, Integer::sum));
    return counts;
  }
}
