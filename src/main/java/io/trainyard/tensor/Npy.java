package io.trainyard.tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One tensor in NumPy's file format.
 *
 * <p>Layout: {@code 93 'N' 'U' 'M' 'P' 'Y'} · major and minor version, a byte each · the header's
 * length, little-endian, in 2 bytes (version 1) or 4 (versions 2 and 3) · the header, a Python
 * dictionary literal of {@code descr}, {@code fortran_order} and {@code shape} · the data. Read:
 * versions 1 to 3, both orders of bytes and of axes, every numeric type. Written: version 1,
 * little-endian, row-major. Source: numpy.lib.format.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy writes about 100 bytes. The bound limits the recursion of the pattern below. */
  private static final int MAX_HEADER = 2048;

  private static final int MAX_RANK = 16;
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{\\s*(?:'(descr)'\\s*:\\s*'([^']*)'|'(fortran_order)'\\s*:\\s*(True|False)"
              + "|'(shape)'\\s*:\\s*\\(([^)]*)\\)|[\\s,]++)*\\}\\s*");
  private static final Pattern DESCR =
      Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)([a-zA-Z])(\\d{0,4})(?:\\[\\w+])?'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\sL]*)\\)");

  private Npy() {}

  /** A tensor as a file. */
  public static byte[] write(HostTensor tensor) {
    byte[] header = header(tensor);
    byte[] file =
        Arrays.copyOf(header, Math.toIntExact(Math.addExact(header.length, tensor.bytes())));
    MemorySegment.copy(
        tensor.data(), ValueLayout.JAVA_BYTE, 0, file, header.length, file.length - header.length);
    return file;
  }

  /** The length of a tensor's file. */
  public static long length(HostTensor tensor) {
    return header(tensor).length + tensor.bytes();
  }

  /** Writes a tensor as a file, piece by piece. */
  public static void write(HostTensor tensor, OutputStream out) throws IOException {
    out.write(header(tensor));
    tensor.writeTo(out);
  }

  private static byte[] header(HostTensor tensor) {
    List<Integer> dims = tensor.shape().dims();
    StringBuilder shape = new StringBuilder("(");
    for (int i = 0; i < dims.size(); i++) {
      shape
          .append(dims.get(i))
          .append(i == 0 && dims.size() == 1 ? "," : i < dims.size() - 1 ? ", " : "");
    }
    String text =
        "{'descr': '%s', 'fortran_order': False, 'shape': %s), }"
            .formatted(tensor.type().npyName(), shape);
    int start = MAGIC.length + 4;
    byte[] header = new byte[(start + text.length() + 1 + 63) / 64 * 64];
    Arrays.fill(header, start, header.length, (byte) ' ');
    System.arraycopy(MAGIC, 0, header, 0, MAGIC.length);
    header[6] = 1;
    int length = header.length - start;
    header[8] = (byte) length;
    header[9] = (byte) (length >> 8);
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, header, start, ascii.length);
    header[header.length - 1] = '\n';
    return header;
  }

  /**
   * Reads a whole file. Half-precision floats become FLOAT32, unsigned integers the next larger
   * signed type.
   *
   * @throws FormatException when it is not such a file, or its header and its length disagree
   */
  public static HostTensor read(byte[] file) {
    return read(MemorySegment.ofArray(file));
  }

  /** As {@link #read(byte[])}, from a memory segment, such as a mapped file. */
  public static HostTensor read(MemorySegment bytes) {
    return open(bytes).all();
  }

  /** Reads the header only; rows are read on demand. */
  public static NpyRows open(MemorySegment bytes) {
    byte[] file =
        bytes
            .asSlice(0, Math.min(bytes.byteSize(), MAX_HEADER + 12L))
            .toArray(ValueLayout.JAVA_BYTE);
    if (file.length < 10 || !Arrays.equals(file, 0, 6, MAGIC, 0, 6)) {
      throw new FormatException("it does not start like an NPY file");
    }
    int version = file[6];
    if (version < 1 || version > 3 || file[7] != 0) {
      throw new FormatException(
          "its version is " + version + "." + file[7] + "; known are 1.0, 2.0 and 3.0");
    }
    int start = version == 1 ? 10 : 12;
    long length = headerLength(file, version);
    if (length > MAX_HEADER || length > file.length - start) {
      throw new FormatException("its header claims to have " + length + " bytes");
    }
    String header = new String(file, start, (int) length, StandardCharsets.UTF_8);
    if (!HEADER.matcher(header).matches()) {
      throw new FormatException("its header is not a dictionary of descr, fortran_order and shape");
    }
    NpyElements elements = elements(header);
    Shape shape = shape(header);
    int data = start + (int) length;
    if (bytes.byteSize() - data != shape.elements() * (double) elements.bytes()) {
      throw new FormatException(
          "a shape of %s with %d bytes each takes %.0f bytes, and there are %d"
              .formatted(
                  shape,
                  elements.bytes(),
                  shape.elements() * (double) elements.bytes(),
                  bytes.byteSize() - data));
    }
    MemorySegment source = bytes.asSlice(data);
    boolean fortran = find(ORDER, header).group(1).equals("True") && shape.rank() > 1;
    return new NpyRows(source, elements, shape, fortran ? fortranIndex(shape) : null);
  }

  private static long headerLength(byte[] file, int version) {
    MemorySegment bytes = MemorySegment.ofArray(file);
    if (version == 1) {
      return bytes.get(
              ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), MAGIC.length + 2)
          & 0xffff;
    }
    if (file.length < 12) {
      throw new FormatException("it ends in its header");
    }
    return bytes.get(
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), MAGIC.length + 2)
        & 0xffff_ffffL;
  }

  private static NpyElements elements(String header) {
    Matcher descr = find(DESCR, header);
    return NpyElements.of(
        descr.group(2).charAt(0),
        descr.group(3).isEmpty() ? 0 : Integer.parseInt(descr.group(3)),
        descr.group(1).equals(">"));
  }

  private static Shape shape(String header) {
    List<Integer> dims = new ArrayList<>();
    for (String dim : find(SHAPE, header).group(1).split(",", -1)) {
      if (!dim.isBlank()) {
        try {
          dims.add(Integer.parseInt(dim.strip()));
        } catch (NumberFormatException e) {
          throw new FormatException("its shape has an axis of length '" + dim.strip() + "'", e);
        }
      }
    }
    if (dims.size() > MAX_RANK) {
      throw new FormatException(
          "it has " + dims.size() + " axes; at most " + MAX_RANK + " are read");
    }
    try {
      return new Shape(dims);
    } catch (IllegalArgumentException e) {
      throw new FormatException("its " + e.getMessage(), e);
    }
  }

  private static Matcher find(Pattern pattern, String header) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new FormatException("its header is " + header.strip() + ", which cannot be read");
    }
    return matcher;
  }

  /** The index in a column-major file of each element of the row-major tensor. */
  private static NpyElements.Index fortranIndex(Shape shape) {
    List<Integer> dims = shape.dims();
    long[] strides = new long[dims.size()];
    long stride = 1;
    for (int i = 0; i < strides.length; i++) {
      strides[i] = stride;
      stride *= dims.get(i);
    }
    return row -> {
      long at = 0;
      long left = row;
      for (int i = strides.length - 1; i >= 0; i--) {
        int dim = dims.get(i);
        at += left % dim * strides[i];
        left /= dim;
      }
      return at;
    };
  }
}
