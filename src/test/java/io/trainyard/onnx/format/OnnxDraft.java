package io.trainyard.onnx.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A file as a hostile caller would write it: nothing is checked. */
public final class OnnxDraft {
  private static final int FLOAT = 1;

  private final ProtoWriter graph = new ProtoWriter().text(2, "drawn");
  private final int opset;

  public OnnxDraft(int opset) {
    this.opset = opset;
  }

  /** Of axis lengths, −1 is an open one. */
  public OnnxDraft input(String name, int type, long... axes) {
    graph.message(11, value(name, type, axes));
    return this;
  }

  public OnnxDraft output(String name, int type, long... axes) {
    graph.message(12, value(name, type, axes));
    return this;
  }

  private static ProtoWriter value(String name, int type, long... axes) {
    ProtoWriter shape = new ProtoWriter();
    for (long axis : axes) {
      ProtoWriter dim = new ProtoWriter();
      shape.message(1, axis < 0 ? dim.text(2, "n") : dim.integer(1, axis));
    }
    ProtoWriter tensor = new ProtoWriter().integer(1, type).message(2, shape);
    return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
  }

  public OnnxDraft wholes(String name, List<Long> dims, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    return constant(name, OnnxTypes.INT64, dims, raw.array());
  }

  public OnnxDraft floats(String name, List<Long> dims, float... values) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return constant(name, FLOAT, dims, raw.array());
  }

  public OnnxDraft constant(String name, int type, List<Long> dims, byte[] raw) {
    ProtoWriter tensor = new ProtoWriter();
    dims.forEach(dim -> tensor.integer(1, dim));
    graph.message(5, tensor.integer(2, type).text(8, name).bytes(9, raw));
    return this;
  }

  /**
   * Adds an operator.
   *
   * @param operator with its domain, as in "ai.onnx.ml.Scaler", where it is not ONNX's own
   * @param attributes names and values in turn: Long, Float, String, long[], float[] or a list
   */
  public OnnxDraft node(
      String operator, List<String> inputs, List<String> outputs, Object... attributes) {
    int dot = operator.lastIndexOf('.');
    ProtoWriter node = new ProtoWriter();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(4, operator.substring(dot + 1));
    for (int i = 0; i < attributes.length; i += 2) {
      node.message(5, attribute((String) attributes[i], attributes[i + 1]));
    }
    graph.message(1, node.text(7, dot < 0 ? "" : operator.substring(0, dot)));
    return this;
  }

  private static ProtoWriter attribute(String name, Object value) {
    ProtoWriter proto = new ProtoWriter().text(1, name);
    switch (value) {
      case Number whole when !(whole instanceof Float) ->
          proto.integer(3, whole.longValue()).integer(20, 2);
      case Float number -> proto.single(2, number).integer(20, 1);
      case String text -> proto.text(4, text).integer(20, 3);
      case long[] wholes -> {
        for (long whole : wholes) {
          proto.integer(8, whole);
        }
        proto.integer(20, 7);
      }
      case float[] numbers -> {
        for (float number : numbers) {
          proto.single(7, number);
        }
        proto.integer(20, 6);
      }
      case List<?> texts -> {
        texts.forEach(text -> proto.bytes(9, ((String) text).getBytes(StandardCharsets.UTF_8)));
        proto.integer(20, 8);
      }
      default -> throw new IllegalArgumentException(value.toString());
    }
    return proto;
  }

  public byte[] toBytes() {
    return new ProtoWriter()
        .integer(1, 9)
        .message(7, graph)
        .message(8, new ProtoWriter().text(1, "").integer(2, opset))
        .message(8, new ProtoWriter().text(1, "ai.onnx.ml").integer(2, 3))
        .toBytes();
  }
}
