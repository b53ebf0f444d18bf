package io.trainyard.spec;

import static io.trainyard.spec.Specs.modelFaults;
import static io.trainyard.spec.Specs.shapeFaults;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Models with a resolved nested network. */
class NestedModelTest {
  private static final String NESTED =
      """
      {'name': 'm', 'network': {'inputs': {'x': {'shape': [%d]}}, 'layers': [
        {'type': 'model', 'name': 'rnn', 'ref': 'rnn@3', 'trainable': false%s, 'network': {
           'inputs': {'a': {'shape': [4]}},
           'layers': [{'type': 'dense', 'name': 'h', 'units': 5, 'activation': 'tanh'},
                      {'type': 'dense', 'units': 2}]}},
        {'type': 'dense', 'name': 'out', 'units': 1}]}}
      """;

  @Test
  void nestedLayersHaveTheNameOfTheOuterLayerAsPrefix() {
    ModelSpec model = Specs.model(NESTED.formatted(4, ""));

    assertThat(model.network().layers())
        .extracting(Layer::name)
        .containsExactly("rnn/a", "rnn/h", "rnn/dense_2", "rnn", "out");
    assertThat(model.network().layer("rnn/h").trainable()).isFalse();
    assertThat(model.network().layer("out").inputs()).containsExactly("rnn");
    NetworkShapes shapes = Specs.shapes(model);
    assertThat(shapes.of("rnn")).isEqualTo(Shape.of(2));
    assertThat(shapes.weights())
        .extracting(WeightSpec::name)
        .containsExactly(
            "rnn.h.weight",
            "rnn.h.bias",
            "rnn.dense_2.weight",
            "rnn.dense_2.bias",
            "out.weight",
            "out.bias");
    assertThat(Summary.of(model.network(), shapes).trainableParameters()).isEqualTo(3);
  }

  @Test
  void anInnerLayerMayBeItsOutputOrBeReadByName() {
    assertThat(Specs.shapes(Specs.model(NESTED.formatted(4, ", 'outputs': ['h']"))).of("rnn"))
        .isEqualTo(Shape.of(5));
    String inner =
        NESTED.formatted(4, "").replace("'units': 1}", "'units': 1, 'inputs': ['rnn/h']}");
    assertThat(Specs.shapes(Specs.model(inner)).layer("out").parameters()).isEqualTo(6);
  }

  @Test
  void anInputThatOnlyEmbeddingsReadHoldsIndices() {
    NetworkSpec network =
        Specs.model(
                """
                {'name': 'm', 'network': {
                  'inputs': {'a': {'shape': [2]}, 'b': {'shape': [2]}, 'c': {'shape': [2]}},
                  'layers': [
                    {'type': 'model', 'name': 'inner', 'ref': 'i@1', 'inputs': ['a'], 'network': {
                       'inputs': {'x': {'shape': [2]}},
                       'layers': [{'type': 'embedding', 'vocabulary': 3, 'dim': 1}]}},
                    {'type': 'embedding', 'vocabulary': 3, 'dim': 1, 'inputs': ['b']},
                    {'type': 'embedding', 'vocabulary': 3, 'dim': 1, 'inputs': ['c']},
                    {'type': 'dense', 'units': 1, 'inputs': ['c']}]}}
                """)
            .network();
    assertThat(network.readsIndices("a")).isTrue();
    assertThat(network.readsIndices("b")).isTrue();
    assertThat(network.readsIndices("c")).isFalse();
  }

  @Test
  void indicesBehindLayersThatMoveThemAreIndices() {
    NetworkSpec network =
        Specs.model(
                """
                {'name': 'm', 'network': {
                  'inputs': {'a': {'shape': [2, 2]}, 'b': {'shape': [2]}, 'c': {'shape': [2]}},
                  'layers': [
                    {'type': 'lambda', 'name': 'part', 'expression': 'x[0]', 'inputs': ['a']},
                    {'type': 'reshape', 'shape': [2, 1]},
                    {'type': 'embedding', 'name': 'ea', 'vocabulary': 3, 'dim': 1},
                    {'type': 'flatten', 'name': 'fb', 'inputs': ['b']},
                    {'type': 'embedding', 'name': 'eb', 'vocabulary': 3, 'dim': 1},
                    {'type': 'lambda', 'name': 'half', 'expression': 'x / 2', 'inputs': ['c']},
                    {'type': 'embedding', 'vocabulary': 3, 'dim': 1}],
                  'outputs': ['ea', 'eb', 'embedding_3', 'fb']}}
                """)
            .network();
    assertThat(network.readsIndices("a")).isTrue();
    assertThat(network.readsIndices("b")).as("an output of the network is a number").isFalse();
    assertThat(network.readsIndices("c")).isFalse();
    assertThat(network.embeddingsOf("a")).as("elements are left out").isEmpty();
    assertThat(network.embeddingsOf("b")).extracting(Layer::name).containsExactly("eb");
  }

  @Test
  void aTensorOfAnotherShapeIsRefused() {
    assertThat(shapeFaults(NESTED.formatted(6, "")))
        .containsExactly("/network/layers/0: Layer 'rnn' expects [4] but 'x' gives [6]");
  }

  @Test
  void faultsHavePointers() {
    assertThat(modelFaults(NESTED.formatted(4, ", 'outputs': ['nobody']")))
        .containsExactly(
            "/network/layers/0/outputs/0: There is no layer 'nobody' in the nested model");
    assertThat(
            modelFaults(
                """
                {'name': 'm', 'network': {'inputs': {'x': {'shape': [4]}}, 'layers': [
                  {'type': 'model'}, {'type': 'model', 'ref': 'rnn'}, {'type': 'model', 'ref': 'rnn@1'}]}}
                """))
        .containsExactly(
            "/network/layers/0/ref: 'ref' is required",
            "/network/layers/1/ref: A version such as \"rnn@3\" or \"rnn@production\" was expected,"
                + " got 'rnn'",
            "/network/layers/2/ref: 'rnn@1' has not been looked up");
  }

  @Test
  void referencesAreReadStrictly() {
    assertThat(ModelReference.parse("rnn@production"))
        .isEqualTo(new ModelReference("rnn", "production"));
    for (String text : new String[] {"", "rnn", "rnn@", "@1", "a@b@c", "Rnn@1", "rnn@1 "}) {
      assertThatThrownBy(() -> ModelReference.parse(text)).as(text).hasMessageContaining("rnn@3");
    }
  }
}
