package io.trainyard.spec.layer;

import static io.trainyard.spec.Specs.modelFaults;
import static io.trainyard.spec.Specs.networkText;
import static io.trainyard.spec.Specs.shapeFaults;
import static io.trainyard.spec.Specs.shapes;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.NetworkShapes;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.Test;

class ConvolutionSpecTest {

  @Test
  void shapesAndParametersAreTheHandComputedOnes() {
    NetworkShapes conv1d =
        shapes(
            "[500, 1]",
            "{'type': 'conv1d', 'name': 'c', 'filters': 20, 'kernel_size': 10, 'padding': 'same'}");
    assertThat(conv1d.of("c")).isEqualTo(Shape.of(500, 20));
    assertThat(conv1d.layer("c").parameters()).isEqualTo((10 * 1 + 1) * 20);
    assertThat(conv1d.layer("c").multiplyAdds()).isEqualTo(500 * 20 * 10);
    assertThat(conv1d.layer("c").formula())
        .isEqualTo(
            "floor((500 + 4 + 5 − 1·(10 − 1) − 1)/1) + 1 = 500; parameters in/groups·size + 1 per"
                + " filter = (1·10 + 1)·20 = 220");

    String conv2d =
        "{'type': 'conv2d', 'name': 'c', 'filters': 64, 'kernel_size': [5, 100], 'padding': '%s'}";
    NetworkShapes same = shapes("[5, 720, 1]", conv2d.formatted("same"));
    assertThat(same.of("c")).isEqualTo(Shape.of(5, 720, 64));
    assertThat(same.layer("c").parameters()).isEqualTo((5 * 100 + 1) * 64);
    assertThat(same.layer("c").formula())
        .startsWith(
            "floor((5 + 2 + 2 − 1·(5 − 1) − 1)/1) + 1 = 5, floor((720 + 49 + 50 − 1·(100 − 1) −"
                + " 1)/1) + 1 = 720;");
    assertThat(shapes("[5, 720, 1]", conv2d.formatted("valid")).of("c"))
        .isEqualTo(Shape.of(1, 621, 64));
  }

  /** Each group maps its share of the channels to its share of the filters. */
  @Test
  void groupsOfATransposedConvolutionShareItsFilters() {
    NetworkShapes shapes =
        shapes(
            "[5, 5, 4]",
            "{'type': 'conv2d_transpose', 'name': 'c', 'filters': 6, 'kernel_size': 3, 'groups':"
                + " 2}");
    assertThat(shapes.of("c")).isEqualTo(Shape.of(7, 7, 6));
    assertThat(shapes.layer("c").weights().getFirst().shape()).isEqualTo(Shape.of(4, 3, 3, 3));
    assertThat(shapes.layer("c").parameters()).isEqualTo(4 * 3 * 3 * 3 + 6);
    assertThat(shapes.layer("c").multiplyAdds()).isEqualTo(5 * 5 * 4 * 3 * 3 * 3);
  }

  @Test
  void stridedSameFollowsTensorFlow() {
    assertThat(
            shapes(
                    "[7, 10, 3]",
                    "{'type': 'conv2d', 'name': 'c', 'filters': 2, 'kernel_size': 3, 'strides': [2,"
                        + " 4], 'padding': 'same'}")
                .of("c"))
        .isEqualTo(Shape.of(4, 3, 2));
  }

  @Test
  void windowsThatDoNotFitAreRefusedWithTheNumbers() {
    assertThat(
            shapeFaults(
                networkText(
                    "[2, 6, 5]",
                    "{'type': 'conv2d', 'name': 'c', 'filters': 2, 'kernel_size': [3, 4],"
                        + " 'dilation': [1, 3], 'padding': [0, 2], 'data_format':"
                        + " 'channels_first'}")))
        .containsExactly(
            "/network/layers/0: Layer 'c' (conv2d) reaches over 10 elements, but 'x' gives [2, 6,"
                + " 5]: axis 2 has 5, with padding 9; use a smaller window, or \"padding\":"
                + " \"same\"");
    assertThat(
            shapeFaults(
                networkText("[6, 5]", "{'type': 'conv2d', 'filters': 2, 'kernel_size': 3}")))
        .containsExactly(
            "/network/layers/0: Layer 'conv2d_1' (conv2d) expects [height, width, channels] but"
                + " 'x' gives [6, 5]; give input 'x' a 'shape' of [height, width, channels]");
    assertThat(
            shapeFaults(
                networkText(
                    "[6, 5, 4]",
                    "{'type': 'conv2d', 'filters': 2, 'kernel_size': 3, 'groups': 4}")))
        .containsExactly(
            "/network/layers/0: Layer 'conv2d_1' (conv2d) has 4 groups, which must divide both its"
                + " 4 input channels and its 2 filters");
    assertThat(
            shapeFaults(
                networkText("[6, 4]", "{'type': 'max_pool1d', 'pool_size': 3, 'padding': 2}")))
        .containsExactly(
            "/network/layers/0: Layer 'max_pool1d_1' (max_pool1d) pads by 2, more than half of its"
                + " window of 3");
  }

  @Test
  void everyFaultOfAWindowIsNamed() {
    assertThat(
            modelFaults(
                networkText(
                    "[6, 5, 4]",
                    """
                    {'type': 'conv2d', 'filters': 0, 'kernel_size': [3], 'strides': 0, 'dilation': 'two',
                     'padding': 'causal', 'data_format': 'nchw'}
                    """,
                    "{'type': 'avg_pool2d', 'padding': [[1, 1], [1]]}",
                    "{'type': 'conv2d_transpose', 'filters': 1, 'kernel_size': 2, 'output_padding':"
                        + " 1}")))
        .containsExactlyInAnyOrder(
            "/network/layers/0/filters: A whole number from 1 to 16777216 was expected, got 0",
            "/network/layers/0/kernel_size: One number, or a list of 2, was expected, got a list"
                + " of 1",
            "/network/layers/0/strides: A whole number from 1 to 65536 was expected, got 0",
            "/network/layers/0/dilation: A whole number from 1 to 65536 was expected, got the"
                + " string 'two'",
            "/network/layers/0/padding: valid, same, a number, [p, …] or [[before, after], …] was"
                + " expected, got 'causal'",
            "/network/layers/0/data_format: One of channels_last, channels_first was expected, got"
                + " 'nchw'",
            "/network/layers/1/pool_size: 'pool_size' is required",
            "/network/layers/1/padding/1: [before, after] was expected, got a list",
            "/network/layers/2/output_padding: A number below the stride or the dilation was"
                + " expected, got 1");
  }

  @Test
  void anOverflowIsAFault() {
    assertThat(
            shapeFaults(
                networkText(
                    "[60000, 30000, 1]",
                    "{'type': 'conv2d', 'filters': 16777216, 'kernel_size': 65536, 'padding':"
                        + " 'same'}")))
        .hasSize(1);
  }
}
