package io.trainyard.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.engine.layer.ForwardContext;
import io.trainyard.engine.natives.RandomSource;
import io.trainyard.engine.natives.TensorConversion;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.Channels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Every layer passes the same four tests, on networks with values from PyTorch. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LayersTest {
  private static final int MAX_DIFFERENCED_ELEMENTS = 12;

  static List<LayerCase> cases() {
    return Golden.layerCases().map(LayerCase::of).toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void forwardAndGradientsMatchPyTorch(LayerCase layer) {
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (PointerScope scope = new PointerScope();
                  RandomSource random = new RandomSource(1)) {
                Run run = new Run(layer, ScalarType.Float, random);
                Tensor output = run.forward();
                assertClose(layer, "output", TensorConversion.toHost(output.detach()));
                backward(run, output, tensor(layer, "coefficients"));
                JsonNode gradients = layer.json().get("gradients");
                gradients
                    .properties()
                    .forEach(
                        entry -> {
                          HostTensor gradient =
                              TensorConversion.toHost(run.leaf(entry.getKey()).grad());
                          assertClose(
                              layer,
                              "gradient of " + entry.getKey(),
                              Golden.tensor(entry.getValue()),
                              gradient);
                        });
                assertStatistics(layer, run);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("cases")
  void inputGradientsOfALoadedNetworkMatchPyTorch(LayerCase layer) {
    if (layer.training()) {
      return; // a loaded network gives those of a prediction
    }
    try (LoadedNetwork network = load(layer, layer.weights())) {
      Map<String, HostTensor> gradients =
          TestEngine.get()
              .threads()
              .call(
                  1,
                  () ->
                      ((LoadedNetwork.Differentiable) network)
                          .gradients(
                              layer.inputs(),
                              layer.output(),
                              tensor(layer, "coefficients"),
                              () -> false));
      gradients.forEach(
          (input, gradient) -> {
            if (layer.json().get("gradients").has(input)) {
              assertClose(
                  layer,
                  "gradient of " + input,
                  Golden.tensor(layer.json().get("gradients").get(input)),
                  gradient);
            }
          });
    }
  }

  private static void assertStatistics(LayerCase layer, Run run) {
    layer
        .json()
        .get("after")
        .properties()
        .forEach(
            entry ->
                assertClose(
                    layer,
                    entry.getKey() + " after",
                    Golden.tensor(entry.getValue()),
                    TensorConversion.toHost(run.leaf(entry.getKey()))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientMatchesFiniteDifferences(LayerCase layer) {
    TestEngine.get()
        .threads()
        .run(
            1,
            () -> {
              try (PointerScope scope = new PointerScope();
                  RandomSource random = new RandomSource(1)) {
                Run run = new Run(layer, ScalarType.Double, random);
                HostTensor coefficients = tensor(layer, "coefficients");
                Tensor output = run.forward();
                if (!output.requires_grad()) {
                  return;
                }
                backward(run, output, coefficients);
                for (Map.Entry<String, Tensor> leaf : run.leaves().entrySet()) {
                  if (leaf.getValue().requires_grad() && leaf.getValue().grad().defined()) {
                    assertSlope(run, leaf.getKey(), leaf.getValue(), coefficients);
                  }
                }
              }
            });
  }

  private static void assertSlope(Run run, String name, Tensor leaf, HostTensor coefficients) {
    HostTensor elements = TensorConversion.borrow(leaf);
    HostTensor gradient = TensorConversion.toHost(leaf.grad());
    double width = 1e-5;
    long stride = Math.max(1, elements.shape().elements() / MAX_DIFFERENCED_ELEMENTS);
    for (long i = 0; i < elements.shape().elements(); i += stride) {
      double at = elements.doubleAt(i);
      set(elements, i, at + width);
      double above = weighted(run, coefficients);
      set(elements, i, at - width);
      double below = weighted(run, coefficients);
      set(elements, i, at);
      double slope = (above - below) / (2 * width);
      assertThat(gradient.doubleAt(i))
          .as("%s: slope along %s[%d]", run.layer, name, i)
          .isCloseTo(slope, Offset.offset(1e-5 * Math.max(1, Math.abs(slope))));
    }
  }

  private static void set(HostTensor tensor, long index, double element) {
    tensor.data().set(ValueLayout.JAVA_DOUBLE, index * 8, element);
  }

  private static double weighted(Run run, HostTensor coefficients) {
    try (PointerScope scope = new PointerScope()) {
      HostTensor output = TensorConversion.toHost(run.forward().detach());
      double sum = 0;
      for (long i = 0; i < output.shape().elements(); i++) {
        sum += output.doubleAt(i) * coefficients.doubleAt(i);
      }
      return sum;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shapeMatchesShapeInference(LayerCase layer) {
    Shape inferred = layer.shapes().of(layer.output());
    assertThat(tensor(layer, "output").shape().row()).isEqualTo(inferred);
    try (LoadedNetwork network = load(layer, layer.weights())) {
      for (int rows : new int[] {1, 3}) {
        Map<String, HostTensor> inputs = new LinkedHashMap<>();
        layer
            .inputs()
            .forEach(
                (name, given) ->
                    inputs.put(
                        name,
                        HostTensor.allocate(given.type(), given.shape().row().batched(rows))));
        assertThat(forward(network, inputs, layer).shape()).isEqualTo(inferred.batched(rows));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void savedAndReloadedWeightsGiveTheSameOutput(LayerCase layer) throws IOException {
    Map<String, HostTensor> weights = TestEngine.get().initialWeights(layer.shapes().weights(), 5);
    Map<String, HostTensor> reloaded = SafeTensors.read(saved(weights));
    try (LoadedNetwork first = load(layer, weights);
        LoadedNetwork second = load(layer, reloaded)) {
      HostTensor expected = forward(first, layer.inputs(), layer);
      HostTensor actual = forward(second, layer.inputs(), layer);
      assertThat(expected.data().mismatch(actual.data())).isEqualTo(-1);
    }
  }

  private static MemorySegment saved(Map<String, HostTensor> weights) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SafeTensors.write(weights, Channels.newChannel(bytes));
    return Arena.ofAuto()
        .allocate(bytes.size(), 64)
        .copyFrom(MemorySegment.ofArray(bytes.toByteArray()));
  }

  private static LoadedNetwork load(LayerCase layer, Map<String, HostTensor> weights) {
    return TestEngine.get().load(layer.model().network(), layer.shapes(), weights);
  }

  private static HostTensor forward(
      LoadedNetwork network, Map<String, HostTensor> inputs, LayerCase layer) {
    return TestEngine.get()
        .threads()
        .call(
            1,
            () ->
                Objects.requireNonNull(
                    network
                        .forward(inputs, List.of(layer.output()), () -> false)
                        .get(layer.output())));
  }

  private static void backward(Run run, Tensor output, HostTensor coefficients) {
    if (output.requires_grad()) {
      output.mul(TensorConversion.view(coefficients).to(run.type)).sum().backward();
    }
  }

  private static HostTensor tensor(LayerCase layer, String member) {
    return Golden.tensor(layer.json().get(member));
  }

  private static void assertClose(LayerCase layer, String what, HostTensor actual) {
    assertClose(layer, what, tensor(layer, "output"), actual);
  }

  /** The tolerance is relative to the tensor's largest element, because sums cancel. */
  private static void assertClose(
      LayerCase layer, String what, HostTensor expected, HostTensor actual) {
    assertThat(actual.shape()).as("%s: %s", layer, what).isEqualTo(expected.shape());
    double scale = 1;
    for (long i = 0; i < expected.shape().elements(); i++) {
      scale = Math.max(scale, Math.abs(expected.doubleAt(i)));
    }
    for (long i = 0; i < expected.shape().elements(); i++) {
      assertThat(actual.doubleAt(i))
          .as("%s: %s[%d]", layer, what, i)
          .isCloseTo(expected.doubleAt(i), Offset.offset(layer.tolerance() * scale));
    }
  }

  /** A network with weights and inputs of one element type. */
  private static final class Run {
    final LayerCase layer;
    final ScalarType type;
    private final LeafWeights weights;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Graph graph;
    private final ForwardContext context;

    Run(LayerCase layer, ScalarType type, RandomSource random) {
      this.layer = layer;
      this.type = type;
      weights = new LeafWeights(layer.weights(), type);
      layer
          .inputs()
          .forEach((name, given) -> inputs.put(name, LeafWeights.leaf(name, given, type)));
      graph = new Graph(layer.model().network(), layer.shapes(), weights);
      context = layer.training() ? ForwardContext.training(random) : ForwardContext.PREDICTION;
    }

    Tensor forward() {
      @Nullable Tensor[] given =
          graph.inputNames().stream().map(inputs::get).toArray(Tensor[]::new);
      Graph.Values values = graph.run(given, graph.plan(List.of(layer.output())), context);
      return graph.value(values, layer.output());
    }

    Tensor leaf(String name) {
      return Objects.requireNonNull(leaves().get(name), name);
    }

    Map<String, Tensor> leaves() {
      Map<String, Tensor> leaves = new LinkedHashMap<>(inputs);
      leaves.putAll(weights.all());
      return leaves;
    }
  }
}
