package io.trainyard.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that ask for more than there is, or take longer than anybody waits. */
@Timeout(60)
@Tag("long")
class OnnxNetworksTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/onnx");
  private static final HostTensor ROW = HostTensor.ofFloats(Shape.of(1, 2), 1, 2);

  private static final OnnxNetworks NETWORKS = new OnnxNetworks(OnnxTests.RUNTIME);

  private static LoadedNetwork load(String name) {
    Shape row = Shape.of(2);
    return NETWORKS.load(
        Map.of("y", new Signature.Tensor(ElementType.FLOAT32, row)),
        false,
        GOLDEN.resolve(name + ".onnx"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bomb", "doubling"})
  void memoryOfAllFilesIsLimited(String name) {
    try (LoadedNetwork network = load(name)) {
      assertThatThrownBy(() -> network.forward(Map.of("x", ROW), List.of("y"), () -> false))
          .isInstanceOfSatisfying(
              ServiceException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_MUCH_MEMORY));
    }
  }

  @Test
  void runEndsBetweenTwoOperatorsWhenNobodyWaits() {
    AtomicInteger asked = new AtomicInteger();
    try (LoadedNetwork network = load("long")) {
      long start = System.nanoTime();
      assertThatThrownBy(
              () ->
                  network.forward(
                      Map.of("x", ROW), List.of("y"), () -> asked.incrementAndGet() > 2))
          .isInstanceOf(CancellationException.class);
      // It would take minutes.
      assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
    }
  }
}
