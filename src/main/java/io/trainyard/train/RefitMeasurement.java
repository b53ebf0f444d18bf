package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.spec.NetworkMembers.CountedNetwork;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * Measures a network that was trained on all rows. No row is left to learn on how sure it is, so
 * networks that were trained in the same way, each without the rows of a fold, say what it would
 * have said of those. Source: scikit-learn's CalibratedClassifierCV without an ensemble.
 *
 * @param others reads the weights of the network that has not seen a fold, by fold
 */
record RefitMeasurement(
    Engine engine,
    EnsemblePlan plan,
    List<Supplier<Map<String, HostTensor>>> others,
    TrainingListener listener) {
  TrainingOutcome of(TrainingOutcome.Finished trained) {
    EnsembleMember whole =
        new EnsembleMember(
            0,
            plan.plan().seed(),
            plan.whole().training().rows(),
            0,
            trained.epochs(),
            trained.reason(),
            Objects.requireNonNull(trained.best(), "a finished training has an epoch"),
            Objects.requireNonNull(trained.last(), "a finished training has an epoch"));
    EnsembleMeasurement measurement =
        new EnsembleMeasurement(
            engine,
            listener,
            trained.threads(),
            plan.plan(),
            plan.whole(),
            CountedNetwork.copies(plan.plan().network(), 1, 1),
            List.of(whole),
            List.of(trained.weights()));
    try {
      OutOfFold folds = new OutOfFold(measurement.together().objectives());
      for (int fold = 0; fold < others.size(); fold++) {
        TrainingPlan other = plan.plan().with(measurement.idle()).from(others.get(fold).get());
        try (PreparedData data = plan.rows().apply(fold)) {
          measurement.run(() -> measurement.add(folds, other, data));
        }
      }
      return trained.withMeasured(measurement.of(trained.reason(), trained.seconds(), folds));
    } catch (CancellationException e) {
      return listener.command() == TrainingCommand.CANCEL
          ? new TrainingOutcome.Cancelled()
          : new TrainingOutcome.Suspended(null);
    }
  }
}
