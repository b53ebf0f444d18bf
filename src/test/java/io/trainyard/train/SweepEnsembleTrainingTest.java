package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TestEngine;
import io.trainyard.json.StrictJson;
import io.trainyard.model.EnsembleChoice;
import io.trainyard.spec.training.Certainty;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The members of a sweep's best mean are published as they were trained. */
@Timeout(120)
class SweepEnsembleTrainingTest {
  private static final Shape ROW = Shape.of(4);
  private static final int FOLDS = 2;

  private static TestTraining training(int units) {
    return Trainings.run(
        "{'name':'m','inputs':{'x':{'columns':['a']}},"
            + "'targets':{'y':{'column':'y','type':'class'}},'network':{'layers':["
            + "{'type':'dense','units':%d,'activation':'tanh','regularizer':{'l2':0.01}},"
                .formatted(units)
            + "{'type':'dense','name':'y','units':3,'activation':'softmax'}]}}",
        "{'loss':'categorical_crossentropy','batch_size':8,'epochs':4,'metrics':['accuracy'],"
            + "'optimizer':{'type':'adam','learning_rate':0.05}}",
        Trainings.rows(14, 1, ROW),
        Trainings.NONE,
        Trainings.rows(9, 3, ROW));
  }

  private static PreparedData rows(int fold) {
    return Trainings.data(
        Trainings.rows(7, 20 + (1 - fold), ROW),
        Trainings.rows(7, 20 + fold, ROW),
        Trainings.rows(9, 3, ROW));
  }

  private static TrainingOutcome.Finished trained(int units, int fold) {
    return new TestTraining(training(units).plan(), rows(fold), null).finish();
  }

  private static SweepEnsemblePlan plan(int... units) {
    List<SweepEnsemblePlan.TrainedTrial> trials = new ArrayList<>();
    for (int i = 0; i < units.length; i++) {
      List<SweepEnsemblePlan.FoldMember> members = new ArrayList<>();
      for (int fold = 0; fold < FOLDS; fold++) {
        TrainingOutcome.Finished own = trained(units[i], fold);
        EpochRecord best = Objects.requireNonNull(own.best());
        var member =
            new EnsembleMember(
                fold + 1, 42, 7, 7, own.epochs(), own.reason(), best, best, i + 1, 1);
        members.add(new SweepEnsemblePlan.FoldMember(member, own::weights));
      }
      trials.add(
          new SweepEnsemblePlan.TrainedTrial(
              i + 1, StrictJson.parse("{}"), training(units[i]).plan(), members));
    }
    return new SweepEnsemblePlan(
        trials,
        training(units[0]).data(),
        SweepEnsembleTrainingTest::rows,
        6,
        "val_loss",
        false,
        Certainty.NONE);
  }

  private static TrainingOutcome train(SweepEnsemblePlan plan, TrainingListener listener) {
    return new Trainer(TestEngine.get()).train(plan, listener);
  }

  @Test
  void chosenMembersKeepTheirWeights() {
    SweepEnsemblePlan plan = plan(3, 5, 8);
    TrainingOutcome.Finished made = (TrainingOutcome.Finished) train(plan, new Recorder());
    EnsembleChoice choice = Objects.requireNonNull(made.ensemble()).choice();
    Map<String, HostTensor> expected = new LinkedHashMap<>();
    int member = 0;
    double shares = 0;
    for (EnsembleChoice.ChosenTrial trial : choice.trials()) {
      shares += trial.weight();
      for (SweepEnsemblePlan.FoldMember fold : plan.trials().get(trial.trial() - 1).folds()) {
        String name = "members." + member++ + ".";
        fold.weights().get().forEach((slot, tensor) -> expected.put(name + slot, tensor));
      }
    }
    Trainings.assertSameBits(made.weights(), expected);
    assertThat(shares).isCloseTo(1, within(1e-12));

    // The best trial by itself has the mean of its folds' losses, which are equally large.
    int best = choice.bestTrial() - 1;
    double loss = 0;
    for (SweepEnsemblePlan.FoldMember fold : plan.trials().get(best).folds()) {
      loss += Trainings.value(fold.member().best(), "val_loss") / FOLDS;
    }
    assertThat(choice.bestValue()).isCloseTo(loss, within(1e-5));
    assertThat(choice.gain()).isEqualTo(choice.bestValue() - choice.value()).isNotNegative();
    assertThat(made.evaluation().part()).isEqualTo(PreparedData.Part.OUT_OF_FOLD);
    assertThat(made.evaluation().measured().values().get("loss")).isEqualTo(choice.value());
    assertThat(made.testValues().values()).containsKeys("test_loss", "test_accuracy");
  }

  @Test
  void anotherAttemptEndsWithTheSameBits() {
    SweepEnsemblePlan plan = plan(3, 8);
    TrainingOutcome.Finished whole = (TrainingOutcome.Finished) train(plan, new Recorder());
    for (int asked : new int[] {1, 4, 20}) {
      assertThat(train(plan, new SuspendingRecorder(asked)))
          .isEqualTo(new TrainingOutcome.Suspended(null));
    }
    TrainingOutcome.Finished again = (TrainingOutcome.Finished) train(plan, new Recorder());
    Trainings.assertSameBits(again.weights(), whole.weights());
    assertThat(again.evaluation()).isEqualTo(whole.evaluation());
    assertThat(again.ensemble()).isEqualTo(whole.ensemble());
  }
}
