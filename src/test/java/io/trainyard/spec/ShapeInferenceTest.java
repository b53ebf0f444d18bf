package io.trainyard.spec;

import static io.trainyard.spec.Specs.network;
import static io.trainyard.spec.Specs.networkText;
import static io.trainyard.spec.Specs.shapeFaults;
import static io.trainyard.spec.Specs.shapes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.trainyard.error.Violations;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {

  @Test
  void denseActsOnTheLastAxisOfAnyRank() {
    assertThat(shapes("[3, 4]", "{'type': 'dense', 'units': 4}").of("dense_1"))
        .isEqualTo(Shape.of(3, 4));
    assertThat(shapes("[3, 5]", "{'type': 'dense', 'units': 10}").of("dense_1"))
        .isEqualTo(Shape.of(3, 10));
    assertThat(shapes("[2, 7, 1, 5]", "{'type': 'dense', 'units': 3}").of("dense_1"))
        .isEqualTo(Shape.of(2, 7, 1, 3));
  }

  @Test
  void denseCountsParametersAndMultiplyAdds() {
    NetworkShapes shapes = shapes("[3, 5]", "{'type': 'dense', 'name': 'fc', 'units': 10}");

    // 5·10 weights and 10 biases; 5·10 multiply-adds for each of 3 positions.
    assertThat(shapes.layer("fc").parameters()).isEqualTo(60);
    assertThat(shapes.layer("fc").multiplyAdds()).isEqualTo(150);
    assertThat(shapes.layer("fc").formula())
        .isEqualTo("[3, 5] → [3, 10]; parameters in·units + units = 5·10 + 10 = 60");
    assertThat(shapes.weights())
        .extracting(WeightSpec::name, WeightSpec::shape, WeightSpec::fanIn, WeightSpec::fanOut)
        .containsExactly(
            tuple("fc.weight", Shape.of(10, 5), 5L, 10L), tuple("fc.bias", Shape.of(10), 5L, 10L));
  }

  @Test
  void denseWithoutBiasStoresOneWeight() {
    NetworkShapes shapes = shapes("[4]", "{'type': 'dense', 'units': 3, 'bias': false}");

    assertThat(shapes.weights()).extracting(WeightSpec::name).containsExactly("dense_1.weight");
    assertThat(shapes.layer("dense_1").parameters()).isEqualTo(12);
  }

  @Test
  void batchNormStoresStatisticsAndTrainsTwoWeights() {
    NetworkShapes shapes = shapes("[6, 4]", "{'type': 'batch_norm', 'name': 'bn'}");

    assertThat(shapes.of("bn")).isEqualTo(Shape.of(6, 4));
    assertThat(shapes.layer("bn").parameters()).isEqualTo(8);
    assertThat(shapes.weights())
        .extracting(WeightSpec::name)
        .containsExactly(
            "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked");
    WeightSpec counter = shapes.weights().getLast();
    assertThat(counter.type()).isEqualTo(ElementType.INT64);
    assertThat(counter.shape()).isEqualTo(Shape.SCALAR);
    assertThat(counter.trained()).isFalse();
    assertThat(shapes.weights().get(3).initializer()).isEqualTo(new InitializerSpec.Constant(1));
  }

  @Test
  void flattenKeepsTheBatchAxis() {
    NetworkShapes shapes = shapes("[3, 4, 5]", "{'type': 'flatten'}");

    assertThat(shapes.of("flatten_1")).isEqualTo(Shape.of(60));
    assertThat(shapes.layer("flatten_1").formula()).isEqualTo("3·4·5 = 60");
  }

  @Test
  void sharedWeightsAreStoredOnce() {
    NetworkShapes shapes =
        shapes(
            "[4]",
            "{'type': 'dense', 'name': 'a', 'units': 4}",
            "{'type': 'dense', 'name': 'b', 'units': 4, 'share': 'a'}");

    assertThat(shapes.weights()).extracting(WeightSpec::name).containsExactly("a.weight", "a.bias");
    assertThat(shapes.layer("b").parameters()).isZero();
    assertThat(shapes.layer("b").multiplyAdds()).isEqualTo(16);
  }

  @Test
  void weightsOfAnotherShapeCannotBeShared() {
    assertThat(
            shapeFaults(
                networkText(
                    "[5]",
                    "{'type': 'dense', 'name': 'a', 'units': 4}",
                    "{'type': 'dense', 'name': 'b', 'units': 4, 'share': 'a'}")))
        .containsExactly(
            "/network/layers/1/share: Layer 'b' cannot share the weights of 'a': it needs weight"
                + " [4, 4], bias [4] but 'a' has weight [4, 5], bias [4]");
  }

  @Test
  void aLayerWithOneInputRefusesTwo() {
    assertThat(
            shapeFaults(
                networkText(
                    "[5]",
                    "{'type': 'dense', 'name': 'a', 'units': 4}",
                    "{'type': 'flatten', 'inputs': ['a', 'x']}",
                    "{'type': 'flatten'}")))
        .containsExactly(
            "/network/layers/1: Layer 'flatten_1' (flatten) takes one input but has 2: [a, x]");
  }

  @Test
  void hugeSizesAreRefusedWithoutOverflow() {
    assertThat(
            shapeFaults(
                networkText(
                    "[2147483647]",
                    "{'type': 'dense', 'units': 16777216}",
                    "{'type': 'dense', 'units': 16777216}")))
        .hasSize(1)
        .allMatch(fault -> fault.startsWith("/network/layers/0: Layer 'dense_1' takes"));
    assertThat(shapeFaults(networkText("[65536, 65536]", "{'type': 'flatten'}"))).hasSize(1);
    assertThat(shapeFaults(networkText("[65536, 32768]", "{'type': 'dense', 'units': 2}")))
        .isEmpty();
    assertThat(shapeFaults(networkText("[65536, 32768]", "{'type': 'dense', 'units': 65536}")))
        .hasSize(1)
        .allMatch(fault -> fault.contains("elements per row"));
  }

  @Test
  void layersAfterAnUnknownInputAreLeftOut() {
    NetworkSpec network = network("[4]", "{'type': 'dense', 'units': 3}").network();

    NetworkShapes shapes = ShapeInference.infer(network, Map.of(), "", new Violations());

    assertThat(shapes.layers()).isEmpty();
  }
}
