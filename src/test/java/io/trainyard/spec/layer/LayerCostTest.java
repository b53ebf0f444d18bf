package io.trainyard.spec.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.Specs;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cost of one layer of each type, against numbers computed by hand. */
class LayerCostTest {

  /**
   * A layer and its cost.
   *
   * @param input the shape of its input, or of all its inputs
   * @param members the layer's members, besides type and inputs
   * @param workspace inner elements of the forward pass
   * @param kept inner elements that training keeps
   * @param operations on whole tensors, in layers that may have many
   */
  record Case(
      String type,
      String input,
      int inputs,
      String members,
      long multiplyAdds,
      long workspace,
      long kept,
      long operations) {
    static Case of(
        String type, String input, String members, long multiplyAdds, long workspace, long kept) {
      return new Case(type, input, 1, members, multiplyAdds, workspace, kept, 0);
    }

    Case withInputs(int count) {
      return new Case(type, input, count, members, multiplyAdds, workspace, kept, operations);
    }

    Case withOperations(int count) {
      return new Case(type, input, inputs, members, multiplyAdds, workspace, kept, count);
    }

    private LayerCost infer() {
      String layer =
          "{'type': '%s', 'name': 'layer', 'inputs': [%s]%s}"
              .formatted(
                  type,
                  String.join(", ", Stream.generate(() -> "'x'").limit(inputs).toList()),
                  members.isEmpty() ? "" : ", " + members);
      return Specs.shapes(input, layer).layer("layer").cost();
    }
  }

  static List<Case> cases() {
    return List.of(
        // Each of 5 places: 4·3 products.
        Case.of("dense", "[5, 4]", "'units': 3", 5 * 4 * 3, 0, 0),
        // The value before the activation.
        Case.of("activation", "[6]", "'function': 'relu'", 0, 6, 0),
        Case.of("dropout", "[6]", "'rate': 0.1", 0, 0, 6),
        Case.of("flatten", "[2, 3]", "", 0, 0, 0),
        // 7·3 outputs of 4·2 products; input and output in another layout.
        Case.of("conv1d", "[10, 2]", "'filters': 3, 'kernel_size': 4", 21 * 8, 20 + 21, 0),
        // Padded at one end alone, from 6·6 to 7·7.
        Case.of(
            "conv2d",
            "[6, 6, 2]",
            "'filters': 3, 'kernel_size': 3, 'strides': 2, 'padding': 'same'",
            27 * 18,
            98 + 72 + 27,
            98),
        Case.of("conv3d", "[4, 4, 4, 1]", "'filters': 2, 'kernel_size': 2", 54 * 8, 64 + 54, 0),
        // Before the crop 7·7.
        Case.of(
            "conv2d_transpose",
            "[3, 3, 2]",
            "'filters': 4, 'kernel_size': 3, 'strides': 2, 'padding': 'same'",
            18 * 4 * 9,
            4 * 49 + 18 + 4 * 36,
            4 * 49),
        Case.of(
            "depthwise_conv2d",
            "[5, 5, 2]",
            "'kernel_size': 3, 'depth_multiplier': 2",
            36 * 9,
            50 + 36,
            0),
        // 9 places of 4 channels between.
        Case.of(
            "separable_conv2d",
            "[5, 5, 2]",
            "'filters': 3, 'kernel_size': 3, 'depth_multiplier': 2",
            9 * (4 * 9 + 4 * 3),
            36 + 50 + 27,
            36),
        // Each of 4 outputs compares 4 elements; its index has the size of two floats.
        Case.of("max_pool1d", "[8, 2]", "'pool_size': 4", 16, 8 + 16 + 4, 8),
        Case.of("max_pool2d", "[6, 6, 2]", "'pool_size': 3", 72, 16 + 72 + 8, 16),
        Case.of("max_pool3d", "[4, 4, 4, 1]", "'pool_size': 2", 64, 16 + 64 + 8, 16),
        Case.of("avg_pool1d", "[8, 2]", "'pool_size': 4", 16, 4 + 16 + 4, 4),
        // Padded at one end alone, from 5·5 to 6·6.
        Case.of(
            "avg_pool2d",
            "[5, 5, 1]",
            "'pool_size': 2, 'padding': 'same'",
            36,
            36 + 9 + 25 + 9,
            36 + 9),
        Case.of("avg_pool3d", "[4, 4, 4, 1]", "'pool_size': 2", 64, 8 + 64 + 8, 8),
        Case.of("global_max_pool", "[4, 4, 3]", "", 48, 0, 48),
        Case.of("global_avg_pool", "[4, 4, 3]", "", 48, 0, 48),
        Case.of("batch_norm", "[4, 4, 3]", "", 48, 0, 0),
        Case.of("layer_norm", "[4, 3]", "", 12, 0, 0),
        Case.of("group_norm", "[4, 4, 3]", "'groups': 3", 48, 2 * 48, 2 * 48),
        // 5 steps of 4·(3 + 4) products for each gate.
        Case.of("simple_rnn", "[5, 3]", "'units': 4", 140, 20 * 3 + 15, 20 * 8)
            .withOperations(5 * 5),
        Case.of("lstm", "[5, 3]", "'units': 4", 4 * 140, 20 * 6 + 15, 20 * 14 + 5 * 64)
            .withOperations(2),
        Case.of("gru", "[5, 3]", "'units': 4", 3 * 140, 20 * 5 + 15, 20 * 12)
            .withOperations(5 * 15),
        // Four maps of 6·8·8; scores and sums of 6·6·8; five values of 6·8.
        Case.of(
            "multi_head_attention",
            "[6, 8]",
            "'heads': 2, 'key_dim': 4",
            4 * 384 + 2 * 288,
            5 * 48,
            5 * 48),
        // Besides: two maps of 6·8·16, three values of 6·16, eight of 6·8; dropout stores scores.
        Case.of(
            "transformer_encoder",
            "[6, 8]",
            "'heads': 2, 'ff_dim': 16, 'dropout': 0.1",
            4 * 384 + 2 * 288 + 2 * 768,
            5 * 48 + 3 * 96 + 8 * 48,
            5 * 48 + 3 * 96 + 8 * 48 + 4 * 2 * 36),
        Case.of("embedding", "[5]", "'vocabulary': 10, 'dim': 3", 0, 10, 10),
        Case.of("spatial_dropout", "[4, 3]", "'rate': 0.1", 0, 0, 0),
        Case.of("gaussian_noise", "[6]", "'std': 0.1", 0, 0, 6),
        // The moved image, its two layouts, and the coordinates of each pixel.
        Case.of("random_flip", "[4, 4, 2]", "", 0, 0, 6 * 32),
        Case.of("random_rotation", "[4, 4, 2]", "'factor': 0.1", 0, 0, 6 * 32),
        Case.of(
            "random_translation",
            "[4, 4, 2]",
            "'height_factor': 0.1, 'width_factor': 0.1",
            0,
            0,
            6 * 32),
        Case.of("random_zoom", "[4, 4, 2]", "'height_factor': 0.1", 0, 0, 6 * 32),
        Case.of("random_crop", "[4, 4, 2]", "'height': 3, 'width': 3", 0, 0, 5 * 32),
        Case.of("random_contrast", "[4, 4, 2]", "'factor': 0.1", 0, 0, 6 * 32),
        Case.of("prelu", "[6]", "", 6, 0, 0),
        Case.of("feature_scale", "[6]", "", 6, 0, 0),
        // 16 waves for each feature, and three sums of them.
        Case.of("periodic_embedding", "[4]", "", 64 + 64 * 3, 3 * 64, 3 * 64),
        Case.of("average_members", "[2, 3]", "", 6, 0, 0),
        Case.of("ensemble_dense", "[4]", "'units': 3, 'members': 2", 24, 2 * 7, 2 * 7),
        Case.of("normalize", "[6]", "'mean': 1, 'std': 2", 6, 6, 6),
        Case.of("reshape", "[6]", "'shape': [2, 3]", 0, 0, 0),
        Case.of("permute", "[2, 3]", "'axes': [1, 0]", 0, 0, 0),
        Case.of("repeat", "[6]", "'n': 3", 0, 0, 0),
        Case.of("crop", "[6, 6, 1]", "'cropping': 1", 0, 0, 0),
        Case.of("zero_pad", "[6, 6, 1]", "'padding': 1", 0, 0, 0),
        Case.of("upsample", "[2, 2, 1]", "'size': 3", 0, 36, 36),
        Case.of("slice", "[6]", "'axis': 0, 'end': 3", 0, 0, 0),
        Case.of("last_step", "[6, 2]", "", 0, 0, 0),
        Case.of("concat", "[4]", "", 0, 0, 0).withInputs(2),
        // Two additions per element; one sum of two inputs before the last.
        Case.of("add", "[4]", "", 8, 4, 4).withInputs(3).withOperations(2),
        Case.of("subtract", "[4]", "", 4, 0, 0).withInputs(2).withOperations(1),
        Case.of("multiply", "[4]", "", 4, 0, 0).withInputs(2).withOperations(1),
        Case.of("average", "[4]", "", 8, 4, 4).withInputs(3).withOperations(2),
        Case.of("maximum", "[4]", "", 4, 0, 0).withInputs(2).withOperations(1),
        Case.of("matmul", "[4, 4]", "", 64, 0, 0).withInputs(2),
        // Six products, and a sum of six.
        Case.of("lambda", "[6]", "'expression': 'sum(x * x)'", 12, 7, 7).withOperations(2));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aLayerCostsWhatIsComputedByHand(Case layer) {
    LayerCost cost = layer.infer();

    assertThat(cost)
        .isEqualTo(
            new LayerCost(
                layer.multiplyAdds(),
                4 * layer.workspace(),
                4 * layer.kept(),
                1200 * layer.operations()));
  }

  @Test
  void noTypeIsMissing() {
    assertThat(cases().stream().map(Case::type))
        .containsExactlyInAnyOrderElementsOf(LayerTypes.names());
  }

  @Test
  void anInnerValueCountsHoweverSmallTheOutputIs() {
    LayerCost pool =
        Case.of("max_pool2d", "[28, 28, 1]", "'pool_size': 20001, 'padding': 'same'", 0, 0, 0)
            .infer();
    assertThat(pool.workspaceBytes()).isGreaterThan(4L * 20_001 * 20_001);

    LayerCost product =
        Case.of("lambda", "[40000, 1]", "'expression': 'mean(x * x[0] - x)'", 0, 0, 0).infer();
    assertThat(product.workspaceBytes()).isGreaterThan(8L * 40_000);
  }
}
