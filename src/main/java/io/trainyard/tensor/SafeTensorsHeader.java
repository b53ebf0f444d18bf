package io.trainyard.tensor;

import io.trainyard.json.StrictJson;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The header of a safetensors file, checked against the size of the data. */
final class SafeTensorsHeader {
  /** Enough for 80,000 tensors; a network stores at most about 20,000. */
  static final int MAX_BYTES = 8 << 20;

  private static final int MAX_RANK = 16;
  private static final String METADATA = "__metadata__";

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(8).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private SafeTensorsHeader() {}

  /** The bytes [begin, end) of a tensor in the data. */
  record Entry(ElementType type, Shape shape, long begin, long end) {}

  /** Reads a header whose tensors must cover the data exactly. */
  static Map<String, Entry> read(byte[] json, long dataBytes) {
    JsonNode root = parse(json);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (var member : root.properties()) {
      if (!member.getKey().equals(METADATA)) {
        entries.put(member.getKey(), entry(member.getKey(), member.getValue()));
      }
    }
    checkTiling(entries, dataBytes);
    return entries;
  }

  private static JsonNode parse(byte[] json) {
    try {
      JsonNode root = MAPPER.readTree(json);
      if (root.isObject()) {
        return root;
      }
      throw new FormatException("the header is not a JSON object");
    } catch (JacksonException e) {
      throw new FormatException("the header is not JSON: " + StrictJson.reason(e), e);
    }
  }

  private static Entry entry(String name, JsonNode node) {
    if (!node.isObject()) {
      throw new FormatException("tensor '" + name + "' is not described by an object");
    }
    ElementType type = type(name, node.path("dtype"));
    Shape shape = shape(name, node.path("shape"));
    JsonNode offsets = node.path("data_offsets");
    if (!offsets.isArray() || offsets.size() != 2 || !isOffset(offsets.get(0))) {
      throw new FormatException("tensor '" + name + "' needs data_offsets [begin, end]");
    }
    long begin = offsets.get(0).longValue();
    if (!isOffset(offsets.get(1)) || offsets.get(1).longValue() < begin) {
      throw new FormatException("tensor '" + name + "' ends before it begins");
    }
    long end = offsets.get(1).longValue();
    if (!fits(shape, type, end - begin)) {
      throw new FormatException(
          "tensor '"
              + name
              + "' of shape "
              + shape
              + " and dtype "
              + type.safeTensorsName()
              + " cannot take "
              + (end - begin)
              + " bytes");
    }
    return new Entry(type, shape, begin, end);
  }

  private static boolean isOffset(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0;
  }

  private static boolean fits(Shape shape, ElementType type, long bytes) {
    // The number of elements fits a long; the number of bytes may not.
    return bytes % type.bytes() == 0 && bytes / type.bytes() == shape.elements();
  }

  private static ElementType type(String name, JsonNode dtype) {
    for (ElementType type : ElementType.values()) {
      if (dtype.isString() && dtype.stringValue().equals(type.safeTensorsName())) {
        return type;
      }
    }
    boolean isFloat = dtype.isString() && dtype.stringValue().matches("(B?F16|F8_.*)");
    throw new FormatException(
        "tensor '"
            + name
            + "' has dtype "
            + dtype
            + "; known are F32, F64, I8…I64, U8 and BOOL"
            + (isFloat ? ". " + SafeTensors.IN_FLOAT32 : ""));
  }

  private static Shape shape(String name, JsonNode dims) {
    if (!dims.isArray() || dims.size() > MAX_RANK) {
      throw new FormatException(
          "tensor '" + name + "' needs a shape of at most " + MAX_RANK + " axes");
    }
    List<Integer> lengths = new ArrayList<>();
    for (JsonNode dim : dims) {
      if (!dim.isIntegralNumber() || !dim.canConvertToInt() || dim.intValue() < 0) {
        throw new FormatException("tensor '" + name + "' has an axis of length " + dim);
      }
      lengths.add(dim.intValue());
    }
    try {
      return new Shape(lengths);
    } catch (IllegalArgumentException e) {
      throw new FormatException("tensor '" + name + "': " + e.getMessage(), e);
    }
  }

  private static void checkTiling(Map<String, Entry> entries, long dataBytes) {
    List<Map.Entry<String, Entry>> inOrder = new ArrayList<>(entries.entrySet());
    inOrder.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long end = 0;
    for (var entry : inOrder) {
      if (entry.getValue().begin() != end) {
        throw new FormatException(
            "tensor '"
                + entry.getKey()
                + "' begins at byte "
                + entry.getValue().begin()
                + " of the data where "
                + end
                + " was expected: tensors must follow each other without gaps");
      }
      end = entry.getValue().end();
    }
    if (end != dataBytes) {
      throw new FormatException(
          "the tensors take " + end + " bytes of data, the file has " + dataBytes);
    }
  }
}
