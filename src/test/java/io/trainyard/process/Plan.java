package io.trainyard.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The faults of one run in their order; a function of its seed. */
record Plan(List<Step> steps) {
  /**
   * A fault.
   *
   * @param pause how long until the next one
   */
  record Step(Fault.Kind kind, Fault fault, Duration pause) {}

  /**
   * Draws a plan. The first faults are one of each kind, so that no run goes without one.
   *
   * @param possible the kinds this machine allows
   */
  static Plan draw(long seed, int count, int processes, Set<Fault.Kind> possible) {
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
    return new Plan(List.copyOf(steps));
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

  /** How many of each kind there are. */
  Map<Fault.Kind, Integer> counts() {
    Map<Fault.Kind, Integer> counts = new EnumMap<>(Fault.Kind.class);
    steps.forEach(step -> counts.merge(step.kind(), 1, Integer::sum));
    return counts;
  }
}
