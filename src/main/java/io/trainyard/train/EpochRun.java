package io.trainyard.train;

import io.trainyard.spec.training.TrainingSpec;

/**
 * A run of epochs with one objective: a whole training, or one visit of a phase.
 *
 * @param phase its name; "" without phases
 * @param number of the phase, from 0; decides what is random
 * @param before epochs of the whole training that ended before it
 * @param trained epochs of this phase before it, in earlier repeats
 * @param epochs that it has at most
 * @param scheduled epochs of this phase in all repeats, which its learning rate schedule spans
 * @param ahead epochs at most after it
 * @param stepsBefore steps before it, as far as they are planned
 * @param stepsAhead steps after it
 */
record EpochRun(
    String phase,
    int number,
    int before,
    int trained,
    int epochs,
    int scheduled,
    int ahead,
    long stepsBefore,
    long stepsAhead) {
  /** How a run ended. */
  sealed interface Ending {
    /** With weights. */
    record Reached(StopReason reason) implements Ending {}

    /** Without. */
    record Early(TrainingOutcome outcome) implements Ending {}
  }

  /** A training without phases. */
  static EpochRun whole(TrainingSpec training) {
    return new EpochRun("", 0, 0, 0, training.epochs(), training.epochs(), 0, 0, 0);
  }

  /** An epoch's number among those of its phase. */
  int own(int epoch) {
    return epoch - before + trained;
  }

  boolean isOver(int finishedEpochs) {
    return finishedEpochs >= before + epochs;
  }

  /** The epochs of the whole training, when no phase ends early from now on. */
  int allEpochs() {
    return before + epochs + ahead;
  }
}
