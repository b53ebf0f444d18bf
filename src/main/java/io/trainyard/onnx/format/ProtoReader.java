package io.trainyard.onnx.format;

import io.trainyard.tensor.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Reads the fields of one protobuf message, in order. Nothing is copied, and a message within it is
 * a reader of its own.
 */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private static final int MOST_TEXT = 1 << 16;

  private final ByteBuffer bytes;
  private int type;
  private long number;
  private ByteBuffer part = ByteBuffer.allocate(0);

  ProtoReader(ByteBuffer bytes) {
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The number of the next field; 0 at the end. */
  int next() {
    if (!bytes.hasRemaining()) {
      return 0;
    }
    long key = varint();
    type = (int) (key & 7);
    long field = key >>> 3;
    if (field == 0 || field >= 1 << 29) {
      throw fault();
    }
    switch (type) {
      case VARINT -> number = varint();
      case FIXED64 -> {
        require(Long.BYTES);
        number = bytes.getLong();
      }
      case FIXED32 -> {
        require(Integer.BYTES);
        number = bytes.getInt();
      }
      case BYTES -> {
        long length = varint();
        require(length);
        part = bytes.slice(bytes.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(bytes.position() + (int) length);
      }
      default -> throw fault();
    }
    return (int) field;
  }

  /** The bytes of the message. */
  long size() {
    return bytes.capacity();
  }

  long integer() {
    if (type == BYTES) {
      throw fault();
    }
    return number;
  }

  /** One integer, or several packed into one field. */
  List<Long> integers() {
    if (type != BYTES) {
      return List.of(number);
    }
    List<Long> all = new ArrayList<>();
    eachInteger(all::add);
    return all;
  }

  /** Each of one integer, or of several packed into one field. */
  void eachInteger(LongConsumer reader) {
    if (type != BYTES) {
      reader.accept(number);
      return;
    }
    ProtoReader packed = new ProtoReader(part);
    while (packed.bytes.hasRemaining()) {
      reader.accept(packed.varint());
    }
  }

  /** How many integers the field has: a varint ends with the byte below 128. */
  long integersCount() {
    if (type != BYTES) {
      return 1;
    }
    long count = 0;
    for (int at = 0; at < part.limit(); at++) {
      count += part.get(at) >= 0 ? 1 : 0;
    }
    return count;
  }

  /** How many 32-bit numbers the field has. */
  long singles() {
    return type == BYTES ? part.limit() / Float.BYTES : 1;
  }

  /** The bytes of a message, a text or packed numbers, from position 0. */
  ByteBuffer bytes() {
    requireBytes();
    return part.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  ProtoReader message() {
    requireBytes();
    return new ProtoReader(part);
  }

  String text() {
    requireBytes();
    if (part.remaining() > MOST_TEXT) {
      throw new FormatException("a name has " + part.remaining() + " bytes");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(part.duplicate()).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException("a name is not UTF-8", e);
    }
  }

  private void requireBytes() {
    if (type != BYTES) {
      throw fault();
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      require(1);
      byte next = bytes.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw fault();
  }

  private void require(long length) {
    if (length < 0 || length > bytes.remaining()) {
      throw fault();
    }
  }

  private FormatException fault() {
    return new FormatException("it is damaged or truncated at byte " + bytes.position());
  }
}
