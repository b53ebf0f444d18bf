package io.trainyard.onnx.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a host and the process that started it say. A message is its length as four bytes, a byte
 * for its kind, and its members in order, as {@link DataOutputStream} writes them. On each
 * connection the host says {@link Hello}; after that, each request has one answer.
 */
sealed interface HostMessage {
  /** A fault's text is short; names of tensors are too. */
  int MOST_BYTES = 4 << 20;

  /** The first message on each connection. */
  record Hello(long pid) implements HostMessage {}

  /**
   * Reads a file into memory.
   *
   * @param network by which later requests name it
   * @param outputs by name, the types and the shapes of their rows
   * @param oneByOne whether each row is computed alone
   */
  record Load(long network, String file, Map<String, Signature.Tensor> outputs, boolean oneByOne)
      implements HostMessage {}

  /** Frees a network. */
  record Unload(long network) implements HostMessage {}

  /**
   * Computes outputs.
   *
   * @param memory the file with the tensors of this connection from now on; empty: as before
   */
  record Run(long network, String memory, List<Tensor> inputs, List<Tensor> outputs)
      implements HostMessage {}

  /** A tensor at a place of the shared memory. */
  record Tensor(String name, ElementType type, Shape shape, long place) {}

  /**
   * Work that another package does.
   *
   * @param memory as of a {@link Run}
   */
  record Task(String kind, String request, String memory) implements HostMessage {}

  /**
   * All went well.
   *
   * @param bytes of a network that was loaded
   * @param reply to a {@link Task}
   */
  record Done(long bytes, String reply) implements HostMessage {}

  /** The run has ended early, as was wanted. */
  record Stopped() implements HostMessage {}

  /** A refusal. */
  record Refused(ErrorCode code, String detail, List<Violation> violations) implements HostMessage {
    static Refused of(ServiceException e) {
      return new Refused(e.code(), e.detail(), e.violations());
    }

    ServiceException exception() {
      return new ServiceException(code, detail, violations);
    }
  }

  // In bytes

  /** Sends a message. */
  static void write(SocketChannel socket, HostMessage message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0);
    switch (message) {
      case Hello(long pid) -> {
        out.writeByte('h');
        out.writeLong(pid);
      }
      case Load(
              long network,
              String file,
              Map<String, Signature.Tensor> outputs,
              boolean oneByOne) -> {
        out.writeByte('l');
        out.writeLong(network);
        text(out, file);
        out.writeInt(outputs.size());
        for (Map.Entry<String, Signature.Tensor> output : outputs.entrySet()) {
          text(out, output.getKey());
          text(out, output.getValue().type().name());
          shape(out, output.getValue().shape());
        }
        out.writeBoolean(oneByOne);
      }
      case Unload(long network) -> {
        out.writeByte('u');
        out.writeLong(network);
      }
      case Run(long network, String memory, List<Tensor> inputs, List<Tensor> outputs) -> {
        out.writeByte('r');
        out.writeLong(network);
        text(out, memory);
        tensors(out, inputs);
        tensors(out, outputs);
      }
      case Task(String kind, String request, String memory) -> {
        out.writeByte('t');
        text(out, kind);
        text(out, request);
        text(out, memory);
      }
      case Done(long size, String reply) -> {
        out.writeByte('d');
        out.writeLong(size);
        text(out, reply);
      }
      case Stopped() -> out.writeByte('s');
      case Refused(ErrorCode code, String detail, List<Violation> violations) -> {
        out.writeByte('f');
        text(out, code.name());
        text(out, detail);
        out.writeInt(violations.size());
        for (Violation violation : violations) {
          text(out, violation.pointer());
          text(out, violation.detail());
        }
      }
    }
    ByteBuffer frame = ByteBuffer.wrap(bytes.toByteArray());
    frame.putInt(0, frame.limit() - Integer.BYTES);
    while (frame.hasRemaining()) {
      socket.write(frame);
    }
  }

  /**
   * Waits for a message.
   *
   * @throws EOFException when the other process has ended
   */
  static HostMessage read(SocketChannel socket) throws IOException {
    int length = fill(socket, ByteBuffer.allocate(Integer.BYTES)).getInt();
    if (length < 1 || length > MOST_BYTES) {
      throw new IOException("a message of " + length + " bytes");
    }
    byte[] body = fill(socket, ByteBuffer.allocate(length)).array();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
    int kind = in.readByte();
    return switch (kind) {
      case 'h' -> new Hello(in.readLong());
      case 'l' -> {
        long network = in.readLong();
        String file = text(in);
        Map<String, Signature.Tensor> outputs = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
          String name = text(in);
          ElementType type = ElementType.valueOf(text(in));
          outputs.put(name, new Signature.Tensor(type, shape(in)));
        }
        yield new Load(network, file, outputs, in.readBoolean());
      }
      case 'u' -> new Unload(in.readLong());
      case 'r' -> new Run(in.readLong(), text(in), tensors(in), tensors(in));
      case 't' -> new Task(text(in), text(in), text(in));
      case 'd' -> new Done(in.readLong(), text(in));
      case 's' -> new Stopped();
      case 'f' -> {
        ErrorCode code = ErrorCode.valueOf(text(in));
        String detail = text(in);
        List<Violation> violations = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
          violations.add(new Violation(text(in), text(in)));
        }
        yield new Refused(code, detail, violations);
      }
      default -> throw new IOException("a message of kind " + kind);
    };
  }

  private static ByteBuffer fill(SocketChannel socket, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (socket.read(buffer) < 0) {
        throw new EOFException();
      }
    }
    return buffer.flip();
  }

  /** {@link DataOutputStream#writeUTF} ends at 64 KiB. */
  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a text of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return new String(bytes, UTF_8);
  }

  private static void shape(DataOutputStream out, Shape shape) throws IOException {
    out.writeInt(shape.dims().size());
    for (int dim : shape.dims()) {
      out.writeInt(dim);
    }
  }

  private static Shape shape(DataInputStream in) throws IOException {
    List<Integer> dims = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      dims.add(in.readInt());
    }
    return new Shape(dims);
  }

  private static void tensors(DataOutputStream out, List<Tensor> tensors) throws IOException {
    out.writeInt(tensors.size());
    for (Tensor tensor : tensors) {
      text(out, tensor.name());
      text(out, tensor.type().name());
      shape(out, tensor.shape());
      out.writeLong(tensor.place());
    }
  }

  private static List<Tensor> tensors(DataInputStream in) throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = text(in);
      ElementType type = ElementType.valueOf(text(in));
      tensors.add(new Tensor(name, type, shape(in), in.readLong()));
    }
    return tensors;
  }
}
