package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CheckpointTest {
  private static final LearningRateCurve CURVE =
      LearningRateCurve.of(
          List.of(new LearningRateCurve.Point(0.001, 2), new LearningRateCurve.Point(0.01, 1.5)));

  private static Checkpoint ended() {
    HostTensor weight = HostTensor.ofFloats(Shape.of(2), 3, 4);
    EpochRecord last = new EpochRecord(5, "", Map.of("loss", 1.0), 0.1, 1);
    return new Checkpoint(
        new Checkpoint.Position(5, 50, 1, 9, last, last, 2, 1.0, List.of("note"), null),
        RangeScan.addTo(Map.of("weights/w", weight), CURVE));
  }

  @Test
  void aCurveOfLearningRatesComesBackFromACheckpoint() {
    assertThat(RangeScan.in(ended().tensors())).isEqualTo(CURVE);
    assertThat(RangeScan.in(Map.of())).isNull();
  }

  /** Its rate is chosen already, and everything else is needed. */
  @Test
  void anotherTrainingGoesOnWithoutTheCurve() {
    Checkpoint continued = ended().continued(true, false);
    assertThat(continued.tensors()).containsOnlyKeys("weights/w");
    assertThat(continued.position().epochs()).isEqualTo(5);
    assertThat(continued.position().stale()).isEqualTo(2);
    assertThat(continued.position().best()).isEqualTo(ended().position().best());
  }

  @Test
  void aTrainingThatCannotBeComparedHasNoBestEpochYet() {
    Checkpoint continued = ended().continued(false, false);
    assertThat(continued.tensors()).containsOnlyKeys("weights/w", "best/w");
    assertThat(Objects.requireNonNull(continued.tensors().get("best/w")).toFloats())
        .containsExactly(3, 4);
    assertThat(continued.position().best()).isNull();
    assertThat(continued.position().stale()).isZero();
  }
}
