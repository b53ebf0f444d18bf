package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.compute.ComputeQueue;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.unit.DataSize;

@Timeout(60)
class PredictorTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final PredictProperties PROPERTIES =
      new PredictProperties(
          1,
          10,
          LONG,
          LONG,
          1,
          LONG,
          LONG,
          DataSize.ofMegabytes(64),
          DataSize.ofMegabytes(64),
          Duration.ZERO,
          LONG);

  private final FakeModels versions = new FakeModels();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Predictor predictor =
      new Predictor(
          versions.resolver,
          versions.loader((_, _, _) -> new FakeNetwork()),
          new ComputeQueue(1, 10, (name, loop) -> Thread.ofPlatform().name(name).start(loop)),
          new PredictMetrics(meters),
          PROPERTIES,
          Runnable::run);

  @AfterEach
  void close() {
    predictor.close();
  }

  /** A row, and an analysis that may fail. */
  private static final class Row implements Predictor.Request {
    private final @Nullable ErrorCode fault;
    long address;

    Row(@Nullable ErrorCode fault) {
      this.fault = fault;
    }

    @Override
    public Map<String, HostTensor> inputs(LoadedModel model, ByteBudget.Reservation memory) {
      HostTensor row = memory.tensor(ElementType.FLOAT32, Shape.of(1, 2));
      address = row.data().address();
      return Map.of("x", row);
    }

    @Override
    public List<String> outputs() {
      return List.of();
    }

    @Override
    public void analyse(Computation computation) {
      if (fault != null) {
        throw new ServiceException(fault, "given up");
      }
    }
  }

  @Test
  void outageOfTheDatabaseIsCountedAsARefusal() {
    var _ = versions.add(8);
    versions.away = true;
    assertThatThrownBy(() -> predictor.predict("m", null, new Row(null)))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThat(
            meters
                .get("trainyard.predict.rejections")
                .tag("reason", "unavailable")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void memoryThatAnAnalysisMayStillReadIsNotUsedAgain() {
    var _ = versions.add(8);
    Row answered = new Row(null);
    predictor.predict("m", "1", answered).close();
    Row givenUp = new Row(ErrorCode.UNAVAILABLE);
    assertThatThrownBy(() -> predictor.predict("m", "1", givenUp))
        .isInstanceOf(ServiceException.class);
    Row next = new Row(null);
    predictor.predict("m", "1", next).close();
    assertThat(givenUp.address).as("a pooled buffer").isEqualTo(answered.address);
    assertThat(next.address).isNotEqualTo(givenUp.address);
  }
}
