package io.trainyard.grpc;

import com.google.protobuf.ByteString;
import io.trainyard.error.ServiceException;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.predict.ByteBudget;
import io.trainyard.predict.request.BinaryTensor;
import io.trainyard.predict.request.DataType;
import io.trainyard.predict.request.NamedTensor;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The elements of one input, in the field of its type.
 *
 * @param pointer names their place in an error
 */
record TypedContents(
    String name, DataType type, Shape shape, InferTensorContents contents, String pointer) {

  /** The elements of all fields together. */
  static long count(InferTensorContents contents) {
    return (long) contents.getBoolContentsCount()
        + contents.getIntContentsCount()
        + contents.getInt64ContentsCount()
        + contents.getUintContentsCount()
        + contents.getUint64ContentsCount()
        + contents.getFp32ContentsCount()
        + contents.getFp64ContentsCount()
        + contents.getBytesContentsCount();
  }

  /** The tensor that they are. */
  NamedTensor read(ByteBudget.Reservation memory) {
    if (type == DataType.FP16) {
      throw refused("FP16 has no field here; send it in raw_input_contents");
    }
    long given = given();
    if (given != count(contents)) {
      throw refused(
          "The type %s has its elements in %s, but other fields have some too"
              .formatted(type, field()));
    }
    long elements = shape.elements();
    if (given != elements) {
      throw refused(
          "The shape %s has %d elements, %s has %d".formatted(shape, elements, field(), given));
    }
    if (type == DataType.BYTES) {
      memory.add(elements, BinaryTensor.TEXT_BYTES, "input");
      return new NamedTensor.Texts(name, shape, texts());
    }
    memory.add(elements, type.inJson().bytes(), "input");
    HostTensor tensor = HostTensor.allocate(type.inJson(), shape);
    for (int i = 0; i < elements; i++) {
      put(tensor, i);
    }
    return new NamedTensor.Numbers(name, tensor, type, new BitSet(0));
  }

  private long given() {
    return switch (type) {
      case BOOL -> contents.getBoolContentsCount();
      case INT8, INT16, INT32 -> contents.getIntContentsCount();
      case INT64 -> contents.getInt64ContentsCount();
      case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
      case UINT64 -> contents.getUint64ContentsCount();
      case FP32 -> contents.getFp32ContentsCount();
      case FP64 -> contents.getFp64ContentsCount();
      case BYTES -> contents.getBytesContentsCount();
      case FP16 -> 0;
    };
  }

  private String field() {
    return switch (type) {
      case BOOL -> "bool_contents";
      case INT8, INT16, INT32 -> "int_contents";
      case INT64 -> "int64_contents";
      case UINT8, UINT16, UINT32 -> "uint_contents";
      case UINT64 -> "uint64_contents";
      case FP32 -> "fp32_contents";
      case FP64 -> "fp64_contents";
      case BYTES -> "bytes_contents";
      case FP16 -> "raw_input_contents";
    };
  }

  private void put(HostTensor into, int at) {
    switch (type) {
      case BOOL -> into.setByte(at, (byte) (contents.getBoolContents(at) ? 1 : 0));
      case FP32 -> into.setFloat(at, contents.getFp32Contents(at));
      case FP64 -> into.setDouble(at, contents.getFp64Contents(at));
      default -> {
        long whole = whole(at);
        if (whole < type.smallest() || whole > type.largest()) {
          throw refused("Element %d is %d, not of the type %s".formatted(at, whole, type));
        }
        into.setLong(at, whole);
      }
    }
  }

  private long whole(int at) {
    return switch (type) {
      case INT64 -> contents.getInt64Contents(at);
      // One that is too large for a long is negative here, and refused.
      case UINT64 -> contents.getUint64Contents(at);
      case UINT8, UINT16, UINT32 -> Integer.toUnsignedLong(contents.getUintContents(at));
      default -> contents.getIntContents(at);
    };
  }

  private List<String> texts() {
    List<String> texts = new ArrayList<>(contents.getBytesContentsCount());
    for (ByteString text : contents.getBytesContentsList()) {
      if (!text.isValidUtf8()) {
        throw refused("Text %d is not UTF-8".formatted(texts.size()));
      }
      texts.add(text.toStringUtf8());
    }
    return texts;
  }

  private ServiceException refused(String detail) {
    return ServiceException.invalid(pointer, detail);
  }
}
