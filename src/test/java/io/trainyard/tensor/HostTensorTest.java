package io.trainyard.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostTensorTest {
  @Test
  void rowsAreTakenInTheOrderThatIsAskedFor() {
    HostTensor rows = HostTensor.ofFloats(Shape.of(2, 1), 1, 2);
    assertThat(rows.rows(new int[] {1, 0}).toFloats()).containsExactly(2, 1);
    assertThat(rows.rows(new int[] {1, 1}).toFloats()).containsExactly(2, 2);
    assertThat(rows.rows(new int[] {0, 1})).isSameAs(rows);
  }
}
