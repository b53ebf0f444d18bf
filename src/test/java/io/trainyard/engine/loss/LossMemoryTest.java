package io.trainyard.engine.loss;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.TestEngine;
import io.trainyard.engine.natives.NativeMemory;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.spec.Specs;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A loss and its gradient leave no tensor behind. One of a batch has 400 kB; the JVM varies by 5
 * MB.
 */
@Timeout(60)
@Isolated("memory of the process is measured")
@Tag("long")
class LossMemoryTest {
  private static final int ROWS = 50_000;
  private static final int TIMES = 60;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'rmse'",
        "'sse'",
        "'log_cosh'",
        "'mape'",
        "'msle'",
        "{'type':'quantile','q':0.9}",
        "'gaussian_nll'",
        "'cosine'",
        "'squared_hinge'",
        "{'type':'focal','from_logits':true}",
        "{'type':'kl_divergence','from_logits':true}",
        "{'type':'binary_crossentropy','from_logits':true}",
        "{'type':'expression','expression':'where(y_pred > y_true, 2, 1) * abs(y_pred - y_true)'}",
      })
  void nothingIsLeft(String json) {
    LossSpec loss =
        Objects.requireNonNull(
            Specs.training("{'epochs': 1, 'loss': " + json + "}").losses().byOutput().get(""));
    int target = json.contains("gaussian") ? 1 : 2;
    float[] ones = new float[ROWS * 2];
    Arrays.fill(ones, 1);
    HostTensor output = HostTensor.ofFloats(Shape.of(ROWS, 2), ones);
    HostTensor truth =
        HostTensor.ofFloats(Shape.of(ROWS, target), Arrays.copyOf(ones, ROWS * target));
    HostTensor weights = HostTensor.ofFloats(Shape.of(ROWS), Arrays.copyOf(ones, ROWS));
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              compute(loss, output, truth, weights);
              long before = NativeMemory.now().allocated();
              for (int i = 0; i < TIMES; i++) {
                compute(loss, output, truth, weights);
              }
              assertThat(NativeMemory.now().allocated() - before)
                  .isLessThan(TIMES * output.bytes() / 2);
            });
  }

  private static void compute(
      LossSpec loss, HostTensor output, HostTensor truth, HostTensor weights) {
    try (PointerScope scope = new PointerScope()) {
      Tensor p = TensorConversion.copy(output, Device.CPU).requires_grad_(true);
      Compared compared =
          new Compared(p, p, Function.LINEAR, TensorConversion.copy(truth, Device.CPU));
      Losses.of(loss, compared, null).backward();
      Losses.of(loss, compared, TensorConversion.copy(weights, Device.CPU)).backward();
    }
  }
}
