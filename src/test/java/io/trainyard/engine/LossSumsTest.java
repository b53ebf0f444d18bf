package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.NumberLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two batches, of three rows and of one, give what one batch of four would. */
class LossSumsTest {
  @Test
  void rowsCountByTheirWeights() {
    List<Objective> objectives = List.of(objective("y", new NumberLoss.Mse(), 1));
    LossSums sums = new LossSums(objectives);
    sums.add(new LossSums(objectives, 3, 0.5, new double[] {2}, new double[] {6}));
    sums.add(new LossSums(objectives, 1, 0.5, new double[] {10}, new double[] {2}));
    assertThat(sums.means()).containsExactly((2 * 6 + 10 * 2) / 8.0 + 0.5);
  }

  @Test
  void aRootIsTakenAfterTheMean() {
    List<Objective> objectives =
        List.of(
            objective("y", new NumberLoss.Rmse(), 1), objective("z", new NumberLoss.Mae(), 0.5));
    LossSums sums = new LossSums(objectives);
    sums.add(new LossSums(objectives, 3, 0, new double[] {2, 1}, new double[] {3, 3}));
    sums.add(new LossSums(objectives, 1, 0, new double[] {6, 5}, new double[] {1, 1}));
    double root = Math.sqrt((3 * 4 + 36) / 4.0);
    assertThat(sums.means()).containsExactly(new double[] {root + 0.5 * 2, root, 2}, within(1e-12));
  }

  private static Objective objective(String target, LossSpec loss, double weight) {
    return new Objective(
        target,
        new TargetSpec.Source.Columns(List.of(target)),
        target,
        loss,
        weight,
        Function.LINEAR);
  }
}
