package io.trainyard.job.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.Specs;
import io.trainyard.tensor.Device;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepLimitTest {
  /** 10 · 20 multiply-adds for a row: 600 for each row of a step. */
  private static final NetworkShapes SHAPES =
      Specs.shapes("[10]", "{'type': 'dense', 'name': 'fc', 'units': 20}");

  @Test
  void aStepUpToTheLimitIsAllowed() {
    assertThat(check(new StepLimit(6_000), 10, 1000, Device.CPU)).isEmpty();
    assertThat(check(new StepLimit(5_999), 10, 1000, Device.CPU)).hasSize(1);
  }

  @Test
  void theViolationNamesBothNumbersAndTheBatchThatFits() {
    assertThat(check(new StepLimit(3_000), 10, 1000, Device.CPU))
        .containsExactly(
            new Violation(
                "/training/batch_size",
                "A training step takes about 6.0e+03 multiply-adds (3 × 2.0e+02 for each of 10"
                    + " rows), at most 3.0e+03 are allowed; use a batch_size of at most 5"));
  }

  @Test
  void aRowThatIsTooLongIsTheNetworksFault() {
    assertThat(check(new StepLimit(500), 10, 1000, Device.CPU))
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.pointer()).isEqualTo("/model/network");
              assertThat(violation.detail()).endsWith("smaller images or fewer units");
            });
  }

  @Test
  void aStepHasAtMostTheRowsThatThereAre() {
    assertThat(check(new StepLimit(3_000), 10, 5, Device.CPU)).isEmpty();
  }

  @Test
  void onlyCpusAreLimited() {
    assertThat(check(new StepLimit(1), 10, 1000, Device.CUDA)).isEmpty();
    assertThat(check(new StepLimit(0), 10, 1000, Device.CPU)).isEmpty();
  }

  private static List<Violation> check(StepLimit limit, int batch, long rows, Device device) {
    Violations violations = new Violations();
    limit.check(
        SHAPES,
        Specs.training("{'loss': 'mse', 'epochs': 1, 'batch_size': %d}".formatted(batch)),
        rows,
        device,
        "/model/network",
        violations);
    return violations.list();
  }
}
