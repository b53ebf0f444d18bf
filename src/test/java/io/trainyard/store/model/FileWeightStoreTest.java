package io.trainyard.store.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import io.trainyard.model.StoredWeights;
import io.trainyard.store.database.TestDatabase;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("service")
class FileWeightStoreTest extends ModelStoreTest {
  FileWeightStoreTest(TestDatabase kind) {
    super(kind);
  }

  @Test
  void weightsAreStoredOnceAndCheckedWhenRead() throws Exception {
    Map<String, HostTensor> weights = Map.of("l.weight", HostTensor.ofFloats(Shape.of(2), 1, 2));
    StoredWeights stored = stores.weights.store(weights);
    assertThat(stores.weights.store(weights)).isEqualTo(stored);
    try (SafeTensors opened = stores.weights.open(stored)) {
      assertThat(opened.tensor("l.weight").toFloats()).containsExactly(1, 2);
    }
    Path file = stores.weights.file(stored).path();
    Path aside = Files.move(file, folder.resolve("aside"));
    // Opening a folder succeeds, reading it fails, like a bad sector.
    Files.createDirectory(file);
    assertCode(() -> stores.weights.open(stored), ErrorCode.UNAVAILABLE);
    Files.delete(file);
    Files.move(aside, file);
    stores.weights.open(stored).close();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    assertCode(() -> stores.weights.open(stored), ErrorCode.CORRUPT_FILE);
    Files.delete(file);
    assertCode(() -> stores.weights.open(stored), ErrorCode.CORRUPT_FILE);
    stores.weights.store(weights);
    stores.weights.open(stored).close();
  }
}
