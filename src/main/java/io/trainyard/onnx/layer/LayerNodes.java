package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.onnx.format.OnnxGraph;
import io.trainyard.onnx.format.OnnxTypes;
import io.trainyard.spec.layer.AttentionSpec;
import io.trainyard.spec.layer.AugmentationSpec;
import io.trainyard.spec.layer.ConvolutionSpec;
import io.trainyard.spec.layer.CoreSpec;
import io.trainyard.spec.layer.ElementwiseSpec;
import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.LambdaSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.MergeSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.NoiseSpec;
import io.trainyard.spec.layer.NormSpec;
import io.trainyard.spec.layer.PoolSpec;
import io.trainyard.spec.layer.RearrangementSpec;
import io.trainyard.spec.layer.RecurrentSpec;
import io.trainyard.spec.layer.TabularSpec;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;

/**
 * The register of exported layers: each family of specs has a class of a like name here. A family
 * that is missing doesn't compile. All layers compute as at prediction.
 */
public final class LayerNodes {
  private LayerNodes() {}

  /**
   * Adds a layer to a graph.
   *
   * @param inputs the values that the layer reads
   * @param weights the network's stored weights by name
   * @return the layer's value: of the layer's name, or one of its inputs
   */
  public static Value add(
      OnnxGraph graph,
      Layer layer,
      LayerShape shape,
      List<Value> inputs,
      Map<String, HostTensor> weights) {
    LayerWriter to = new LayerWriter(graph, layer, shape, weights);
    Value before = of(inputs, to);
    Value value =
        layer.spec().activation().isLinear()
            ? before
            : new Value(
                ActivationNodes.ofLayer(layer.spec().activation(), to.toFloats(before), to), false);
    return to.finish(value.name()) ? value.as(layer.name()) : value;
  }

  private static Value of(List<Value> inputs, LayerWriter to) {
    Value x = inputs.getFirst();
    return switch (to.layer().spec()) {
      case CoreSpec core -> CoreNodes.of(core, x, to);
      case NoiseSpec _, NestedSpec _ -> x;
      case AugmentationSpec augmentation -> augmentation(augmentation, x, to);
      case RearrangementSpec rearrangement -> RearrangementNodes.of(rearrangement, x, to);
      case MergeSpec merge -> MergeNodes.of(merge, inputs, to);
      case EmbeddingSpec _ -> floats(embedding(x, to));
      case ConvolutionSpec convolution ->
          floats(ConvolutionNodes.of(convolution, to.toFloats(x), to));
      case PoolSpec pool -> floats(PoolNodes.of(pool, to.toFloats(x), to));
      case NormSpec norm -> floats(NormNodes.of(norm, to.toFloats(x), to));
      case RecurrentSpec recurrent -> floats(RecurrentNodes.of(recurrent, to.toFloats(x), to));
      case AttentionSpec attention ->
          floats(AttentionNodes.of(attention, inputs.stream().map(to::toFloats).toList(), to));
      case ElementwiseSpec elementwise ->
          floats(ElementwiseNodes.of(elementwise, to.toFloats(x), to));
      case TabularSpec tabular -> floats(TabularNodes.of(tabular, to.toFloats(x), to));
      case LayerSpec.Foreign _ ->
          throw new IllegalStateException("a foreign network is not made of layers");
      case LambdaSpec lambda -> floats(LambdaNodes.of(lambda, inputs, to));
    };
  }

  private static Value floats(String name) {
    return new Value(name, false);
  }

  private static String embedding(Value x, LayerWriter to) {
    String indices = x.integers() ? x.name() : to.cast(x.name(), OnnxTypes.INT64);
    return to.node("Gather", List.of(to.weight("weight"), indices), Attribute.of("axis", 0L));
  }

  /** The identity, but for a crop, which takes the middle. */
  private static Value augmentation(AugmentationSpec spec, Value x, LayerWriter to) {
    if (!(spec instanceof AugmentationSpec.Crop crop)) {
      return x;
    }
    int first = crop.dataFormat().firstSpatial();
    List<Integer> sides = crop.dataFormat().spatial(to.input());
    long top = ((long) sides.getFirst() - crop.height()) / 2;
    long left = ((long) sides.getLast() - crop.width()) / 2;
    String rows = to.slice(x.name(), first, top, top + crop.height());
    return x.as(to.slice(rows, first + 1, left, left + crop.width()));
  }
}
