package io.trainyard.onnx.format;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one protobuf message: a field is a key, {@code number << 3 | type}, then a varint, a
 * 32-bit number or a length with its bytes. Byte arrays are not copied until {@link #toBytes}.
 */
public final class ProtoWriter {
  private static final int VARINT = 0;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final List<byte[]> done = new ArrayList<>();
  private long doneBytes;
  private ByteArrayOutputStream open = new ByteArrayOutputStream();

  public ProtoWriter integer(int field, long value) {
    varint(((long) field << 3) | VARINT);
    varint(value);
    return this;
  }

  public ProtoWriter single(int field, float value) {
    varint(((long) field << 3) | FIXED32);
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      open.write(bits >>> shift);
    }
    return this;
  }

  public ProtoWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The array belongs to the writer from now on. */
  public ProtoWriter bytes(int field, byte[] value) {
    varint(((long) field << 3) | BYTES);
    varint(value.length);
    append(value);
    return this;
  }

  public ProtoWriter message(int field, ProtoWriter value) {
    varint(((long) field << 3) | BYTES);
    varint(value.size());
    return fields(value);
  }

  /** All fields of another message, as fields of this one. */
  public ProtoWriter fields(ProtoWriter other) {
    other.close();
    other.done.forEach(this::append);
    return this;
  }

  /** The bytes written so far. */
  public long size() {
    return doneBytes + open.size();
  }

  /** The message; {@link #size} must fit an array. */
  public byte[] toBytes() {
    close();
    byte[] all = new byte[Math.toIntExact(doneBytes)];
    int at = 0;
    for (byte[] part : done) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private void append(byte[] value) {
    close();
    done.add(value);
    doneBytes += value.length;
  }

  private void close() {
    if (open.size() > 0) {
      done.add(open.toByteArray());
      doneBytes += open.size();
      open = new ByteArrayOutputStream();
    }
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      open.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    open.write((int) rest);
  }
}
