package io.trainyard.onnx.format;

import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A model that is being written: inputs, nodes in order, constants and outputs. The first axis of
 * inputs and outputs is the batch, of any length. Source: ModelProto, GraphProto, NodeProto,
 * TensorProto, ValueInfoProto.
 */
public final class OnnxGraph {
  /** The name of the batch axis. */
  private static final String BATCH = "rows";

  private final int opset;
  private final ProtoWriter inputs = new ProtoWriter();
  private final ProtoWriter outputs = new ProtoWriter();
  private final ProtoWriter constants = new ProtoWriter();
  private final Set<String> constantNames = new HashSet<>();
  private final List<Node> nodes = new ArrayList<>();

  /** An empty model for one version of the operators. */
  public OnnxGraph(int opset) {
    this.opset = opset;
  }

  /** An operation; empty names are arguments that are left out. */
  public record Node(
      String operator,
      String name,
      List<String> inputs,
      List<String> outputs,
      List<Attribute> attributes) {
    public Node {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      attributes = List.copyOf(attributes);
    }

    private ProtoWriter proto() {
      ProtoWriter proto = new ProtoWriter();
      inputs.forEach(input -> proto.text(1, input));
      outputs.forEach(output -> proto.text(2, output));
      proto.text(3, name).text(4, operator);
      attributes.forEach(attribute -> proto.message(5, attribute.proto()));
      return proto;
    }
  }

  public int opset() {
    return opset;
  }

  public void input(String name, int type, Shape row) {
    inputs.message(11, value(name, type, row));
  }

  public void output(String name, int type, Shape row) {
    outputs.message(12, value(name, type, row));
  }

  public void add(Node node) {
    nodes.add(node);
  }

  /** A value under a second name. */
  public void copy(String value, String name) {
    add(new Node("Identity", name, List.of(value), List.of(name), List.of()));
  }

  /** A constant, stored once under its name. */
  public String constant(String name, HostTensor tensor) {
    if (constantNames.add(name)) {
      constants.message(
          5,
          tensor(
              name,
              OnnxTypes.of(tensor.type()),
              tensor.shape().toLongs(),
              tensor.data().toArray(ValueLayout.JAVA_BYTE)));
    }
    return name;
  }

  /** Constant floats, stored once under their name. */
  public String floats(String name, float[] values, int... dims) {
    return constant(name, HostTensor.ofFloats(Shape.of(dims), values));
  }

  /** A constant list of integers, stored once for the whole model. */
  public String integers(long... values) {
    String name =
        Arrays.stream(values).mapToObj(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    if (constantNames.add(name)) {
      ByteBuffer raw =
          ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      raw.asLongBuffer().put(values);
      constants.message(5, tensor(name, OnnxTypes.INT64, new long[] {values.length}, raw.array()));
    }
    return name;
  }

  /** The whole file; this graph cannot be used any more. */
  public ProtoWriter model(String producer, String name) {
    ProtoWriter graph = new ProtoWriter();
    nodes.forEach(node -> graph.message(1, node.proto()));
    graph.text(2, name);
    graph.fields(constants).fields(inputs).fields(outputs);
    return new ProtoWriter()
        .integer(1, fileVersion(opset))
        .text(2, producer)
        .message(7, graph)
        .message(8, new ProtoWriter().text(1, "").integer(2, opset));
  }

  /** The version of the file format that came with a version of the operators. */
  private static int fileVersion(int opset) {
    return opset < 19 ? 8 : opset < 21 ? 9 : opset < 23 ? 10 : 11;
  }

  private static ProtoWriter value(String name, int type, Shape row) {
    ProtoWriter dims = new ProtoWriter().message(1, new ProtoWriter().text(2, BATCH));
    row.dims().forEach(dim -> dims.message(1, new ProtoWriter().integer(1, dim)));
    ProtoWriter tensor = new ProtoWriter().integer(1, type).message(2, dims);
    return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
  }

  private static ProtoWriter tensor(String name, int type, long[] dims, byte[] raw) {
    ProtoWriter proto = new ProtoWriter();
    for (long dim : dims) {
      proto.integer(1, dim);
    }
    return proto.integer(2, type).text(8, name).bytes(9, raw);
  }
}
