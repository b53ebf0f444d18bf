package io.trainyard.tensor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A safetensors file of named tensors, mapped into memory.
 *
 * <p>Layout: 8 bytes, the header's length n as an unsigned little-endian integer · n bytes, a JSON
 * object that gives each tensor's {@code dtype}, {@code shape} and {@code data_offsets} [begin,
 * end) · the data, row-major and little-endian; offsets count from its start. Tensors follow each
 * other without gaps or overlap. Spaces may pad the header; we pad it so that the data starts at a
 * multiple of 8. Source: github.com/huggingface/safetensors.
 */
public final class SafeTensors implements AutoCloseable {
  /** How weights of another precision are saved so that they can be read here. */
  public static final String IN_FLOAT32 =
      "Save the weights in float32: {name: tensor.float() for name, tensor in"
          + " model.state_dict().items()}";

  private static final int LENGTH_BYTES = 8;
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Arena arena;
  private final Map<String, HostTensor> tensors;

  private SafeTensors(Arena arena, Map<String, HostTensor> tensors) {
    this.arena = arena;
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * Maps a file. Only its header is read; the operating system loads data on first use.
   *
   * @throws FormatException when the header does not match the bytes of the file
   */
  @SuppressWarnings("MustBeClosedChecker") // the returned object closes the arena
  public static SafeTensors open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new SafeTensors(arena, read(bytes));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** Reads a file that is already in memory; the tensors share that memory. */
  public static Map<String, HostTensor> read(MemorySegment bytes) {
    if (bytes.byteSize() < LENGTH_BYTES) {
      throw new FormatException(
          "a safetensors file starts with 8 bytes of length; there are " + bytes.byteSize());
    }
    long headerBytes = bytes.get(LENGTH, 0);
    long rest = bytes.byteSize() - LENGTH_BYTES;
    if (headerBytes < 2 || headerBytes > Math.min(rest, SafeTensorsHeader.MAX_BYTES)) {
      throw new FormatException(
          "the header claims to have "
              + Long.toUnsignedString(headerBytes)
              + " bytes; the file has "
              + rest
              + " and at most "
              + SafeTensorsHeader.MAX_BYTES
              + " are allowed");
    }
    byte[] header = bytes.asSlice(LENGTH_BYTES, headerBytes).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment data = bytes.asSlice(LENGTH_BYTES + headerBytes);
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    SafeTensorsHeader.read(header, data.byteSize())
        .forEach(
            (name, entry) ->
                tensors.put(
                    name,
                    new HostTensor(
                        entry.type(),
                        entry.shape(),
                        data.asSlice(entry.begin(), entry.end() - entry.begin()))));
    return tensors;
  }

  /** Writes tensors in the order of the map; the same map gives the same bytes. */
  public static void write(Map<String, HostTensor> tensors, WritableByteChannel out)
      throws IOException {
    byte[] header = header(tensors);
    ByteBuffer start =
        ByteBuffer.allocate(LENGTH_BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
    writeFully(start.putLong(header.length).put(header).flip(), out);
    for (HostTensor tensor : tensors.values()) {
      MemorySegment data = tensor.data();
      for (long at = 0; at < data.byteSize(); ) {
        long chunk = Math.min(data.byteSize() - at, 1 << 30);
        writeFully(data.asSlice(at, chunk).asByteBuffer(), out);
        at += chunk;
      }
    }
  }

  private static byte[] header(Map<String, HostTensor> tensors) {
    ObjectNode header = MAPPER.createObjectNode();
    long offset = 0;
    for (var tensor : tensors.entrySet()) {
      ObjectNode entry = header.putObject(tensor.getKey());
      entry.put("dtype", tensor.getValue().type().safeTensorsName());
      ArrayNode shape = entry.putArray("shape");
      tensor.getValue().shape().dims().forEach(shape::add);
      entry.putArray("data_offsets").add(offset).add(offset + tensor.getValue().bytes());
      offset += tensor.getValue().bytes();
    }
    byte[] json = MAPPER.writeValueAsBytes(header);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void writeFully(ByteBuffer buffer, WritableByteChannel out) throws IOException {
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  /** The tensors by name, in the order of the header; they are valid until {@link #close}. */
  public Map<String, HostTensor> tensors() {
    return tensors;
  }

  /** The tensor of that name, which must exist. */
  public HostTensor tensor(String name) {
    HostTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("there is no tensor '" + name + "'");
    }
    return tensor;
  }

  @Override
  public void close() {
    arena.close();
  }
}
