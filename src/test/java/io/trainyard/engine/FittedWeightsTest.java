package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class FittedWeightsTest {
  static List<JsonNode> layers() {
    return Golden.read("first_weights.json").get("layers").valueStream().toList();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void factorsAndBiasesFollowNumpy(JsonNode layer) {
    int units = layer.get("units").intValue();
    float[][] found =
        TestEngine.get()
            .threads()
            .call(
                1,
                () -> {
                  try (PointerScope scope = new PointerScope()) {
                    Tensor z = tensor(layer.get("sums"), units);
                    Tensor factor = FittedWeights.factor(z);
                    Tensor rows =
                        TensorConversion.view(
                            HostTensor.ofLongs(Shape.of(5, units), longs(layer.get("rows"))));
                    Tensor bias =
                        FittedWeights.bias(z.mul(factor), rows, tensor(layer.get("shares"), units));
                    return new float[][] {
                      TensorConversion.toHost(factor).toFloats(),
                      TensorConversion.toHost(bias).toFloats()
                    };
                  }
                });
    for (int unit = 0; unit < units; unit++) {
      assertThat((double) found[0][unit])
          .isCloseTo(layer.get("factor").get(unit).doubleValue(), within(1e-4));
      assertThat((double) found[1][unit])
          .isCloseTo(layer.get("bias").get(unit).doubleValue(), within(1e-4));
    }
  }

  private static Tensor tensor(JsonNode numbers, int units) {
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = numbers.get(i).floatValue();
    }
    return TensorConversion.view(
        HostTensor.ofFloats(Shape.of(floats.length / units, units), floats));
  }

  private static long[] longs(JsonNode numbers) {
    return numbers.valueStream().mapToLong(JsonNode::longValue).toArray();
  }
}
