package io.trainyard.onnx;

import io.trainyard.onnx.format.OnnxGraph;
import io.trainyard.onnx.format.OnnxTypes;
import io.trainyard.onnx.format.ProtoWriter;
import io.trainyard.onnx.layer.LayerNodes;
import io.trainyard.onnx.layer.Value;
import io.trainyard.spec.ForwardPlan;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.NetworkSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Writes a network as an ONNX file: encoded tensors in, layers' values out, under their names. An
 * input of indices is INT64, everything else FLOAT.
 */
final class OnnxWriter {
  private static final String PRODUCER = "trainyard";

  private final NetworkSpec network;
  private final NetworkShapes shapes;
  private final Map<String, HostTensor> weights;

  OnnxWriter(NetworkSpec network, NetworkShapes shapes, Map<String, HostTensor> weights) {
    this.network = network;
    this.shapes = shapes;
    this.weights = weights;
  }

  /**
   * The file.
   *
   * @param outputs names of layers; layers that lead to none are left out
   */
  ProtoWriter write(String name, List<String> outputs, int opset) {
    OnnxGraph graph = new OnnxGraph(opset);
    Map<String, Value> values = new HashMap<>();
    for (String input : network.inputNames()) {
      boolean integers = network.readsIndices(input);
      graph.input(input, integers ? OnnxTypes.INT64 : OnnxTypes.FLOAT, shapes.of(input));
      values.put(input, new Value(input, integers));
    }
    ForwardPlan plan = ForwardPlan.of(network, outputs);
    Set<String> computed = new HashSet<>();
    for (int i = 0; i < network.layers().size(); i++) {
      Layer layer = network.layers().get(i);
      if (!plan.needs(i)) {
        continue;
      }
      List<Value> inputs =
          layer.inputs().stream().map(input -> Objects.requireNonNull(values.get(input))).toList();
      Value value = LayerNodes.add(graph, layer, shapes.layer(layer.name()), inputs, weights);
      values.put(layer.name(), value);
      if (value.name().equals(layer.name())) {
        computed.add(layer.name());
      }
    }
    for (String output : outputs) {
      Value value = Objects.requireNonNull(values.get(output));
      if (!computed.contains(output)) {
        graph.copy(value.name(), output);
      }
      graph.output(output, value.integers() ? OnnxTypes.INT64 : OnnxTypes.FLOAT, shapes.of(output));
    }
    return graph.model(PRODUCER, name);
  }
}
