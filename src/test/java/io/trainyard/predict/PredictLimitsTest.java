package io.trainyard.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.engine.TestEngine;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.predict.compute.ComputeQueue.Weight;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ForwardPlan.RowCost;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PredictLimitsTest {
  private static final ModelSpec MODEL =
      TestEngine.model(
          "{'name':'m','network':{'inputs':{'x':{'shape':[3]}},'layers':["
              + "{'type':'dense','name':'h','units':64,'activation':'tanh'},"
              + "{'type':'dense','name':'o','units':2}]}}");
  private static final NetworkShapes SHAPES = TestEngine.shapes(MODEL);
  private static final RowCost COST = ForwardPlan.of(MODEL.network(), List.of("o")).cost(SHAPES);

  private static PredictLimits limits(long share) {
    return new PredictLimits(share, 4 * share);
  }

  @Test
  void slicesFitTheMemoryAndTheWork() {
    assertThat(limits(COST.bytes()).rowsPerSlice(COST)).isEqualTo(1);
    assertThat(limits(10 * COST.bytes() + 1).rowsPerSlice(COST)).isEqualTo(10);
    RowCost slow = new RowCost(1, 1_000_000_000_000L, 1, 1);
    assertThat(limits(1 << 20).rowsPerSlice(slow)).isEqualTo(1);
    assertThat(limits(1 << 20).weight(slow, 1)).isEqualTo(Weight.HEAVY);
    assertThat(limits(1 << 20).weight(COST, 1)).isEqualTo(Weight.LIGHT);
    assertThat(limits(1 << 20).weight(COST, 1_000_000)).isEqualTo(Weight.HEAVY);
    assertThat(limits(COST.bytes() - 1).weight(COST, 1)).isEqualTo(Weight.LARGE);
    assertThat(limits(COST.bytes() - 1).rowsPerSlice(COST)).isEqualTo(1);
  }

  @Test
  void rowThatDoesNotFitIsRefusedWithTheNumbers() {
    assertThatThrownBy(() -> new PredictLimits(1, COST.bytes() - 1).rowsPerSlice(COST))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.TOO_MUCH_MEMORY);
              assertThat(e.detail())
                  .contains(String.valueOf(COST.bytes()), String.valueOf(COST.bytes() - 1));
            });
  }

  @Test
  void slicesGiveTheAnswerOfTheWhole() {
    int rows = 103;
    HostTensor input = HostTensor.allocate(ElementType.FLOAT32, Shape.of(rows, 3));
    Random random = new Random(1);
    for (int i = 0; i < 3 * rows; i++) {
      input.setFloat(i, (float) random.nextGaussian());
    }
    Map<String, HostTensor> weights = TestEngine.get().initialWeights(SHAPES.weights(), 1);
    try (LoadedNetwork network = TestEngine.get().load(MODEL.network(), SHAPES, weights)) {
      SharedNetwork shared = new SharedNetwork(network);
      List<String> wanted = List.of("o", "h:pre");
      Map<String, HostTensor> whole = forward(shared, input, wanted, rows);
      for (int perSlice : new int[] {1, 10, 102}) {
        Map<String, HostTensor> sliced = forward(shared, input, wanted, perSlice);
        for (String name : wanted) {
          assertThat(Objects.requireNonNull(sliced.get(name)).toFloats())
              .as("%s in slices of %s", name, perSlice)
              .containsExactly(
                  Objects.requireNonNull(whole.get(name)).toFloats(), Offset.offset(1e-5f));
        }
      }
    }
  }

  private static Map<String, HostTensor> forward(
      SharedNetwork network, HostTensor input, List<String> wanted, int perSlice) {
    ForwardPass forward =
        new ForwardPass(
            network,
            Map.of("x", input),
            wanted,
            new ForwardPass.Slices(perSlice, perSlice, Weight.LIGHT),
            _ -> {});
    return TestEngine.get()
        .threads()
        .call(
            1,
            () -> {
              for (int left = forward.steps(); left > 1; left--) {
                assertThat(forward.next(() -> false)).isNull();
              }
              return Objects.requireNonNull(forward.next(() -> false));
            });
  }

  @Test
  void budgetRefusesWhatCanNeverFitAndWhatDoesNotFitNow() {
    ByteBudget budget = new ByteBudget(1_000);
    try (ByteBudget.Reservation first = budget.open(false);
        ByteBudget.Reservation second = budget.open(false)) {
      first.add(6, 100, "input");
      assertCode(() -> second.add(11, 100, "input"), ErrorCode.BODY_TOO_LARGE);
      assertCode(() -> second.add(5, 100, "input"), ErrorCode.QUEUE_FULL);
      assertCode(
          () -> first.add(Long.MAX_VALUE, Long.MAX_VALUE, "input"), ErrorCode.BODY_TOO_LARGE);
      second.add(4, 100, "input");
      assertThat(budget.used()).isEqualTo(1_000);
    }
    assertThat(budget.used()).isZero();
  }

  private static void assertCode(Runnable call, ErrorCode code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void stoppedSliceIsNotComputed() {
    Map<String, HostTensor> weights = TestEngine.get().initialWeights(SHAPES.weights(), 1);
    try (LoadedNetwork network = TestEngine.get().load(MODEL.network(), SHAPES, weights)) {
      HostTensor input = HostTensor.allocate(ElementType.FLOAT32, Shape.of(4, 3));
      ForwardPass forward =
          new ForwardPass(
              new SharedNetwork(network),
              Map.of("x", input),
              List.of("o"),
              new ForwardPass.Slices(2, 2, Weight.LIGHT),
              _ -> {});
      assertThatThrownBy(() -> TestEngine.get().threads().call(1, () -> forward.next(() -> true)))
          .isInstanceOf(CancellationException.class);
    }
  }
}
