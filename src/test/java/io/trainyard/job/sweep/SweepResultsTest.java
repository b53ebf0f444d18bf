package io.trainyard.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.job.JobState;
import io.trainyard.json.StrictJson;
import io.trainyard.train.EpochRecord;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SweepResultsTest {
  private static final JobState.Name DONE = JobState.Name.SUCCEEDED;

  private static SweepTraining training(
      int trial, int fold, JobState.Name state, int epochs, @Nullable Double value) {
    EpochRecord last = epochs == 0 ? null : record(epochs, 9);
    return new SweepTraining(
        trial + "-" + fold,
        trial,
        StrictJson.parse("{}"),
        state,
        0,
        last,
        value == null ? null : record(Math.max(1, epochs / 2), value),
        null);
  }

  private static EpochRecord record(int epoch, double value) {
    return new EpochRecord(epoch, "", Map.of("val_loss", value), 0.1, 1);
  }

  private static SweepResults results(boolean rises, SweepTraining... trainings) {
    var plan = new SweepPlan(StrictJson.parse("{}"), "val_loss", rises, false, 0, 2, 0);
    return SweepResults.of(plan, List.of(trainings));
  }

  private static List<Integer> order(SweepResults results) {
    return results.trials().stream().map(SweepResults.TrialResult::number).toList();
  }

  /** numpy.mean and numpy.std of [1, 2, 6] are 3 and 2.160246899469287. */
  @Test
  void meanAndSpreadAreThoseOfNumpy() {
    SweepResults results =
        results(
            false,
            training(1, 1, DONE, 10, 1.0),
            training(1, 2, DONE, 20, 2.0),
            training(1, 3, DONE, 30, 6.0));
    SweepResults.TrialResult best = results.best().orElseThrow();
    assertThat(best.mean()).isEqualTo(3);
    assertThat(best.std()).isEqualTo(2.160246899469287);
    assertThat(best.bestEpoch()).isEqualTo(10);
    assertThat(best.folds()).containsExactly(1.0, 2.0, 6.0);
  }

  @Test
  void theDirectionDecidesAndTheFirstOfEqualTrialsWins() {
    SweepTraining[] trainings = {
      training(1, 1, DONE, 1, 2.0), training(2, 1, DONE, 1, 3.0), training(3, 1, DONE, 1, 3.0)
    };
    assertThat(order(results(false, trainings))).containsExactly(1, 2, 3);
    assertThat(order(results(true, trainings))).containsExactly(2, 3, 1);
    assertThat(results(true, trainings).survivors(2, true)).containsExactly(2, 3);
  }

  @Test
  void aTrialWithoutAllFoldsOrWithANumberThatIsNoneHasNoRank() {
    SweepResults results =
        results(
            false,
            training(1, 1, DONE, 1, Double.NaN),
            training(2, 1, DONE, 1, 0.1),
            training(2, 2, JobState.Name.FAILED, 0, null),
            training(3, 1, DONE, 1, 5.0));
    assertThat(order(results)).containsExactly(3, 1, 2);
    assertThat(results.trials().get(1).rank()).isNull();
    assertThat(results.trials().get(2).state()).isEqualTo(JobState.Name.FAILED);
    assertThat(results.best().orElseThrow().number()).isEqualTo(3);
    assertThat(results(false, training(1, 1, JobState.Name.QUEUED, 0, null)).best()).isEmpty();
  }

  /** A trial that a halving dropped early is no better for a lower loss. */
  @Test
  void droppedTrialsComeAfterTheOthersByTheirEpochs() {
    JobState.Name dropped = JobState.Name.CANCELLED;
    SweepResults results =
        results(
            false,
            training(1, 1, dropped, 3, 0.1),
            training(2, 1, dropped, 9, 0.5),
            training(3, 1, dropped, 9, 0.4),
            training(4, 1, DONE, 27, 0.6));
    assertThat(order(results)).containsExactly(4, 3, 2, 1);
    assertThat(results.survivors(3, false)).containsExactly(4);
  }

  @Test
  void theRefitIsNoTrial() {
    assertThat(results(false, training(0, 0, DONE, 1, 1.0), training(1, 1, DONE, 1, 1.0)).trials())
        .hasSize(1);
  }
}
