package io.trainyard.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts what was compared, and keeps what differs. */
final class Comparisons {
  private static final int MAX_FAULTS = Integer.getInteger("judge.faults", 40);

  private final List<String> faults = new ArrayList<>();
  private final Set<String> kinds = new TreeSet<>();
  private final TreeMap<String, Integer> places = new TreeMap<>();
  private int count;

  /** Notes a comparison; a fault is null when the numbers agree. */
  synchronized void add(String place, String what, boolean agrees, String fault) {
    count++;
    places.merge(place, 1, Integer::sum);
    kinds.add(place + " " + what);
    if (!agrees) {
      fault("%s, %s: %s".formatted(place, what, fault));
    }
  }

  synchronized void fault(String fault) {
    if (faults.size() < MAX_FAULTS) {
      faults.add(fault);
    }
  }

  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  /** Different combinations of loss, activation, target, scale, metric and place. */
  synchronized int kinds() {
    return kinds.size();
  }

  synchronized boolean isFull() {
    return faults.size() >= MAX_FAULTS;
  }

  @Override
  public synchronized String toString() {
    return "%d numbers, %d combinations, by place %s".formatted(count, kinds.size(), places);
  }
}
