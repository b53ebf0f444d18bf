package io.trainyard.tensor;

/** The type of a tensor's elements, with its names in safetensors and NPY files. */
public enum ElementType {
  FLOAT32(4, "F32", "<f4"),
  FLOAT64(8, "F64", "<f8"),
  INT8(1, "I8", "|i1"),
  INT16(2, "I16", "<i2"),
  INT32(4, "I32", "<i4"),
  INT64(8, "I64", "<i8"),
  UINT8(1, "U8", "|u1"),
  BOOL(1, "BOOL", "|b1");

  private final int bytes;
  private final String safeTensorsName;
  private final String npyName;

  ElementType(int bytes, String safeTensorsName, String npyName) {
    this.bytes = bytes;
    this.safeTensorsName = safeTensorsName;
    this.npyName = npyName;
  }

  public int bytes() {
    return bytes;
  }

  /** The name in a safetensors header. */
  public String safeTensorsName() {
    return safeTensorsName;
  }

  /** The little-endian descriptor in an NPY header. */
  String npyName() {
    return npyName;
  }
}
