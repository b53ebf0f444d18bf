package io.trainyard.predict.request;

import io.trainyard.error.ServiceException;
import io.trainyard.predict.ByteBudget;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A tensor as bytes, little-endian and row-major, as the Open Inference Protocol sends it behind
 * JSON and in raw contents. A text has its length in front, in four bytes.
 *
 * @param sizePointer names the place of a wrong length in an error
 * @param dataPointer names the place of wrong bytes in an error
 */
public record BinaryTensor(
    String name,
    DataType type,
    Shape shape,
    MemorySegment bytes,
    String sizePointer,
    String dataPointer) {
  /** The bytes that a text takes in memory besides its own. */
  public static final int TEXT_BYTES = 56;

  private static final int LENGTH_BYTES = Integer.BYTES;

  /**
   * Reads it; the bytes are shared where the type is one of ours.
   *
   * @param memory counts what is not shared
   */
  public NamedTensor read(ByteBudget.Reservation memory) {
    long elements = shape.elements();
    if (type == DataType.BYTES) {
      return new NamedTensor.Texts(name, shape, texts(elements, memory));
    }
    long expected = Math.multiplyExact(elements, type.bytes());
    if (expected != bytes.byteSize()) {
      throw ServiceException.invalid(
          sizePointer,
          "%d bytes were expected for the shape %s and the type %s, got %d"
              .formatted(expected, shape, type, bytes.byteSize()));
    }
    if (type == DataType.UINT16 || type == DataType.UINT32 || type == DataType.FP16) {
      memory.add(elements, Long.BYTES, "input");
    }
    HostTensor tensor = type.read(shape, bytes);
    if (type == DataType.UINT64) {
      requirePositive(tensor, elements);
    }
    return new NamedTensor.Numbers(name, tensor, type, new BitSet(0));
  }

  private void requirePositive(HostTensor tensor, long elements) {
    for (long i = 0; i < elements; i++) {
      if (tensor.type() == ElementType.INT64 && tensor.longAt(i) < 0) {
        throw refused("Element %d is larger than %d".formatted(i, Long.MAX_VALUE));
      }
    }
  }

  private ServiceException refused(String detail) {
    return ServiceException.invalid(dataPointer, detail);
  }

  private List<String> texts(long elements, ByteBudget.Reservation memory) {
    if (elements > bytes.byteSize() / LENGTH_BYTES) {
      throw ServiceException.invalid(
          sizePointer,
          "The shape has %d texts, which need more than the %d bytes that were sent"
              .formatted(elements, bytes.byteSize()));
    }
    memory.add(elements, TEXT_BYTES, "input");
    List<String> read = new ArrayList<>((int) elements);
    ByteBuffer data = bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < elements; i++) {
      int length = data.remaining() < LENGTH_BYTES ? -1 : data.getInt();
      if (length < 0 || length > data.remaining()) {
        throw refused("Text %d is longer than the bytes that are left".formatted(i));
      }
      read.add(text(i, data.slice(data.position(), length)));
      data.position(data.position() + length);
    }
    if (data.hasRemaining()) {
      throw refused("There are %d bytes behind the last text".formatted(data.remaining()));
    }
    return read;
  }

  private String text(long index, ByteBuffer utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw refused("Text %d is not UTF-8".formatted(index));
    }
  }

  /** How many bytes an output takes in this form. */
  public static long length(NamedTensor output) {
    return switch (output) {
      case NamedTensor.Numbers(_, HostTensor tensor, _, _, _) -> tensor.bytes();
      case NamedTensor.Texts texts -> {
        long bytes = 0;
        for (String text : texts.elements()) {
          bytes += LENGTH_BYTES + text.getBytes(StandardCharsets.UTF_8).length;
        }
        yield bytes;
      }
    };
  }

  /** Writes an output in this form. */
  public static void write(NamedTensor output, OutputStream out) throws IOException {
    switch (output) {
      case NamedTensor.Numbers(_, HostTensor tensor, _, _, _) -> tensor.writeTo(out);
      case NamedTensor.Texts texts -> {
        for (String text : texts.elements()) {
          byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
          ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
          out.write(length.putInt(utf8.length).array());
          out.write(utf8);
        }
      }
    }
  }
}
