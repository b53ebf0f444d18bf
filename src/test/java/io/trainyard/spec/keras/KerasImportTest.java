package io.trainyard.spec.keras;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.Specs;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.weights.InitializerSpec;
import io.trainyard.spec.weights.WeightRules;
import io.trainyard.tensor.DataFormat;
import io.trainyard.tensor.Shape;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Documents as written by Keras 3, without members that the import ignores. */
class KerasImportTest {

  @Test
  void aSequentialModelBecomesAListOfLayers() {
    ModelSpec model =
        converted(
            """
            {'module': 'keras', 'class_name': 'Sequential', 'config': {'name': 'Sequential_1', 'trainable': true, 'layers': [
              {'module': 'keras.layers', 'class_name': 'InputLayer', 'config': {'batch_shape': [null, 28, 28, 1], 'dtype': 'float32', 'name': 'input_layer'}},
              {'class_name': 'Rescaling', 'config': {'name': 'rescaling', 'scale': 0.5, 'offset': -1.0}},
              {'class_name': 'Conv2D', 'config': {'name': 'conv2d', 'trainable': false, 'filters': 8, 'kernel_size': [3, 3], 'strides': [1, 1],
                 'padding': 'same', 'data_format': 'channels_last', 'dilation_rate': [1, 1], 'groups': 1, 'activation': 'relu', 'use_bias': true,
                 'kernel_initializer': {'module': 'keras.initializers', 'class_name': 'HeNormal', 'config': {'seed': null}},
                 'bias_initializer': {'class_name': 'Zeros', 'config': {}}, 'kernel_regularizer': {'class_name': 'L2', 'config': {'l2': 0.01}},
                 'bias_regularizer': null, 'activity_regularizer': null, 'kernel_constraint': {'class_name': 'MaxNorm', 'config': {'max_value': 2, 'axis': [0, 1, 2]}}, 'bias_constraint': null}},
              {'class_name': 'MaxPooling2D', 'config': {'name': 'pool', 'pool_size': [2, 2], 'padding': 'valid', 'strides': [2, 2], 'data_format': 'channels_last'}},
              {'class_name': 'BatchNormalization', 'config': {'name': 'bn', 'axis': -1, 'momentum': 0.99, 'epsilon': 0.001, 'center': true, 'scale': true}},
              {'class_name': 'Permute', 'config': {'name': 'permute', 'dims': [3, 1, 2]}},
              {'class_name': 'Flatten', 'config': {'name': 'flatten', 'data_format': 'channels_last'}},
              {'class_name': 'Dropout', 'config': {'name': 'drop-out', 'rate': 0.5, 'seed': null}},
              {'class_name': 'Dense', 'config': {'name': 'dense', 'units': 10, 'activation': 'softmax', 'use_bias': true}}]}}
            """);

    assertThat(model.name()).isEqualTo("sequential_1");
    assertThat(model.network().layers())
        .extracting(Layer::name)
        .containsExactly(
            "rescaling", "conv2d", "pool", "bn", "permute", "flatten", "drop_out", "dense");
    NetworkShapes shapes = Specs.shapes(model);
    assertThat(shapes.of("permute")).isEqualTo(Shape.of(8, 14, 14));
    assertThat(shapes.of("dense")).isEqualTo(Shape.of(10));
    Layer conv = model.network().layer("conv2d");
    assertThat(conv.trainable()).isFalse();
    assertThat(conv.spec().rules().initializer()).isEqualTo(new InitializerSpec.He(false));
    assertThat(conv.spec().rules().regularizer().l2()).isEqualTo(0.01);
    assertThat(model.network().layer("bn").spec())
        .isEqualTo(
            new NormSpec.BatchNorm(0.01, 0.001, DataFormat.CHANNELS_LAST, WeightRules.ofScale(1)));
    assertThat(model.network().layer("rescaling").spec().toString()).contains("[2.0]");
  }

  @Test
  void aFunctionalModelKeepsItsGraph() {
    String graph =
        """
        {'class_name': 'Functional', 'config': {'name': 'f', 'layers': [
         {'class_name': 'InputLayer', 'config': {'batch_shape': [null, 6, 3], 'name': 'a'}, 'name': 'a', 'inbound_nodes': []},
         {'class_name': 'InputLayer', 'config': {'batch_shape': [null, 4], 'name': 'b'}, 'name': 'b', 'inbound_nodes': []},
         {'class_name': 'Bidirectional', 'config': {'name': 'bi', 'merge_mode': 'concat', 'layer': {'class_name': 'LSTM', 'config': {'name': 'lstm', 'units': 2, 'activation': 'tanh', 'recurrent_activation': 'sigmoid', 'use_bias': true, 'dropout': 0.0, 'recurrent_dropout': 0.0, 'return_sequences': false, 'go_backwards': false}}}, 'inbound_nodes': [{'args': [T(a)], 'kwargs': {'training': false}}]},
         {'class_name': 'Add', 'config': {'name': 'add'}, 'inbound_nodes': [{'args': [[T(bi), T(b)]], 'kwargs': {}}]},
         {'class_name': 'Concatenate', 'config': {'name': 'cat', 'axis': 1}, 'inbound_nodes': [{'args': [[T(add), T(b)]], 'kwargs': {}}]},
         {'class_name': 'Dense', 'config': {'name': 'out', 'units': 1, 'activation': 'linear'}, 'inbound_nodes': [{'args': [T(cat)], 'kwargs': {}}]}],
         'input_layers': [['a', 0, 0], ['b', 0, 0]], 'output_layers': [['out', 0, 0], ['add', 0, 0]]}}
        """;
    String tensor =
        """
        {'class_name': '__keras_tensor__', 'config': {'shape': [null, 4], 'dtype': 'float32', 'keras_history': ['$1', 0, 0]}}\
        """;
    ModelSpec model = converted(graph.replaceAll("T\\((\\w+)\\)", tensor));

    assertThat(model.network().outputs()).containsExactly("out", "add");
    assertThat(model.network().layer("add").inputs()).containsExactly("bi", "b");
    assertThat(Specs.shapes(model).of("cat")).isEqualTo(Shape.of(8));
  }

  @Test
  void everythingWithoutCounterpartIsListedWithItsPointer() {
    KerasImport.Converted converted =
        KerasImport.convert(
            Specs.json(
                """
                {'class_name': 'Sequential', 'config': {'name': 's', 'layers': [
                  {'class_name': 'InputLayer', 'config': {'batch_shape': [null, 5, 4], 'name': 'x'}},
                  {'class_name': 'ConvLSTM2D', 'config': {'name': 'c'}},
                  {'class_name': 'GRU', 'config': {'name': 'g', 'units': 3, 'reset_after': false, 'activation': 'relu'}},
                  {'class_name': 'Dense', 'config': {'name': 'd', 'units': 2, 'kernel_initializer': {'class_name': 'Identity', 'config': {}}}}]}}
                """),
            "/keras");

    assertThat(converted.model()).isNull();
    assertThat(converted.unsupported())
        .extracting(Violation::pointer)
        .containsExactly(
            "/keras/config/layers/1/class_name",
            "/keras/config/layers/2/config/reset_after",
            "/keras/config/layers/2/config/activation",
            "/keras/config/layers/3/config/kernel_initializer");
  }

  @Test
  void aMemberOfAModelThatIsNotKnownIsNotLost() {
    String document =
        "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': ["
            + "{'class_name': 'InputLayer', 'config': {'batch_shape': [null, 4], 'name': 'x'}},"
            + "{'class_name': 'Dense', 'config': {'name': 'd', 'units': 2}}]%s}}";
    assertThat(
            KerasImport.convert(
                    Specs.json(document.formatted(", 'quantized': 'int8', 'sparse': false")),
                    "/keras")
                .unsupported())
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.pointer()).isEqualTo("/keras/config/quantized");
              assertThat(fault.detail()).startsWith("'quantized' is not known here");
            });
    assertThat(KerasImport.convert(Specs.json(document.formatted("")), "/keras").unsupported())
        .isEmpty();
  }

  /** Layer, its configuration, and what becomes of it: a part of ours, or the refused member. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "4     | Dense | 'units': 2, 'activation': 'leaky_relu' | 'function': 'leaky_relu',"
            + " 'alpha': 0.2",
        "4     | Dense | 'units': 2, 'dtype': 'float32' | 'units': 2",
        "4     | Dense | 'units': 2, 'dtype': {'class_name': 'DTypePolicy', 'config': {'name':"
            + " 'float32'}} | 'units': 2",
        "4     | Dense | 'units': 2, 'dtype': 'float64' | /dtype",
        "4     | Dense | 'units': 2, 'dtype': {'class_name': 'DTypePolicy', 'config': {'name':"
            + " 'mixed_float16'}} | /dtype",
        "6,6,3 | RandomFlip | 'mode': 'vertical', 'seed': null, 'data_format': 'channels_last' |"
            + " 'random_flip', 'mode': 'vertical'",
        "6,6,3 | RandomRotation | 'factor': [-0.1, 0.2], 'fill_mode': 'wrap', 'fill_value': 0.0,"
            + " 'interpolation': 'nearest' | 'factor': [-0.1, 0.2], 'fill_mode': 'wrap',"
            + " 'interpolation': 'nearest'",
        "6,6,3 | RandomTranslation | 'height_factor': [-0.1, 0.1], 'width_factor': [0, 0.2],"
            + " 'fill_mode': 'constant', 'fill_value': 0.5 | 'fill_value': 0.5",
        "6,6,3 | RandomZoom | 'height_factor': 0.1, 'width_factor': null | 'height_factor': 0.1",
        "6,6,3 | RandomCrop | 'height': 4, 'width': 5 | 'random_crop', 'height': 4, 'width': 5",
        "6,6,3 | RandomContrast | 'factor': [0.1, 0.2], 'value_range': [0, 255] | 'value_range':"
            + " [0, 255]",
        "4     | LeakyReLU | 'negative_slope': 0.3 | 'alpha': 0.3",
        "4     | Embedding | 'input_dim': 5, 'output_dim': 2, 'mask_zero': true | /mask_zero",
        "4     | Embedding | 'input_dim': 5, 'output_dim': 2, 'embeddings_regularizer':"
            + " {'class_name': 'L2', 'config': {'l2': 0.1}} | 'regularizer': {'l2': 0.1}",
        "6,6,3 | BatchNormalization | 'axis': 1, 'momentum': 0.99 | 'data_format':"
            + " 'channels_first'",
        "6,6,3 | BatchNormalization | 'axis': 2 | /axis",
        "6,6,3 | BatchNormalization | 'axis': 3, 'epsilon': 0.001 | 'epsilon': 0.001",
        "6,6,3 | BatchNormalization | 'gamma_regularizer': {'class_name': 'L2', 'config': {'l2':"
            + " 0.1}} | 'regularizer': {'l2': 0.1}",
        "6,6,3 | BatchNormalization | 'beta_regularizer': {'class_name': 'L2', 'config': {}} |"
            + " /beta_regularizer",
        "6,6,3 | BatchNormalization | 'gamma_constraint': {'class_name': 'MaxNorm', 'config': {}} |"
            + " /gamma_constraint",
        "6,3   | LayerNormalization | 'gamma_initializer': {'class_name': 'Zeros', 'config': {}} |"
            + " 'initializer': {'type': 'zeros'}",
        "6,3   | LayerNormalization | 'beta_initializer': {'class_name': 'Ones', 'config': {}} |"
            + " 'bias_initializer': {'type': 'ones'}",
        "4     | Dense | 'units': 2, 'kernel_initializer': 'he_normal' | 'initializer': {'type':"
            + " 'he_normal'}",
        "4     | Dense | 'units': 2, 'bias_initializer': 'one' | 'bias_initializer': {'type':"
            + " 'ones'}",
        "4     | Dense | 'units': 2, 'kernel_initializer': 'identity' | /kernel_initializer",
        "4     | Identity | 'trainable': true | 'type': 'activation', 'function': 'linear'",
        "6,3   | LayerNormalization | 'axis': [1] | /axis",
        "6,3   | LayerNormalization | 'axis': [2] | 'epsilon': 0.001",
        "6,6,3 | Conv2DTranspose | 'filters': 2, 'kernel_size': [3, 3], 'strides': [2, 2],"
            + " 'padding': 'valid', 'output_padding': [1, 1] | 'output_padding': [1, 1]",
        "6,6,3 | Conv2DTranspose | 'filters': 2, 'kernel_size': [3, 3], 'strides': [2, 2],"
            + " 'padding': 'same', 'output_padding': [1, 1] | /output_padding",
        "6,6,3 | Conv2DTranspose | 'filters': 2, 'kernel_size': [1, 1], 'strides': [2, 2],"
            + " 'padding': 'valid' | /strides",
        "6,4   | MultiHeadAttention | 'num_heads': 2, 'key_dim': 2, 'value_dim': 3 | /value_dim",
        "6,4   | MultiHeadAttention | 'num_heads': 2, 'key_dim': 2, 'use_bias': false | /use_bias",
        "6,4   | LSTM | 'units': 3, 'unit_forget_bias': false | 'bias_initializer': 'zeros'",
        "6,4   | LSTM | 'units': 3, 'bias_initializer': {'class_name': 'Ones'} | /bias_initializer",
        "6,4   | LSTM | 'units': 3, 'recurrent_regularizer': {'class_name': 'L2', 'config': {'l2':"
            + " 0.1}} | /recurrent_regularizer",
        "6,4   | LSTM | 'units': 3, 'recurrent_constraint': {'class_name': 'MaxNorm', 'config': {}}"
            + " | /recurrent_constraint",
        "6,6,3 | Flatten | 'data_format': 'channels_first' | /data_format",
        "6,6,3 | Dropout | 'rate': 0.5, 'noise_shape': [1, 6, 1] | /noise_shape",
        "6,6,3 | Rescaling | 'scale': 2, 'offset': [1, 2, 3] | /offset",
        "6,6,3 | SeparableConv2D | 'filters': 2, 'kernel_size': [3, 3], 'pointwise_regularizer':"
            + " {'class_name': 'L2', 'config': {}} | /pointwise_regularizer",
        "6,6,3 | Conv2D | 'filters': 2, 'kernel_size': [3, 3], 'kernel_constraint': {'class_name':"
            + " 'MaxNorm', 'config': {'max_value': 2, 'axis': 0}} | /kernel_constraint",
      })
  void membersWithAnotherMeaningAreHonouredOrListed(
      String input, String layer, String config, String result) {
    String document =
        """
        {'class_name': 'Sequential', 'config': {'name': 's', 'layers': [
          {'class_name': 'InputLayer', 'config': {'batch_shape': [null, %1$s], 'name': 'x'}},
          {'class_name': '%2$s', 'config': {'name': 'l', %3$s}, 'build_config': {'input_shape': [null, %1$s]}}]}}
        """
            .formatted(input, layer, config);
    KerasImport.Converted converted = KerasImport.convert(Specs.json(document), "/keras");
    if (result.startsWith("/")) {
      assertThat(converted.unsupported())
          .extracting(Violation::pointer)
          .containsExactly("/keras/config/layers/1/config" + result);
    } else {
      assertThat(converted.unsupported()).isEmpty();
      assertThat(String.valueOf(converted.model()))
          .contains(result.replace('\'', '"').replace(": ", ":").replace(", ", ","));
    }
  }

  @Test
  void objectsThatAreOneLayerAreNotMadeTwo() {
    String layer =
        "{'class_name': 'Dense', 'config': {'name': '%s', 'units': 4}, 'shared_object_id': %d}";
    String document =
        """
        {'class_name': 'Sequential', 'config': {'name': 's', 'layers': [
          {'class_name': 'InputLayer', 'config': {'batch_shape': [null, 4], 'name': 'x'}, 'shared_object_id': 0},
          %s, %s]}}
        """;
    assertThat(
            KerasImport.convert(
                    Specs.json(
                        document.formatted(layer.formatted("a", 1), layer.formatted("b", 2))),
                    "/keras")
                .unsupported())
        .isEmpty();
    assertThat(
            KerasImport.convert(
                    Specs.json(
                        document.formatted(layer.formatted("a", 1), layer.formatted("b", 1))),
                    "/keras")
                .unsupported())
        .extracting(Violation::pointer)
        .containsExactly("/keras/config/layers/2/shared_object_id");
  }

  @Test
  void otherDocumentsAreNoKerasModels() {
    for (String text : new String[] {"{}", "[]", "1", "{'class_name': 'Sequential'}", "null"}) {
      assertThat(KerasImport.convert(Specs.json(text), "/keras").unsupported()).hasSize(1);
    }
    assertThat(
            KerasImport.convert(
                    Specs.json(
                        "{'class_name': 'Sequential', 'config': {'layers': [{'class_name': 'Dense',"
                            + " 'config': {'units': 2}}]}}"),
                    "/keras")
                .unsupported())
        .isNotEmpty();
  }

  private static ModelSpec converted(String keras) {
    KerasImport.Converted converted = KerasImport.convert(Specs.json(keras), "/keras");
    assertThat(converted.unsupported()).isEmpty();
    return SpecReader.model(Objects.requireNonNull(converted.model()));
  }
}
