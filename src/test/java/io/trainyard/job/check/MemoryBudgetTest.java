package io.trainyard.job.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.job.check.MemoryBudget.Need;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.Specs;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.tensor.Device;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class MemoryBudgetTest {
  private static final NetworkShapes SMALL =
      Specs.shapes("[10]", "{'type': 'dense', 'name': 'fc', 'units': 20}");

  private static final ModelSpec MODEL =
      Specs.model(
          "{'name': 'm', 'inputs': {'x': {'columns': ['a']}}, 'targets': {'y': {'column': 'y'}},"
              + " 'network': {'layers': [{'type': 'dense', 'name': 'fc', 'units': 20}]}}");

  /** Each row needs more than a megabyte. */
  private static final NetworkShapes LARGE =
      Specs.shapes(
          "[100]",
          "{'type': 'repeat', 'name': 'r', 'n': 2000}",
          "{'type': 'dense', 'name': 'fc', 'units': 100}");

  private static final ModelSpec LARGE_MODEL =
      Specs.model(
          "{'name': 'm', 'inputs': {'x': {'columns': ['a']}}, 'targets': {'y': {'column': 'y'}},"
              + " 'network': {'layers': [{'type': 'repeat', 'name': 'r', 'n': 2000},"
              + " {'type': 'dense', 'name': 'fc', 'units': 100}]}}");

  @Test
  void smallRowsAreEvaluatedTogether() {
    assertThat(SMALL.evaluationRows(4)).isEqualTo(256);
    assertThat(SMALL.evaluationRows(1000)).isEqualTo(1000);
  }

  @Test
  void anEvaluationOfLargeRowsIsNoLargerThanItsMemory() {
    assertThat(LARGE.evaluationRows(1)).isBetween(2, 64);
    assertThat(LARGE.batchBytes(LARGE.evaluationRows(1))).isLessThanOrEqualTo(64 << 20);
  }

  @Test
  void theLargerOfBatchAndEvaluationCounts() {
    long evaluated = need(LARGE, 1, 1000).outputs();

    assertThat(evaluated).isEqualTo(LARGE.batchBytes(LARGE.evaluationRows(1)));
    assertThat(need(LARGE, 1, 1).outputs()).isEqualTo(LARGE.batchBytes(1));
    assertThat(need(LARGE, 500, 1000).outputs()).isEqualTo(LARGE.batchBytes(500));
  }

  /** 10·20 + 20 weights: their inverse Hessian, its copy in a checkpoint, and 12 other states. */
  @Test
  void theInverseHessianOfBfgsCounts() {
    Need bfgs = Need.of(SMALL, Specs.training("{'loss':'mse','optimizer':'trainbfg'}"), 0, 50, 50);
    Need conjugate =
        Need.of(SMALL, Specs.training("{'loss':'mse','optimizer':'traincgp'}"), 0, 50, 50);

    assertThat(bfgs.weights() - conjugate.weights()).isEqualTo(2 * 220 * 220 * 8 + 4 * 220 * 8);
  }

  /** 10·20 + 20 weights: three squares of them and twice a row of J, for each of 50 rows. */
  @Test
  void theSquaresOfLevenbergMarquardtCount() {
    long rows = 50;
    Need marquardt =
        Need.of(SMALL, Specs.training("{'loss':'mse','optimizer':'trainlm'}"), 0, rows, rows);
    Need precise =
        Need.of(
            SMALL,
            Specs.training(
                "{'loss':'mse','optimizer':'adam','epochs':1,'precision':'float64',"
                    + "'batch_size':50}"),
            0,
            rows,
            rows);

    assertThat(marquardt.weights() - precise.weights())
        .isEqualTo(3 * 220 * 220 * 8 + 2 * 50 * 220 * 8 + 2 * 220 * 8);
    assertThat(marquardt.outputs()).isEqualTo(precise.outputs());
  }

  @Test
  void theInverseOfBayesianRegularizationCounts() {
    Need bayesian =
        Need.of(SMALL, Specs.training("{'loss':'mse','optimizer':'trainbr'}"), 0, 50, 50);
    Need marquardt =
        Need.of(SMALL, Specs.training("{'loss':'mse','optimizer':'trainlm'}"), 0, 50, 50);

    assertThat(bayesian.weights() - marquardt.weights()).isEqualTo(220 * 220 * 8 + 220 * 8);
  }

  @Test
  void anAttemptOnASmallerMachineIsRefusedWithBothNumbers() {
    Need need = need(LARGE, 500, 1000);
    assertThatCode(() -> budget(need.total()).check(need)).doesNotThrowAnyException();
    assertThatThrownBy(() -> budget(need.total() - 1).check(need))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MUCH_MEMORY))
        .hasMessageStartingWith("The job needs about " + (need.total() >> 20) + " MB")
        .hasMessageContaining("may use at most " + ((need.total() - 1) >> 20) + " MB");
  }

  @Test
  void unknownRowsCountAsManyAndAsNoBytes() {
    Need need = need(LARGE, 500, Long.MAX_VALUE);
    var training = Specs.training("{'loss': 'mse', 'epochs': 1, 'batch_size': 500}");

    assertThat(budget(need.total()).violation(LARGE_MODEL, LARGE, null, training, "/network"))
        .isEmpty();
    assertThat(
            budget(need.total() - 1)
                .violation(LARGE_MODEL, LARGE, null, training, "/network")
                .orElseThrow())
        .extracting(Violation::pointer)
        .isEqualTo("/training/batch_size");
  }

  @Test
  void theOutputsThatAucKeepsCount() {
    String training = "{'loss': 'mse', 'epochs': 1, 'metrics': ['%s']}";
    var accuracy = Specs.training(training.formatted("accuracy"));
    var auc = Specs.training(training.formatted("auc"));

    assertThat(Need.ranked(MODEL, SMALL, accuracy)).isZero();
    assertThat(Need.ranked(MODEL, SMALL, auc)).isEqualTo(20);
    Need need = Need.of(SMALL, auc, 0, 1000, 500).withScores(20, 1000, 500);
    assertThat(need.scores()).isEqualTo(8 * 20 * 1500);
    assertThatThrownBy(() -> budget(need.total() - 1).check(need))
        .hasMessageContaining("all rows' outputs for auc and pr_auc 0 MB");
    assertThat(Need.of(SMALL, auc, 0, 1000, 500).total()).isLessThan(need.total());
  }

  @Test
  void anAllocationThatFailsIsToldWithNeedAndLimit() {
    Need need = need(LARGE, 500, 1000);
    ServiceException failure =
        budget(1L << 30)
            .outOfMemory(need, new ServiceException(ErrorCode.OUT_OF_MEMORY, "7 MB found none"));

    assertThat(failure.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY);
    assertThat(failure.detail())
        .startsWith("7 MB found none. The job needs about")
        .contains("may use at most 1024 MB");
  }

  @Test
  void trainingsSideBySideShareTheMemoryOfOneJob() {
    assertThat(budget(1_000).fitting(100)).isEqualTo(10);
    assertThat(budget(1_000).fitting(334)).isEqualTo(2);
    assertThat(budget(1_000).fitting(1_001)).isEqualTo(1);
    assertThat(budget(1L << 40).fitting(0)).isEqualTo(Integer.MAX_VALUE);
  }

  private static Need need(NetworkShapes shapes, int batch, long rows) {
    return Need.of(
        shapes,
        Specs.training("{'loss': 'mse', 'epochs': 1, 'batch_size': %d}".formatted(batch)),
        0,
        rows,
        rows);
  }

  private static MemoryBudget budget(long bytes) {
    return new MemoryBudget(DataSize.ofBytes(bytes));
  }

  /** The rows stay in the host's memory where the device has no room for them. */
  @Test
  void aDeviceHasItsOwnMemory() {
    var training = Specs.training("{'loss':'mse','optimizer':'adam','epochs':1,'batch_size':100}");
    Need need = Need.of(LARGE, training, 0, Long.MAX_VALUE, Long.MAX_VALUE);
    long needed = need.weights() + need.outputs();

    assertThat(onDevice(needed, training)).isEmpty();
    assertThat(onDevice(needed - 1, training))
        .hasValueSatisfying(
            found -> {
              assertThat(found.pointer()).isEqualTo("/training/batch_size");
              assertThat(found.detail())
                  .contains("of the memory of 'cuda'", "the largest in its pool has");
            });
  }

  private static Optional<Violation> onDevice(long size, TrainingSpec training) {
    return MemoryBudget.onDevice(
        Device.CUDA, size, LARGE_MODEL, LARGE, null, training, "/model/network");
  }
}
