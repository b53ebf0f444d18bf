package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.spec.training.Ensemble;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * The trainings of an ensemble.
 *
 * @param plan of a member; the training of an ensemble names it; the seed is that of the job
 * @param whole the rows of all members together, by whose encoding each of them is encoded
 * @param rows gives the rows of a member, from 0; its caller closes them
 */
public record EnsemblePlan(TrainingPlan plan, PreparedData whole, IntFunction<PreparedData> rows) {
  Ensemble ensemble() {
    return Objects.requireNonNull(plan.training().ensemble());
  }

  /** The plan of a member with all rows, by whose size it gets its threads. */
  TrainingPlan sized() {
    return plan.with(plan.training().ofMember().onRows(whole.training().rows()));
  }

  /** The plan of a member with these rows. */
  TrainingPlan of(int member, PreparedData own) {
    return new TrainingPlan(
        plan.network(),
        plan.shapes(),
        plan.targets(),
        plan.training().ofMember().onRows(own.training().rows()),
        Ensemble.seed(plan.seed(), member),
        plan.initialWeights(),
        plan.threads(),
        plan.device());
  }
}
