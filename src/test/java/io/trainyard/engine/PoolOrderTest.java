package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.engine.weights.TrainedWeights;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.tensor.Device;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A ReLU behind a maximum over windows gives the bits of a ReLU before it. */
class PoolOrderTest {
  private static final int ROWS = 5;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'conv2d','name':'a','filters':3,'kernel_size':3,'activation':'relu'},"
            + "{'type':'max_pool2d','pool_size':2}",
        "{'type':'conv2d','name':'c','filters':3,'kernel_size':3},"
            + "{'type':'activation','name':'a','function':'relu'},"
            + "{'type':'max_pool2d','pool_size':3,'strides':2,'padding':'same'}"
      })
  void valuesAndGradientsHaveTheSameBits(String layers) {
    ModelSpec model =
        TestEngine.model(
            "{'name':'m','network':{'inputs':{'x':{'shape':[9,9,2]}},'layers':["
                + layers
                + ",{'type':'flatten','name':'y'}]}}");
    TestEngine.get()
        .threads()
        .run(
            1,
            () ->
                // A wanted value is computed as the network says.
                assertThat(result(model, List.of("y")))
                    .isEqualTo(result(model, List.of("y", "a"))));
  }

  /** The value 'y' and the gradients of the sum of its squares. */
  private static List<String> result(ModelSpec model, List<String> wanted) {
    NetworkShapes shapes = TestEngine.shapes(model);
    try (PointerScope scope = new PointerScope();
        TrainedWeights weights =
            new TrainedWeights(
                model.network(),
                shapes,
                TestEngine.get().initialWeights(shapes.weights(), 3),
                Device.CPU,
                ElementType.FLOAT32)) {
      Graph graph = new Graph(model.network(), shapes, weights);
      ForwardPlan plan = graph.plan(wanted);
      Tensor[] inputs = {TensorConversion.copy(numbers(), Device.CPU)};
      Tensor y = graph.value(graph.run(inputs, plan, ForwardContext.PREDICTION), "y");
      y.square().sum().backward();
      return List.of(bits(y.detach()), bits(weights.gradient()));
    }
  }

  /** Small integers: many windows have several equal maxima. */
  private static HostTensor numbers() {
    Random random = new Random(1);
    HostTensor x = HostTensor.ofFloats(Shape.of(ROWS, 9, 9, 2), new float[ROWS * 9 * 9 * 2]);
    for (int i = 0; i < x.shape().elements(); i++) {
      x.setFloat(i, random.nextInt(-1, 2));
    }
    return x;
  }

  private static String bits(Tensor tensor) {
    return Arrays.toString(TensorConversion.toHost(tensor).toFloats());
  }
}
