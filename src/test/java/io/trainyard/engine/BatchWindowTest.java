package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.Subset;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batches gathered several at a time hold the rows of an epoch's order. */
class BatchWindowTest {
  private static final int ROWS = 1003;

  @ParameterizedTest
  @CsvSource({"1", "4", "7", "500", "1003"})
  void everyBatchHasItsRowsInEachEpoch(int size) {
    ModelSpec model =
        TestEngine.model(
            "{'name':'m','network':{'inputs':{'x':{'shape':[2]}},"
                + "'layers':[{'type':'dense','units':1}]}}");
    HostTensor x = HostTensor.ofFloats(Shape.of(ROWS, 2), numbers(2 * ROWS));
    HostTensor t = HostTensor.ofFloats(Shape.of(ROWS, 1), numbers(ROWS));
    Subset subset = new Subset(ROWS, Map.of("x", x), Map.of("t", t));
    TrainingPlan plan =
        TestEngine.plan(model, "{'loss':'mse','epochs':1,'optimizer':{'type':'adam'}}", Map.of());
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (TrainingSession session = TestEngine.get().session(plan);
                  ResidentSubset rows = session.load(subset)) {
                for (int epoch = 1; epoch <= 3; epoch++) {
                  rows.shuffle(1, 0, epoch);
                  // The second epoch continues from the middle, as after a checkpoint.
                  for (int from = epoch == 2 ? 2 * size : 0; from < ROWS; from += size) {
                    requireRows(rows, from, Math.min(size, ROWS - from));
                  }
                }
              }
            });
  }

  private static float[] numbers(int count) {
    float[] numbers = new float[count];
    IntStream.range(0, count).forEach(i -> numbers[i] = i);
    return numbers;
  }

  private static void requireRows(ResidentSubset rows, int from, int count) {
    try (PointerScope scope = new PointerScope()) {
      Batch batch = rows.batch(from, count);
      assertThat(floats(batch.inputs)).isEqualTo(floats(rows.inputs(from, count)));
      assertThat(floats(batch.targets)).isEqualTo(floats(rows.targets(from, count)));
    }
  }

  private static float[] floats(@Nullable Tensor[] tensors) {
    return TensorConversion.toHost(Objects.requireNonNull(tensors[0])).toFloats();
  }
}
