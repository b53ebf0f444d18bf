package io.trainyard.spec.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.TestEngine;
import io.trainyard.error.Violation;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.Specs;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Every Keras layer that the documentation names is converted from documents of Keras 2 and 3, and
 * every layer that is converted is in the documentation.
 */
class KerasDocumentsTest {
  private static final Pattern NAMED = Pattern.compile("keras\\.layers\\.(\\w+)");

  /**
   * Python code; and text, which the inputs of a model encode. Both are refused with that reason.
   */
  private static final Set<String> REFUSED = Set.of("Lambda", "StringLookup");

  private static final String DENSE = "'units': 2, 'activation': 'relu'";
  private static final String LSTM = "{'class_name': 'LSTM', 'config': {'name': 'i', 'units': 2}}";

  /** As Keras writes it beside the layer above. */
  private static final String BACKWARDS =
      "{'class_name': 'LSTM', 'config': {'name': 'backward_i', 'units': 2, 'go_backwards': true}}";

  /** By layer: the shapes of its inputs, and its configuration. */
  private static final Map<String, List<String>> LAYERS =
      Map.ofEntries(
          layer("Dense", "4", DENSE),
          layer("Activation", "4", "'activation': 'relu'"),
          layer("ReLU", "4", "'max_value': null, 'negative_slope': 0.0, 'threshold': 0.0"),
          layer("LeakyReLU", "4", "'negative_slope': 0.1"),
          layer("PReLU", "4", "'alpha_initializer': {'class_name': 'Zeros', 'config': {}}"),
          layer("ELU", "4", "'alpha': 1.0"),
          layer("Softmax", "4", "'axis': -1"),
          layer("Dropout", "4", "'rate': 0.5, 'seed': null, 'noise_shape': null"),
          layer("GaussianNoise", "4", "'stddev': 0.5"),
          layer("Identity", "4", ""),
          layer("RandomFlip", "6,6,3", "'mode': 'horizontal'"),
          layer("RandomRotation", "6,6,3", "'factor': 0.1"),
          layer("RandomTranslation", "6,6,3", "'height_factor': 0.1, 'width_factor': 0.1"),
          layer("RandomZoom", "6,6,3", "'height_factor': 0.1"),
          layer("RandomCrop", "6,6,3", "'height': 4, 'width': 4"),
          layer("RandomContrast", "6,6,3", "'factor': 0.1"),
          layer("Flatten", "6,3", "'data_format': 'channels_last'"),
          layer("Reshape", "6", "'target_shape': [2, 3]"),
          layer("Permute", "6,3", "'dims': [2, 1]"),
          layer("RepeatVector", "6", "'n': 3"),
          layer("Rescaling", "6", "'scale': 0.5, 'offset': 0.0"),
          layer("Normalization", "2", "'axis': [-1], 'mean': [[1, 2]], 'variance': [[4, 9]]"),
          layer("BatchNormalization", "4", "'axis': -1, 'momentum': 0.99, 'epsilon': 0.001"),
          layer("LayerNormalization", "4", "'axis': -1, 'epsilon': 0.001"),
          layer("GroupNormalization", "4", "'groups': 2, 'axis': -1"),
          layer("Embedding", "5", "'input_dim': 9, 'output_dim': 2"),
          layer("SimpleRNN", "5,2", "'units': 2"),
          layer("LSTM", "5,2", "'units': 2"),
          layer("GRU", "5,2", "'units': 2, 'reset_after': true"),
          layer(
              "MultiHeadAttention",
              "5,4;5,4",
              "'num_heads': 2, 'key_dim': 2, 'attention_axes': [1]"),
          layer("Add", "4;4", ""),
          layer("Subtract", "4;4", ""),
          layer("Multiply", "4;4", ""),
          layer("Average", "4;4", ""),
          layer("Maximum", "4;4", ""),
          layer("Concatenate", "4;3", "'axis': -1"),
          layer("Dot", "3,4;2,4", "'axes': 2, 'normalize': false"),
          layer("Conv2DTranspose", "6,6,3", "'filters': 2, 'kernel_size': [2, 2]"),
          layer("DepthwiseConv2D", "6,6,3", "'kernel_size': [2, 2], 'depth_multiplier': 1"),
          layer("SeparableConv2D", "6,6,3", "'filters': 2, 'kernel_size': [2, 2]"),
          layer("Conv1D", "6,3", "'filters': 2, 'kernel_size': [2]"),
          layer("Conv2D", "6,6,3", "'filters': 2, 'kernel_size': [2, 2]"),
          layer("Conv3D", "6,6,6,3", "'filters': 2, 'kernel_size': [2, 2, 2]"),
          layer("MaxPooling1D", "6,3", "'pool_size': [2]"),
          layer("MaxPooling2D", "6,6,3", "'pool_size': [2, 2]"),
          layer("MaxPooling3D", "6,6,6,3", "'pool_size': [2, 2, 2]"),
          layer("AveragePooling1D", "6,3", "'pool_size': [2]"),
          layer("AveragePooling2D", "6,6,3", "'pool_size': [2, 2]"),
          layer("AveragePooling3D", "6,6,6,3", "'pool_size': [2, 2, 2]"),
          layer("GlobalMaxPooling1D", "6,3", ""),
          layer("GlobalMaxPooling2D", "6,6,3", ""),
          layer("GlobalMaxPooling3D", "6,6,6,3", ""),
          layer("GlobalAveragePooling1D", "6,3", ""),
          layer("GlobalAveragePooling2D", "6,6,3", ""),
          layer("GlobalAveragePooling3D", "6,6,6,3", ""),
          layer("SpatialDropout1D", "6,3", "'rate': 0.5"),
          layer("SpatialDropout2D", "6,6,3", "'rate': 0.5"),
          layer("SpatialDropout3D", "6,6,6,3", "'rate': 0.5"),
          layer("Cropping1D", "6,3", "'cropping': [1, 1]"),
          layer("Cropping2D", "6,6,3", "'cropping': [[1, 1], [1, 1]]"),
          layer("Cropping3D", "6,6,6,3", "'cropping': [[1, 1], [1, 1], [1, 1]]"),
          layer("ZeroPadding1D", "6,3", "'padding': [1, 1]"),
          layer("ZeroPadding2D", "6,6,3", "'padding': [[1, 1], [1, 1]]"),
          layer("ZeroPadding3D", "6,6,6,3", "'padding': [[1, 1], [1, 1], [1, 1]]"),
          layer("UpSampling1D", "6,3", "'size': 2"),
          layer("UpSampling2D", "6,6,3", "'size': [2, 2], 'interpolation': 'nearest'"),
          layer("UpSampling3D", "6,6,6,3", "'size': [2, 2, 2]"),
          layer(
              "Bidirectional",
              "5,2",
              "'merge_mode': 'concat', 'layer': " + LSTM + ", 'backward_layer': " + BACKWARDS),
          layer(
              "TimeDistributed",
              "5,2",
              "'layer': {'class_name': 'Dense', 'config': {'name': 'i', " + DENSE + "}}"),
          layer(
              "Sequential",
              "4",
              "'layers': [{'class_name': 'InputLayer', 'config': {'batch_shape': [null, 4], 'name':"
                  + " 'a'}}, {'class_name': 'Dense', 'config': {'name': 'd', "
                  + DENSE
                  + "}}]"),
          layer(
              "Functional",
              "4",
              "'layers': [{'class_name': 'InputLayer', 'config': {'batch_shape': [null, 4], 'name':"
                  + " 'a'}, 'name': 'a', 'inbound_nodes': []}, {'class_name': 'Dense', 'config':"
                  + " {'name': 'd', "
                  + DENSE
                  + "}, 'inbound_nodes': [[['a', 0, 0, {}]]]}], 'input_layers': [['a', 0, 0]],"
                  + " 'output_layers': [['d', 0, 0]]"),
          layer("InputLayer", "4", ""));

  private static Map.Entry<String, List<String>> layer(
      String name, String shapes, String configuration) {
    return Map.entry(name, List.of(shapes, configuration));
  }

  static Stream<String> names() {
    return KerasImport.names().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void documentsOfBothVersionsAreConvertedAlike(String name) {
    assertThat(LAYERS).containsKey(name);
    KerasImport.Converted third = KerasImport.convert(Specs.json(document(name, true)), "/keras");
    KerasImport.Converted second = KerasImport.convert(Specs.json(document(name, false)), "/keras");
    assertThat(third.unsupported()).isEmpty();
    assertThat(second.unsupported()).isEmpty();
    assertThat(second.model()).isNotNull().isEqualTo(third.model());
  }

  @Test
  void documentationNamesWhatIsConvertedAndNothingElse() {
    Set<String> named = named("src/docs", "src/main/resources");
    assertThat(named).containsAll(REFUSED);
    named.removeAll(REFUSED);
    assertThat(named).isSubsetOf(KerasImport.names());
    Set<String> listed = new TreeSet<>();
    Pattern.compile("\\b[A-Z]\\w+\\b")
        .matcher(section(Path.of("src/docs/guides/migrating.md"), "## Layers of Keras"))
        .results()
        .map(MatchResult::group)
        .forEach(listed::add);
    assertThat(listed).containsAll(KerasImport.names());
  }

  @Test
  void refusedLayersTellTheReason() {
    for (String name : REFUSED) {
      List<Violation> refused =
          KerasImport.convert(Specs.json(document(name, true, "4", "")), "/keras").unsupported();
      assertThat(refused).hasSize(1);
      assertThat(refused.getFirst().detail()).contains("write");
    }
  }

  /** Values by hand, with the layer's input and weights. */
  @Test
  void convertedLayersComputeWhatKerasComputes() {
    float[] a = {1, 2, 3, 4};
    float[] b = {2, 0, 1, -1};
    // [1, 2]·[2, 0], [1, 2]·[1, −1]; [3, 4]·[2, 0], [3, 4]·[1, −1]
    assertThat(dot("2,2;2,2", "'axes': 2", a, b)).containsExactly(2, -1, 6, -1);
    // Columns: [1, 3]·[2, 1], [1, 3]·[0, −1]; [2, 4]·[2, 1], [2, 4]·[0, −1]
    assertThat(dot("2,2;2,2", "'axes': 1", a, b)).containsExactly(5, -3, 8, -4);
    // The matrix product a·b.
    assertThat(dot("2,2;2,2", "'axes': [2, 1]", a, b)).containsExactly(4, -2, 10, -4);
    // aᵀ·bᵀ
    assertThat(dot("2,2;2,2", "'axes': [1, 2]", a, b)).containsExactly(2, -2, 4, -2);
    assertThat(dot("4;4", "'axes': -1", a, b)).containsExactly(1);
    assertThat(dot("2,2;2", "'axes': [2, 1]", a, new float[] {2, 0})).containsExactly(2, 6);
    assertThat(dot("2;2,2", "'axes': [1, 1]", new float[] {1, 2}, b)).containsExactly(4, -2);
    float[] cosine = dot("4;4", "'axes': 1, 'normalize': true", a, b);
    assertThat((double) cosine[0]).isCloseTo(1 / Math.sqrt(30 * 6), within(1e-6));
    float[] cosines = dot("2,2;2,2", "'axes': 2, 'normalize': true", a, b);
    assertThat((double) cosines[3]).isCloseTo(-1 / (5 * Math.sqrt(2)), within(1e-6));
  }

  @Test
  void normalizationDividesByTheRootOfTheVariance() {
    String known = "'axis': [-1], 'mean': [1, 2], 'variance': [4, 0]";
    assertThat(computed("Normalization", "2", known, Map.of(), new float[] {3, 2}))
        .containsExactly(1, 0);
    String inverse = "'axis': null, 'mean': 1, 'variance': 4, 'invert': true";
    assertThat(computed("Normalization", "2", inverse, Map.of(), new float[] {3, 2}))
        .containsExactly(7, 5);
    String adapted = "'axis': [-1], 'mean': null, 'variance': null";
    assertThat(refused("Normalization", "2", adapted)).contains("adapt()").contains("variance");
    String shorter = "'axis': [-1], 'mean': [1, 2], 'variance': [1, 1, 1]";
    assertThat(refused("Normalization", "3", shorter)).contains("One number or 3", "got 2");
    String negative = "'axis': [-1], 'mean': 1, 'variance': [1, -1]";
    assertThat(refused("Normalization", "2", negative)).contains("at least 0", "got -1");
    String between = "'axis': [1], 'mean': [1, 2], 'variance': [4, 9]";
    assertThat(computed("Normalization", "2,1,1", between, Map.of(), new float[] {3, 5}))
        .containsExactly(1, 1);
  }

  @Test
  void slopesOfPReluAreSharedAsInKeras() {
    String own = "'shared_axes': null";
    Map<String, HostTensor> two = Map.of("l.weight", HostTensor.ofFloats(Shape.of(2), 0.5f, -1f));
    assertThat(computed("PReLU", "2", own, two, new float[] {-2, -2})).containsExactly(-1, 2);
    String shared = "'shared_axes': [1]";
    assertThat(computed("PReLU", "2,2", shared, two, new float[] {-2, -2, 4, -4}))
        .containsExactly(-1, 2, 4, 4);
    assertThat(computed("PReLU", "2,2", "'shared_axes': [2]", two, new float[] {-2, -2, 4, -4}))
        .containsExactly(-1, -1, 4, 4);
    Map<String, HostTensor> one = Map.of("l.weight", HostTensor.ofFloats(Shape.of(1), 0.5f));
    assertThat(computed("PReLU", "2,2", "'shared_axes': [1, 2]", one, new float[] {-2, -2, 4, -4}))
        .containsExactly(-1, -1, 4, -2);
    assertThat(refused("PReLU", "2,2", own)).contains("shared_axes=[1, 2]");
  }

  @Test
  void innerModelsAreFlattenedUnderTheirNames() {
    String inner =
        """
        {'class_name': 'Sequential', 'config': {'name': 'inner', 'trainable': false, 'layers': [
          {'class_name': 'Dense', 'config': {'name': 'd', 'units': 3, 'batch_input_shape': [null, 4]}},
          {'class_name': 'Sequential', 'config': {'name': 'deep', 'layers': [
            {'class_name': 'Dense', 'config': {'name': 'd', 'units': 2}}]}}]}}
        """;
    KerasImport.Converted converted =
        KerasImport.convert(
            Specs.json(
                "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': ["
                    + inner
                    + ", {'class_name': 'Dense', 'config': {'name': 'd', 'units': 1}},"
                    + " {'class_name': 'Dropout', 'config': {'name': 'inner_d', 'rate': 0.5}}]}}"),
            "/keras");
    assertThat(converted.unsupported()).isEmpty();
    JsonNode network = Objects.requireNonNull(converted.model()).get("network");
    assertThat(network.at("/inputs/input/shape").toString()).isEqualTo("[4]");
    List<String> layers = new ArrayList<>();
    network
        .get("layers")
        .forEach(
            layer ->
                layers.add(layer.get("name").stringValue() + layer.path("trainable").asString("")));
    assertThat(layers).containsExactly("inner_dfalse", "inner_deep_dfalse", "d", "inner_d_2");
  }

  @Test
  void innerGraphsReadWhatTheyAreCalledOn() {
    String node = "'inbound_nodes': [[['%s', 0, 0, {}], ['%s', 0, 0, {}]]]";
    String document =
        """
        {'class_name': 'Functional', 'config': {'name': 'f', 'layers': [
          {'class_name': 'InputLayer', 'config': {'batch_input_shape': [null, 2], 'name': 'x'}, 'name': 'x', 'inbound_nodes': []},
          {'class_name': 'InputLayer', 'config': {'batch_input_shape': [null, 2], 'name': 'y'}, 'name': 'y', 'inbound_nodes': []},
          {'class_name': 'Functional', 'name': 'g', 'config': {'name': 'g', 'layers': [
            {'class_name': 'InputLayer', 'config': {'batch_input_shape': [null, 2], 'name': 'p'}, 'name': 'p', 'inbound_nodes': []},
            {'class_name': 'InputLayer', 'config': {'batch_input_shape': [null, 2], 'name': 'q'}, 'name': 'q', 'inbound_nodes': []},
            {'class_name': 'Subtract', 'config': {'name': 'x'}, 'name': 'x', NODE1},
            {'class_name': 'Add', 'config': {'name': 'sum'}, 'name': 'sum', NODE1}],
            'input_layers': [['q', 0, 0], ['p', 0, 0]], 'output_layers': [['sum', 0, 0], ['x', 0, 0]]}, NODE2},
          {'class_name': 'Concatenate', 'config': {'name': 'out', 'axis': -1}, 'name': 'out',
            'inbound_nodes': [[['g', 1, 1, {}], ['g', 1, 0, {}]]]}],
          'input_layers': [['x', 0, 0], ['y', 0, 0]], 'output_layers': [['out', 0, 0]]}}
        """
            .replace("NODE1", node.formatted("p", "q"))
            .replace("NODE2", node.formatted("x", "y"));
    KerasImport.Converted converted = KerasImport.convert(Specs.json(document), "/keras");
    assertThat(converted.unsupported()).isEmpty();
    // p is y and q is x: [y − x, x + y].
    assertThat(run(converted, Map.of(), new float[] {1, 2}, new float[] {5, 7}))
        .containsExactly(4, 5, 6, 9);
  }

  @Test
  void variancesOfKeras2AreItsInitializers() {
    String scaled =
        "'units': 2, 'kernel_initializer': {'class_name': 'VarianceScaling', 'config': {'scale':"
            + " 2.0, 'mode': 'fan_in', 'distribution': 'truncated_normal'}}";
    assertThat(
            Objects.requireNonNull(
                    KerasImport.convert(Specs.json(document("Dense", false, "4", scaled)), "/keras")
                        .model())
                .toString())
        .contains("he_normal");
    assertThat(
            Objects.requireNonNull(
                    KerasImport.convert(
                            Specs.json(document("LeakyReLU", false, "4", "'alpha': 0.1")), "/keras")
                        .model())
                .toString())
        .contains("\"alpha\":0.1");
  }

  private static String refused(String name, String shapes, String configuration) {
    return KerasImport.convert(Specs.json(document(name, true, shapes, configuration)), "/keras")
        .unsupported()
        .getFirst()
        .detail();
  }

  private static float[] dot(String shapes, String configuration, float[]... values) {
    return computed("Dot", shapes, configuration, Map.of(), values);
  }

  private static float[] computed(
      String name,
      String shapes,
      String configuration,
      Map<String, HostTensor> weights,
      float[]... values) {
    KerasImport.Converted converted =
        KerasImport.convert(Specs.json(document(name, true, shapes, configuration)), "/keras");
    assertThat(converted.unsupported()).isEmpty();
    return run(converted, weights, values);
  }

  private static float[] run(
      KerasImport.Converted converted, Map<String, HostTensor> weights, float[]... values) {
    ModelSpec model = SpecReader.model(Objects.requireNonNull(converted.model()));
    Map<String, HostTensor> inputs = new HashMap<>();
    for (String name : model.network().inputNames()) {
      Shape row = Objects.requireNonNull(model.network().inputs().get(name));
      inputs.put(name, HostTensor.ofFloats(row.batched(1), values[inputs.size()]));
    }
    String output = model.network().outputs().getFirst();
    try (LoadedNetwork network =
        TestEngine.get().load(model.network(), TestEngine.shapes(model), weights)) {
      return TestEngine.get()
          .threads()
          .call(
              1,
              () ->
                  Objects.requireNonNull(
                          network.forward(inputs, List.of(output), () -> false).get(output))
                      .toFloats());
    }
  }

  private static String document(String name, boolean third) {
    List<String> layer = Objects.requireNonNull(LAYERS.get(name));
    return document(name, third, layer.getFirst(), layer.getLast());
  }

  /** A Functional document of Keras 2 or 3 with a layer 'l' on inputs of these shapes. */
  private static String document(String name, boolean third, String shapes, String configuration) {
    List<String> layers = new ArrayList<>();
    List<String> reads = new ArrayList<>();
    for (String shape : shapes.split(";")) {
      String input = "x" + layers.size();
      layers.add(
          "{'class_name': 'InputLayer', 'config': {'%s': [null, %s], 'dtype': 'float32', 'name': '%s'}, 'name': '%3$s', 'inbound_nodes': []}"
              .formatted(third ? "batch_shape" : "batch_input_shape", shape, input));
      reads.add(
          third
              ? "{'class_name': '__keras_tensor__', 'config': {'shape': [null, %s], 'dtype': 'float32', 'keras_history': ['%s', 0, 0]}}"
                  .formatted(shape, input)
              : "['%s', 0, 0, {}]".formatted(input));
    }
    boolean merged = reads.size() > 1 && !name.equals("MultiHeadAttention");
    String tensors = String.join(", ", reads);
    String nodes =
        third
            ? "[{'args': [%s], 'kwargs': {}}]".formatted(merged ? "[" + tensors + "]" : tensors)
            : "[[%s]]".formatted(tensors);
    String build = "'build_config': {'input_shape': [null, %s]}, ".formatted(shapes.split(";")[0]);
    if (!name.equals("InputLayer")) {
      String config = "'name': 'l'" + (configuration.isEmpty() ? "" : ", " + configuration);
      layers.add(
          "{'class_name': '%s', 'name': 'l', 'config': {%s}, %s'inbound_nodes': %s}"
              .formatted(name, config, third && !merged ? build : "", nodes));
    } else {
      layers.add(
          "{'class_name': 'Dense', 'name': 'l', 'config': {'name': 'l', 'units': 1}, 'inbound_nodes': %s}"
              .formatted(nodes));
    }
    return "{'class_name': 'Functional', 'config': {'name': 'f', 'layers': [%s], 'input_layers': [['x0', 0, 0]], 'output_layers': [['l', 0, 0]]}}"
        .formatted(String.join(", ", layers));
  }

  private static Set<String> named(String... folders) {
    Set<String> named = new TreeSet<>();
    for (String folder : folders) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        files
            .filter(file -> file.toString().endsWith(".md") || file.toString().endsWith(".json"))
            .forEach(
                file ->
                    NAMED
                        .matcher(text(file))
                        .results()
                        .map(found -> found.group(1))
                        .forEach(named::add));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return named;
  }

  private static String section(Path page, String heading) {
    String text = text(page);
    int start = text.indexOf(heading);
    assertThat(start).as(heading).isNotNegative();
    int end = text.indexOf("\n## ", start + heading.length());
    return text.substring(start, end < 0 ? text.length() : end);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
