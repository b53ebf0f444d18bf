package io.trainyard.spec.training;

import java.util.List;

/**
 * The phases of a training, one after the other, all repeated.
 *
 * @param list empty when the whole training is one
 * @param repeats how often each phase runs
 */
public record Phases(List<Phase> list, int repeats) {
  /** Of a training without phases. */
  public static final Phases NONE = new Phases(List.of(), 1);

  public Phases {
    list = List.copyOf(list);
  }

  public boolean isEmpty() {
    return list.isEmpty();
  }

  /** As {@link TrainingSpec#onRows}. */
  Phases onRows(int rows) {
    return new Phases(
        list.stream()
            .map(
                phase ->
                    new Phase(
                        phase.name(),
                        phase.train(),
                        phase.output(),
                        phase.source(),
                        phase.training().onRows(rows),
                        phase.pointer(),
                        phase.inherited()))
            .toList(),
        repeats);
  }
}
