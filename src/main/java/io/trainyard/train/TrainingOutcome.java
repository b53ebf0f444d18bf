package io.trainyard.train;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.encoding.FittedCertainty;
import io.trainyard.model.EnsembleChoice;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.metric.BaselineMetrics;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredValues;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The result of a training that didn't fail. */
public sealed interface TrainingOutcome {
  /**
   * Training ended with weights to publish.
   *
   * @param weights by stored name, in host memory that the garbage collector frees
   * @param best the record of the epoch with these weights; null when no epoch has ended
   * @param last the last epoch's record; null when no epoch has ended
   * @param forms of the values of the last and the best record, and of the test values
   * @param testValues test_loss and test_ metrics of these weights; empty without test rows
   * @param evaluation of the test rows, else of the validation rows, else of the training rows
   * @param baseline on the rows of the evaluation; null where nothing was trained
   * @param decisions how targets whose threshold was chosen are decided, by name
   * @param certainty how sure predictions are, as learned on the validation rows
   * @param threads intra-op threads used
   * @param learningRates of the range test before the training; null without one
   * @param members of the ensemble whose weights these are; empty for one network
   * @param ensemble the trials of a sweep that the members are of; null for other trainings
   */
  record Finished(
      Map<String, HostTensor> weights,
      @Nullable EpochRecord best,
      @Nullable EpochRecord last,
      MeasuredForms forms,
      MeasuredValues testValues,
      Evaluation evaluation,
      @Nullable BaselineMetrics baseline,
      Map<String, Decision> decisions,
      FittedCertainty certainty,
      StopReason reason,
      int epochs,
      int threads,
      Device device,
      double seconds,
      @Nullable LearningRateCurve learningRates,
      List<EnsembleMember> members,
      @Nullable SweepEnsemble ensemble)
      implements TrainingOutcome {
    public Finished {
      members = List.copyOf(members);
      weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
      decisions = Map.copyOf(decisions);
    }

    /** The same network, as it was measured on rows that others have not seen. */
    Finished withMeasured(Finished elsewhere) {
      EpochRecord known = elsewhere.best();
      return new Finished(
          weights,
          best == null || known == null
              ? best
              : best.published(
                  new MeasuredValues(known.values(), known.notes()), known.decisions()),
          last,
          forms.measuredElsewhere(elsewhere.forms()),
          elsewhere.testValues(),
          elsewhere.evaluation(),
          elsewhere.baseline(),
          elsewhere.decisions(),
          elsewhere.certainty(),
          reason,
          epochs,
          threads,
          device,
          seconds,
          learningRates,
          members,
          ensemble);
    }

    /** The same with other weights, such as those of a network with more of them. */
    public Finished withWeights(Map<String, HostTensor> other) {
      return with(other, learningRates, ensemble);
    }

    /** The same after a range test. */
    Finished withLearningRates(LearningRateCurve curve) {
      return with(weights, curve, ensemble);
    }

    /** The same with the trials that the members are of. */
    Finished withEnsemble(SweepEnsemble chosen) {
      return with(weights, learningRates, chosen);
    }

    private Finished with(
        Map<String, HostTensor> changedWeights,
        @Nullable LearningRateCurve curve,
        @Nullable SweepEnsemble chosen) {
      return new Finished(
          changedWeights,
          best,
          last,
          forms,
          testValues,
          evaluation,
          baseline,
          decisions,
          certainty,
          reason,
          epochs,
          threads,
          device,
          seconds,
          curve,
          members,
          chosen);
    }
  }

  /**
   * The ensemble of a sweep.
   *
   * @param choice its trials
   * @param counts how often each of them counts, without a common factor
   */
  record SweepEnsemble(EnsembleChoice choice, List<Integer> counts) {
    public SweepEnsemble {
      counts = List.copyOf(counts);
    }
  }

  /** A range test alone, which leaves no weights. */
  record Searched(LearningRateCurve learningRates) implements TrainingOutcome {}

  /** The listener cancelled it, or stopped it before the first epoch ended. */
  record Cancelled() implements TrainingOutcome {}

  /**
   * The time limit came before the first epoch ended, so there is nothing to publish.
   *
   * @param seconds that were trained
   */
  record OutOfTime(Progress progress, double seconds) implements TrainingOutcome {}

  /** The listener suspended it; another attempt continues from the checkpoint. */
  record Suspended(@Nullable Checkpoint checkpoint) implements TrainingOutcome {}
}
