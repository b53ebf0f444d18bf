package io.trainyard.predict.request;

import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.encoding.ColumnEncoding;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.FittedScale;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.model.VersionDefinition;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Npy;
import io.trainyard.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Bodies of requests with made-up rows for a version, in each format that it takes. Numbers lie
 * where its encoding has learned that they do, and categories are those that it knows.
 */
public final class PracticeBodies {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Rows with different values; then they repeat. */
  private static final int PERIOD = 5;

  private final VersionDefinition definition;

  public PracticeBodies(VersionDefinition definition) {
    this.definition = definition;
  }

  /** {@code {"instances": …}}. */
  public byte[] instances(int rows) {
    Encoding encoding = definition.encoding();
    List<Object> instances = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      instances.add(encoding == null ? tensors() : columns(encoding, row));
    }
    return bytes(Map.of("instances", instances));
  }

  private static Map<String, Object> columns(Encoding encoding, int row) {
    Map<String, ColumnEncoding> columns = new LinkedHashMap<>();
    Map<String, Integer> lengths = new LinkedHashMap<>();
    for (InputEncoding input : encoding.inputs().values()) {
      for (ColumnEncoding column : input.columns()) {
        columns.putIfAbsent(column.column(), column);
        lengths.merge(column.column(), input.window() == null ? 0 : input.rows(), Math::max);
      }
    }
    Map<String, Object> instance = new LinkedHashMap<>();
    columns.forEach(
        (name, column) -> {
          int length = lengths.getOrDefault(name, 0);
          List<Object> window = new ArrayList<>();
          for (int i = 0; i < length; i++) {
            window.add(cell(column, row + i));
          }
          instance.put(name, length == 0 ? cell(column, row) : window);
        });
    return instance;
  }

  private static Object cell(ColumnEncoding column, int row) {
    return switch (column) {
      case ColumnEncoding.Category category -> label(category, row);
      case ColumnEncoding.Numeric number -> {
        Shape shape = column.shape();
        yield shape == null ? scalar(number, row) : nested(shape, 0, scalar(number, row));
      }
    };
  }

  private static Object label(ColumnEncoding.Category category, int row) {
    String label = category.categories().get(row % category.categories().size());
    return switch (category.type()) {
      case BOOLEAN -> Boolean.valueOf(label);
      case INTEGER -> Long.valueOf(label);
      case NUMBER -> Double.valueOf(label);
      case STRING, TIMESTAMP, TENSOR -> label;
    };
  }

  private static Object scalar(ColumnEncoding.Numeric number, int row) {
    double x = number(number, row);
    if (number.isTime()) {
      return Instant.ofEpochSecond(Math.round(x)).toString();
    }
    return number.type() == ColumnType.NUMBER ? (Object) x : (Object) Math.round(x);
  }

  private static double number(ColumnEncoding.Numeric number, int row) {
    FittedScale.Affine line = number.known().scale().line();
    return line.offset() + line.span() * (row % PERIOD - PERIOD / 2) / PERIOD;
  }

  /** The only input, or all by their names. */
  private Object tensors() {
    Map<String, Object> inputs = new LinkedHashMap<>();
    definition
        .signature()
        .inputs()
        .forEach(
            (name, input) ->
                inputs.put(
                    name,
                    nested(
                        input.shape(), 0, input.type() == ElementType.INT64 ? 0L : (Object) 0.5)));
    return inputs.size() == 1 ? inputs.values().iterator().next() : inputs;
  }

  private static Object nested(Shape shape, int axis, Object element) {
    if (axis == shape.rank()) {
      return element;
    }
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < shape.axis(axis); i++) {
      all.add(nested(shape, axis + 1, element));
    }
    return all;
  }

  /** An NPY file; empty for a version that takes none. */
  public Optional<byte[]> array(int rows) {
    Encoding encoding = definition.encoding();
    if (encoding == null) {
      Map<String, Signature.Tensor> inputs = definition.signature().inputs();
      if (inputs.size() != 1) {
        return Optional.empty();
      }
      Signature.Tensor input = inputs.values().iterator().next();
      return Optional.of(Npy.write(input.zeros(rows)));
    }
    if (encoding.inputs().size() != 1) {
      return Optional.empty();
    }
    InputEncoding input = encoding.inputs().values().iterator().next();
    List<ColumnEncoding.Numeric> numbers = new ArrayList<>();
    for (ColumnEncoding column : input.columns()) {
      if (column instanceof ColumnEncoding.Numeric number
          && number.shape() == null
          && !number.isTime()
          && input.window() == null) {
        numbers.add(number);
      } else {
        return Optional.empty();
      }
    }
    HostTensor tensor =
        HostTensor.allocate(ElementType.FLOAT64, new Shape(List.of(rows, numbers.size())));
    for (int i = 0; i < rows * numbers.size(); i++) {
      tensor.setDouble(i, Math.rint(number(numbers.get(i % numbers.size()), i / numbers.size())));
    }
    return Optional.of(Npy.write(tensor));
  }

  /**
   * Named tensors of the Open Inference Protocol.
   *
   * @param json what stands before the bytes of binary tensors, or all
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Tensors(byte[] json, byte[] binary) {
    /** As one body. */
    public byte[] body() {
      return ByteBuffer.allocate(json.length + binary.length).put(json).put(binary).array();
    }
  }

  /** Named tensors, whose elements are zeros, or the first categories. */
  public Tensors tensors(int rows, boolean binary) {
    List<Object> inputs = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    for (NamedInputs.Described input : NamedInputs.of(definition)) {
      DataType type = DataType.of(input.type());
      Map<String, Object> tensor = new LinkedHashMap<>();
      tensor.put("name", input.name());
      tensor.put("shape", input.row().batched(rows).dims());
      tensor.put("datatype", type.name());
      int elements = Math.toIntExact(input.row().elements() * rows);
      if (binary && type != DataType.BYTES) {
        byte[] content =
            ByteBuffer.allocate(elements * type.bytes()).order(ByteOrder.LITTLE_ENDIAN).array();
        contents.add(content);
        tensor.put("parameters", Map.of("binary_data_size", content.length));
      } else {
        List<Object> data = new ArrayList<>();
        for (int i = 0; i < elements; i++) {
          data.add(element(type, input.name()));
        }
        tensor.put("data", data);
      }
      inputs.add(tensor);
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("inputs", inputs);
    if (binary) {
      body.put("parameters", Map.of("binary_data_output", true));
    }
    ByteBuffer all = ByteBuffer.allocate(contents.stream().mapToInt(each -> each.length).sum());
    contents.forEach(all::put);
    return new Tensors(bytes(body), all.array());
  }

  private Object element(DataType type, String column) {
    if (type == DataType.BOOL) {
      return false;
    }
    Encoding encoding = definition.encoding();
    if (encoding != null) {
      for (ColumnEncoding each : encoding.inputColumns()) {
        boolean known = each instanceof ColumnEncoding.Category || type == DataType.BYTES;
        if (known && each.column().equals(column)) {
          return cell(each, 0);
        }
      }
    }
    return type == DataType.FP32 || type == DataType.FP64 ? (Object) 0.5 : (Object) 0L;
  }

  private static byte[] bytes(Object json) {
    return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
  }
}
