package io.trainyard.store.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.Upload.Format;
import io.trainyard.store.dataset.FreshDatasets;
import io.trainyard.store.dataset.TestDatasets;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(FreshDatasets.class)
@Timeout(60)
class LargeRowsTest {
  private final TestDatasets datasets;

  LargeRowsTest(TestDatasets datasets) {
    this.datasets = datasets;
  }

  /** 2048 rows of this size at once would take five times the memory of a task. */
  @Test
  void rowsLargerThanTheMemoryOfATaskAreWritten() {
    int rows = 500;
    Shape shape = Shape.of(rows, 224, 224, 3);
    byte[] file;
    try (Arena arena = Arena.ofConfined()) {
      HostTensor tensor = HostTensor.allocate(ElementType.UINT8, shape, arena);
      for (int row = 0; row < rows; row++) {
        tensor.data().set(ValueLayout.JAVA_BYTE, row * shape.row().elements(), (byte) (row % 200));
      }
      file = Npy.write(tensor);
    }
    DatasetVersion version = datasets.create(Format.NPY, file);
    assertThat(version.rows()).isEqualTo(rows);
    for (int row : new int[] {0, 27, 28, 499}) {
      JsonNode shown = datasets.store().rows(version, row, 1).getFirst();
      assertThat(shown.at("/x/0/0/0").asInt()).isEqualTo(row % 200);
    }
  }
}
