package io.trainyard.onnx.format;

import io.trainyard.tensor.FormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An operator in a file that a caller sent. Its attributes are decoded when they are asked for. */
final class Node {
  /** More would need much of the heap; 8 million nodes are a forest of some 400 MB. */
  static final int MOST_NUMBERS = 1 << 23;

  private static final int NAME = 1;
  private static final int INTEGER = 3;
  private static final int TEXT = 4;
  private static final int TENSOR = 5;
  private static final int FLOATS = 7;
  private static final int INTEGERS = 8;
  private static final int TEXTS = 9;

  private String operator = "";
  private String domain = "";
  private String name = "";
  private boolean saysTwice;
  private final List<String> inputs = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final Map<String, ByteBuffer> attributes = new LinkedHashMap<>();

  private Node() {}

  /** Source: NodeProto. */
  static Node read(ProtoReader proto) {
    Node node = new Node();
    for (int field = proto.next(); field != 0; field = proto.next()) {
      switch (field) {
        case 1 -> node.inputs.add(proto.text());
        case 2 -> node.outputs.add(proto.text());
        case 3 -> node.name = proto.text();
        case 4 -> node.operator = proto.text();
        case 5 -> node.attribute(proto.bytes());
        case 7 -> node.domain = proto.text();
        default -> {}
      }
    }
    return node;
  }

  private void attribute(ByteBuffer bytes) {
    ProtoReader proto = new ProtoReader(bytes);
    String attribute = "";
    for (int field = proto.next(); field != 0; field = proto.next()) {
      attribute = field == NAME ? proto.text() : attribute;
    }
    saysTwice |= attributes.put(attribute, bytes) != null;
  }

  /** Whether it has two attributes of one name, of which either may hold. */
  boolean saysTwice() {
    return saysTwice;
  }

  String operator() {
    return operator;
  }

  String domain() {
    return domain;
  }

  /** "MaxPool" or "MaxPool 'pool_1'". */
  String title() {
    return name.isEmpty() ? OnnxFile.shown(operator) : operatorAndName();
  }

  private String operatorAndName() {
    return OnnxFile.shown(operator) + " '" + OnnxFile.shown(name) + "'";
  }

  List<String> inputs() {
    return inputs;
  }

  /** The name of an input; empty when it is left out. */
  String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  List<String> outputs() {
    return outputs;
  }

  Map<String, ByteBuffer> attributes() {
    return attributes;
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  /** The fields of an attribute; none without it. */
  private ProtoReader proto(String attribute) {
    return new ProtoReader(attributes.getOrDefault(attribute, ByteBuffer.allocate(0)));
  }

  /** A whole number, or what holds without the attribute. */
  long integer(String attribute, long otherwise) {
    long value = has(attribute) ? 0 : otherwise; // protobuf writes no zeros
    ProtoReader proto = proto(attribute);
    for (int field = proto.next(); field != 0; field = proto.next()) {
      value = field == INTEGER ? proto.integer() : value;
    }
    return value;
  }

  String text(String attribute, String otherwise) {
    String value = otherwise;
    ProtoReader proto = proto(attribute);
    for (int field = proto.next(); field != 0; field = proto.next()) {
      value = field == TEXT ? proto.text() : value;
    }
    return value;
  }

  /** Whole numbers; a single one is a list too. Empty without the attribute. */
  long[] integers(String attribute) {
    Numbers numbers = new Numbers();
    ProtoReader proto = proto(attribute);
    for (int field = proto.next(); field != 0; field = proto.next()) {
      if (field == INTEGERS || field == INTEGER) {
        proto.eachInteger(numbers::add);
      }
    }
    return numbers.toArray();
  }

  /** How many numbers, texts or elements of a tensor an attribute has. */
  int count(String attribute) {
    long count = 0;
    ProtoReader proto = proto(attribute);
    for (int field = proto.next(); field != 0; field = proto.next()) {
      count +=
          switch (field) {
            case FLOATS -> proto.singles();
            case INTEGERS -> proto.integersCount();
            case TEXTS -> 1;
            case TENSOR -> Constant.read(proto.bytes()).elements();
            default -> 0;
          };
    }
    return (int) Math.min(count, Integer.MAX_VALUE);
  }

  /** The texts of an attribute. */
  List<String> texts(String attribute) {
    List<String> texts = new ArrayList<>();
    Map<String, String> known = new HashMap<>(); // millions of nodes have a few modes
    ProtoReader proto = proto(attribute);
    for (int field = proto.next(); field != 0; field = proto.next()) {
      if (field == TEXTS) {
        String text = proto.text();
        String same = known.putIfAbsent(text, text);
        texts.add(same == null ? text : same);
      }
    }
    return texts;
  }

  /** The tensor of an attribute. */
  @Nullable Constant tensor(String attribute) {
    Constant tensor = null;
    ProtoReader proto = proto(attribute);
    for (int field = proto.next(); field != 0; field = proto.next()) {
      if (field == TENSOR) {
        if (tensor != null) {
          throw new FormatException("an attribute has two tensors"); // they would be merged
        }
        tensor = Constant.read(proto.bytes());
      }
    }
    return tensor;
  }

  /** A list that grows. */
  static final class Numbers {
    private long[] values = new long[16];
    private int count;

    void add(long value) {
      if (count == MOST_NUMBERS) {
        throw new FormatException("an attribute has more than " + MOST_NUMBERS + " numbers");
      }
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = value;
    }

    long[] toArray() {
      return Arrays.copyOf(values, count);
    }
  }
}
