package io.trainyard.onnx.layer;

import io.trainyard.onnx.format.Attribute;
import io.trainyard.onnx.format.OnnxGraph;
import io.trainyard.onnx.format.OnnxTypes;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerShape;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Writes the nodes of one layer. Names of its inner values begin with the layer's name. */
final class LayerWriter {
  private final OnnxGraph graph;
  private final Layer layer;
  private final LayerShape shape;
  private final Map<String, HostTensor> weights;
  private final List<OnnxGraph.Node> nodes = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /**
   * @param weights all stored weights of the network, by name
   */
  LayerWriter(OnnxGraph graph, Layer layer, LayerShape shape, Map<String, HostTensor> weights) {
    this.graph = graph;
    this.layer = layer;
    this.shape = shape;
    this.weights = weights;
  }

  Layer layer() {
    return layer;
  }

  LayerShape shape() {
    return shape;
  }

  /** The row shape of the first input. */
  Shape input() {
    return shape.inputs().getFirst();
  }

  /** The version of the operators. */
  int opset() {
    return graph.opset();
  }

  /** An operation with one result, whose name is returned. */
  String node(String operator, List<String> inputs, Attribute... attributes) {
    return node(operator, inputs, 1, attributes);
  }

  /** As {@link #node(String, List, Attribute...)}; further results are not used. */
  private String node(String operator, List<String> inputs, int results, Attribute... attributes) {
    String name = fresh(operator);
    List<String> outputs = new ArrayList<>(List.of(name));
    for (int i = 1; i < results; i++) {
      outputs.add("");
    }
    nodes.add(new OnnxGraph.Node(operator, name, inputs, outputs, List.of(attributes)));
    return name;
  }

  private String fresh(String operator) {
    String name = layer.name() + ":" + operator;
    for (int i = 2; !names.add(name); i++) {
      name = layer.name() + ":" + operator + "_" + i;
    }
    return name;
  }

  /**
   * Adds the nodes to the graph and gives the layer's value the layer's name.
   *
   * @return false when the value is an input's, which has another name
   */
  boolean finish(String value) {
    boolean own = nodes.stream().anyMatch(node -> node.outputs().contains(value));
    for (OnnxGraph.Node node : nodes) {
      graph.add(
          new OnnxGraph.Node(
              node.operator(),
              node.name(),
              renamed(node.inputs(), value),
              renamed(node.outputs(), value),
              node.attributes()));
    }
    return own;
  }

  private List<String> renamed(List<String> values, String from) {
    return values.stream().map(value -> value.equals(from) ? layer.name() : value).toList();
  }

  /** A stored weight by its slot, as a constant of its stored name. */
  String weight(String slot) {
    return graph.constant(stored(slot), tensor(slot));
  }

  /** Whether the layer stores a weight, such as a bias. */
  boolean has(String slot) {
    return weights.containsKey(stored(slot));
  }

  /** The elements of a stored weight. */
  float[] elements(String slot) {
    return tensor(slot).toFloats();
  }

  /** The shape of a stored weight. */
  Shape shapeOf(String slot) {
    return tensor(slot).shape();
  }

  private HostTensor tensor(String slot) {
    return Objects.requireNonNull(weights.get(stored(slot)), stored(slot));
  }

  private String stored(String slot) {
    return NestedSpec.stored(layer.weightsOwner()) + "." + slot;
  }

  /** A constant computed from weights; layers that share weights share it. */
  String computed(String name, float[] elements, int... dims) {
    return graph.floats(layer.weightsOwner() + ":" + name, elements, dims);
  }

  /** A constant of this layer alone. */
  String own(String name, float[] elements, int... dims) {
    return graph.floats(layer.name() + ":" + name, elements, dims);
  }

  /** One float without axes, stored once for the whole model. */
  String number(double value) {
    return graph.constant(
        "float(" + (float) value + ")", HostTensor.ofFloats(Shape.SCALAR, (float) value));
  }

  /** A list of integers, stored once for the whole model. */
  String integers(long... values) {
    return graph.integers(values);
  }

  /** One integer without axes, stored once for the whole model. */
  String integer(long value) {
    return graph.constant("int(" + value + ")", HostTensor.ofLongs(Shape.SCALAR, value));
  }

  /** The rows reshaped; the batch axis stays. */
  String reshape(String x, List<Integer> row) {
    long[] dims = new long[row.size() + 1];
    for (int i = 0; i < row.size(); i++) {
      dims[i + 1] = row.get(i);
    }
    // Length 0 stands for the input's: that of the batch.
    return node("Reshape", List.of(x, integers(dims)));
  }

  String transpose(String x, List<? extends Number> axes) {
    boolean inOrder = true;
    for (int i = 0; i < axes.size(); i++) {
      inOrder &= axes.get(i).intValue() == i;
    }
    return inOrder ? x : node("Transpose", List.of(x), Attribute.of("perm", axes));
  }

  /** Elements from start up to end of one axis, the batch counted. */
  String slice(String x, int axis, long start, long end) {
    return node("Slice", List.of(x, integers(start), integers(end), integers(axis)));
  }

  /** A maximum, mean or norm along axes, the batch counted. */
  String reduce(String operator, String x, List<Integer> axes, boolean keepDims) {
    Attribute keep = Attribute.of("keepdims", keepDims ? 1L : 0L);
    if (opset() >= 18 || operator.equals("ReduceSum")) {
      long[] numbers = axes.stream().mapToLong(Integer::longValue).toArray();
      return node(operator, List.of(x, integers(numbers)), keep);
    }
    return node(operator, List.of(x), Attribute.of("axes", axes), keep);
  }

  String toFloats(Value value) {
    return value.integers() ? cast(value.name(), OnnxTypes.FLOAT) : value.name();
  }

  String cast(String x, int type) {
    return node("Cast", List.of(x), Attribute.of("to", (long) type));
  }

  String add(String a, String b) {
    return node("Add", List.of(a, b));
  }

  String multiply(String a, String b) {
    return node("Mul", List.of(a, b));
  }
}
