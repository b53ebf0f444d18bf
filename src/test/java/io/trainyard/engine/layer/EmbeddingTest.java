package io.trainyard.engine.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.TestEngine;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

class EmbeddingTest {
  private static final HostTensor TABLE = HostTensor.ofFloats(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);

  private static double[] rows(HostTensor given) {
    double[][] rows = new double[1][];
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (PointerScope scope = new PointerScope()) {
                Tensor found =
                    EmbeddingModules.unread(
                        TensorConversion.view(TABLE), TensorConversion.view(given), 3);
                rows[0] = TensorConversion.toHost(found.to(ScalarType.Double)).toDoubles();
              }
            });
    return rows[0];
  }

  @Test
  void anIndexThatNobodyReadsGivesItsRow() {
    assertThat(rows(HostTensor.ofLongs(Shape.of(2), 2, 0))).containsExactly(5, 6, 1, 2);
    assertThat(rows(HostTensor.ofFloats(Shape.of(2), 2, 0))).containsExactly(5, 6, 1, 2);
  }

  @Test
  void anIndexThatDoesNotExistGivesNoNumber() {
    double no = Double.NaN;
    assertThat(rows(HostTensor.ofLongs(Shape.of(3), -1, 1, 3)))
        .containsExactly(no, no, 3, 4, no, no);
    assertThat(rows(HostTensor.ofFloats(Shape.of(3), 0.5f, 1, Float.NaN)))
        .containsExactly(no, no, 3, 4, no, no);
  }
}
