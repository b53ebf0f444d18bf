package io.trainyard.job.sweep;

import io.trainyard.job.Job;
import io.trainyard.job.Task;
import tools.jackson.databind.JsonNode;

/**
 * What a stored sweep asks for.
 *
 * @param job the body of a submission, without the values of a trial
 * @param objective the value of an epoch that trials are compared by
 * @param rises whether a larger value is better
 * @param memory the bytes of its largest training; 0 in sweeps of earlier releases
 * @param folds of the cross-validation; 0: none
 * @param ensembleSize the most trials of the ensemble that it ends in; 0: it ends in a refit
 */
record SweepPlan(
    JsonNode job,
    String objective,
    boolean rises,
    boolean halving,
    long memory,
    int folds,
    int ensembleSize) {
  static SweepPlan of(Job sweep) {
    JsonNode request = ((Task.Sweep) sweep.task()).request();
    return new SweepPlan(
        request.path("job"),
        request.path("objective").asString("val_loss"),
        request.path("direction").asString("min").equals("max"),
        request.path("strategy").asString("").equals("halving"),
        request.path("training_memory_bytes").asLong(0),
        request.path("cross_validation").asInt(0),
        request.at("/ensemble/size").asInt(0));
  }

  /** Whether members of the trials' folds are published in place of a refit. */
  boolean endsInEnsemble() {
    return ensembleSize > 0;
  }

  /**
   * Whether trials keep their weights for the last training: an ensemble is made of them, or a
   * refit learns on what they say of their folds how sure it is.
   */
  boolean keepsFolds() {
    return endsInEnsemble() || (folds > 0 && !SweepBodies.certainty(job).isEmpty());
  }

  /**
   * The rungs of the trainings.
   *
   * @param trials the number of trials
   */
  Rungs rungs(int trials) {
    int epochs = job.at("/training/epochs").asInt(Integer.MAX_VALUE);
    return halving ? Rungs.halving(trials, epochs) : Rungs.single(trials, epochs);
  }

  /** The threads of one training. */
  int threads() {
    return Math.max(1, job.at("/resources/threads").asInt(1));
  }
}
