package io.trainyard.onnx.format;

import java.util.List;

/** A node's constant argument. Source: AttributeProto. */
public final class Attribute {
  private static final int NAME = 1;
  private static final int SINGLE = 2;
  private static final int INTEGER = 3;
  private static final int TEXT = 4;
  private static final int INTEGERS = 8;
  private static final int TYPE = 20;

  private static final int TYPE_SINGLE = 1;
  private static final int TYPE_INTEGER = 2;
  private static final int TYPE_TEXT = 3;
  private static final int TYPE_INTEGERS = 7;

  private final ProtoWriter proto;

  private Attribute(ProtoWriter proto) {
    this.proto = proto;
  }

  public static Attribute of(String name, long value) {
    return new Attribute(named(name, TYPE_INTEGER).integer(INTEGER, value));
  }

  public static Attribute of(String name, double value) {
    return new Attribute(named(name, TYPE_SINGLE).single(SINGLE, (float) value));
  }

  public static Attribute of(String name, String value) {
    return new Attribute(named(name, TYPE_TEXT).text(TEXT, value));
  }

  public static Attribute of(String name, List<? extends Number> values) {
    ProtoWriter proto = named(name, TYPE_INTEGERS);
    values.forEach(value -> proto.integer(INTEGERS, value.longValue()));
    return new Attribute(proto);
  }

  private static ProtoWriter named(String name, int type) {
    return new ProtoWriter().text(NAME, name).integer(TYPE, type);
  }

  ProtoWriter proto() {
    return proto;
  }
}
