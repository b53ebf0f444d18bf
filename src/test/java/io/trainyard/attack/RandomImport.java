package io.trainyard.attack;

import io.trainyard.Http;
import io.trainyard.Multipart;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A version to import: random inputs, targets and a network that joins them, with weights and an
 * encoding that fit. Faults are made in a copy. The same seed makes the same import.
 */
final class RandomImport {
  private static final JsonMapper JSON = new JsonMapper();

  private static final List<String> WORDS =
      List.of(
          "none",
          "standard",
          "minmax",
          "unit",
          "one_hot",
          "index",
          "error",
          "zeros",
          "mean",
          "median",
          "most_frequent",
          "float32",
          "int64",
          "float64",
          "integer",
          "number",
          "string",
          "boolean",
          "timestamp",
          "tensor",
          "class",
          "input",
          "layer",
          "o",
          "h",
          "x0",
          "a0",
          "b0");

  private final RandomGenerator random;
  private final ObjectNode spec = JSON.createObjectNode();
  private final ObjectNode encoding = JSON.createObjectNode();
  private final ObjectNode instance = JSON.createObjectNode();
  private final ArrayNode layers = JSON.createArrayNode();

  /** By tensor its shape. */
  private final Map<String, int[]> weights = new LinkedHashMap<>();

  RandomImport(long seed, String model) {
    random = new SplittableRandom(seed);
    spec.put("name", model);
    ObjectNode inputs = spec.putObject("inputs");
    ObjectNode learned = encoding.putObject("inputs");
    ArrayNode joined = JSON.createArrayNode();
    int width = 0;
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      width += input(i, inputs.putObject("x" + i), learned.putObject("x" + i));
      joined.add("f" + i);
    }
    if (count > 1) {
      layer("concat", "c").set("inputs", joined);
    }
    dense("h", width, 2, "relu");
    target(spec.putObject("targets").putObject("t"), encoding.putObject("targets").putObject("t"));
    spec.putObject("network").set("layers", layers);
  }

  private ObjectNode layer(String type, String name) {
    return layers.addObject().put("type", type).put("name", name);
  }

  private void dense(String name, int in, int units, String activation) {
    layer("dense", name).put("units", units).put("activation", activation);
    weights.put(name + ".weight", new int[] {units, in});
    weights.put(name + ".bias", new int[] {units});
  }

  /** An input with the columns a and b, flattened; the number of its elements. */
  private int input(int number, ObjectNode input, ObjectNode learned) {
    String name = "x" + number;
    String a = "a" + number;
    ArrayNode columns = learned.put("type", "float32").putArray("columns");
    int width =
        switch (random.nextInt(6)) {
          case 0 -> numbers(number, input, learned, columns);
          case 1 -> {
            input.putArray("columns").add(a);
            columns.add(category(a, "string", "one_hot"));
            instance.put(a, "q");
            yield row(learned, 3);
          }
          case 2 -> {
            input.putArray("columns").add(a);
            input.putObject("encode").put(a, "one_hot");
            ObjectNode whole = category(a, "integer", "one_hot");
            whole.putArray("categories").add(10).add("20").add(99);
            columns.add(whole);
            instance.put(a, 99);
            yield row(learned, 3);
          }
          case 3 -> {
            input.put("column", a).putArray("shape").add(2).add(2);
            ObjectNode tensor = number(a, "tensor");
            tensor.putArray("shape").add(2).add(2);
            columns.add(tensor);
            learned.putArray("shape").add(2).add(2);
            instance.set(a, JSON.readTree("[[1, 2], [3, 4]]"));
            yield 4;
          }
          case 4 -> {
            input.put("encode", "index").putArray("columns").add(a);
            columns.add(category(a, "string", "index"));
            learned.put("type", "int64");
            instance.put(a, "q");
            row(learned, 1);
            layer("embedding", "e" + number)
                .put("vocabulary", 3)
                .put("dim", 2)
                .putArray("inputs")
                .add(name);
            weights.put("e" + number + ".weight", new int[] {3, 2});
            yield 2;
          }
          default -> {
            input.put("window", 3).putArray("columns").add(a);
            columns.add(number(a, "number"));
            learned.putObject("window").put("length", 3);
            learned.putArray("shape").add(3).add(1);
            instance.putArray(a).add(1).add(2).add(3);
            yield 3;
          }
        };
    ObjectNode flat = layer("flatten", "f" + number);
    boolean embedded = weights.containsKey("e" + number + ".weight");
    flat.putArray("inputs").add(embedded ? "e" + number : name);
    return width;
  }

  private static int row(ObjectNode learned, int width) {
    learned.putArray("shape").add(width);
    return width;
  }

  private int numbers(int number, ObjectNode input, ObjectNode learned, ArrayNode columns) {
    ArrayNode names = input.putArray("columns");
    for (String name : List.of("a" + number, "b" + number)) {
      names.add(name);
      columns.add(number(name, random.nextBoolean() ? "number" : "integer"));
      instance.put(name, 1.5);
    }
    return row(learned, 2);
  }

  private ObjectNode number(String name, String type) {
    ObjectNode column = JSON.createObjectNode().put("column", name).put("type", type);
    switch (random.nextInt(3)) {
      case 0 -> column.put("scale", "standard").put("offset", 1).put("span", 2);
      case 1 -> column.putObject("scale").put("divide", 4);
      default -> column.put("impute", "mean").put("fill", 3);
    }
    return column;
  }

  private ObjectNode category(String name, String type, String encode) {
    ObjectNode column = JSON.createObjectNode().put("column", name).put("type", type);
    column.put("encode", encode).putArray("categories").add("p").add("q").add("r");
    return column;
  }

  private void target(ObjectNode target, ObjectNode learned) {
    learned.put("output", "o");
    switch (random.nextInt(4)) {
      case 0 -> {
        dense("o", 2, 3, "softmax");
        target.put("column", "y").put("type", "class");
        learned.put("kind", "class").put("column", "y").put("type", "integer");
        learned.putArray("classes").add(1).add(2).add(3);
      }
      case 1 -> {
        dense("o", 2, 1, "sigmoid");
        target.put("column", "y").putArray("classes").add(true).add(false);
        learned.put("kind", "class").put("column", "y").put("type", "boolean");
        learned.putArray("classes").add(true).add(false);
      }
      case 2 -> {
        dense("o", 2, 1, "linear");
        target.put("column", "y");
        learned.put("kind", "number");
        ObjectNode values = learned.putObject("values").put("type", "float32");
        values.putArray("shape").add(1);
        values.putArray("columns").add(number("y", "number"));
      }
      default -> {
        dense("o", 2, 2, "linear");
        target.putArray("columns").add("y").add("z");
        learned.put("kind", "number");
        ObjectNode values = learned.putObject("values").put("type", "float32");
        values.putArray("shape").add(2);
        values.putArray("columns").add(number("y", "number")).add(number("z", "integer"));
      }
    }
  }

  /** Sends it with faults in the spec, the weights and the encoding. */
  Http.Answer send(Http http, int faults) {
    JsonNode changedSpec = spec.deepCopy();
    JsonNode changedEncoding = encoding.deepCopy();
    Map<String, int[]> shapes = new LinkedHashMap<>(weights);
    Map<String, String> types = new LinkedHashMap<>();
    byte[] file = null;
    String rename = null;
    for (int i = 0; i < faults; i++) {
      switch (random.nextInt(7)) {
        case 0 -> changedSpec = changed(changedSpec);
        case 6 -> widen(changedSpec, shapes);
        case 1, 2, 3 -> changedEncoding = changed(changedEncoding);
        case 4 -> damage(shapes, types);
        default -> {
          rename =
              pick(
                  List.of(
                      "{\"h\": \"o\"}",
                      "{\"o.bias\": \"\"}",
                      "{\"h\": \"\"}",
                      "[]",
                      "{\"o\": \"o.o\"}"));
          file = random.nextBoolean() ? garbage(file(shapes, types)) : null;
        }
      }
    }
    Multipart form =
        new Multipart()
            .json("spec", changedSpec.toString())
            .part("weights", file == null ? file(shapes, types) : file);
    if (rename != null) {
      form.json("rename", rename);
    }
    if (faults == 0 || random.nextInt(8) > 0) {
      form.json("encoding", changedEncoding.toString());
    }
    return form.post(http, "/v1/models/" + spec.get("name").stringValue() + "/versions");
  }

  /** A row that the import without faults can answer. */
  String instances() {
    return "{\"instances\": [" + instance + "]}";
  }

  /** Another place, word or number; now and then a wild one. */
  private JsonNode changed(JsonNode root) {
    if (random.nextInt(3) == 0) {
      return new Mutations(random).changed(root);
    }
    List<Runnable> changes = new ArrayList<>();
    collect(root, changes);
    if (!changes.isEmpty()) {
      pick(changes).run();
    }
    return root;
  }

  private void collect(JsonNode node, List<Runnable> changes) {
    if (node instanceof ObjectNode object) {
      for (String member : List.copyOf(object.propertyNames())) {
        changes.add(() -> object.remove(member));
        if (object.get(member).isString()) {
          changes.add(() -> object.put(member, pick(WORDS)));
        } else if (object.get(member).isNumber()) {
          changes.add(() -> object.put(member, random.nextInt(5) - 1));
        }
        collect(object.get(member), changes);
      }
    } else if (node instanceof ArrayNode array && !array.isEmpty()) {
      changes.add(() -> array.remove(random.nextInt(array.size())));
      changes.add(() -> array.add(array.get(random.nextInt(array.size())).deepCopy()));
      changes.add(
          () -> array.set(random.nextInt(array.size()), JSON.valueToTree(random.nextInt(6))));
      array.forEach(child -> collect(child, changes));
    }
  }

  /** Another unit in the output, with weights that fit it. */
  private static void widen(JsonNode changedSpec, Map<String, int[]> shapes) {
    JsonNode last = changedSpec;
    for (JsonNode layer : changedSpec.at("/network/layers")) {
      last = layer;
    }
    if (last instanceof ObjectNode layer && layer.path("units").isIntegralNumber()) {
      int units = layer.get("units").asInt(0) + 1;
      layer.put("units", units);
      shapes.put("o.weight", new int[] {units, 2});
      shapes.put("o.bias", new int[] {units});
    }
  }

  private void damage(Map<String, int[]> shapes, Map<String, String> types) {
    if (shapes.isEmpty()) {
      return;
    }
    String name = pick(List.copyOf(shapes.keySet()));
    int[] shape = shapes.get(name);
    switch (random.nextInt(6)) {
      case 0 -> types.put(name, pick(List.of("F64", "I32", "F16", "BF16", "BOOL", "I64", "Q4")));
      case 1 -> shapes.remove(name);
      case 2 -> shapes.put("q." + name, shape);
      case 3 -> {
        shapes.remove(name);
        shapes.put(name.replaceFirst("^[a-z]\\d*", "0"), shape);
      }
      case 4 -> shapes.put(name, new int[] {1, 1, 1});
      default -> types.put(name, "NAN");
    }
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private byte[] garbage(byte[] file) {
    if (random.nextBoolean()) {
      return Arrays.copyOf(file, random.nextInt(file.length));
    }
    byte[] changed = file.clone();
    changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
    return changed;
  }

  /** A safetensors file of small numbers; the type "NAN" is that of a float that is none. */
  private static byte[] file(Map<String, int[]> shapes, Map<String, String> types) {
    ObjectNode header = JSON.createObjectNode();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    shapes.forEach(
        (name, shape) -> {
          String type = types.getOrDefault(name, "F32");
          int count = 1;
          ObjectNode entry = header.putObject(name);
          ArrayNode dims = entry.put("dtype", type.equals("NAN") ? "F32" : type).putArray("shape");
          for (int dim : shape) {
            dims.add(dim);
            count *= dim;
          }
          ByteBuffer bytes = ByteBuffer.allocate(count * size(type)).order(ByteOrder.LITTLE_ENDIAN);
          while (size(type) == 4 && bytes.hasRemaining()) {
            bytes.putFloat(type.equals("NAN") ? Float.NaN : 0.25f);
          }
          entry.putArray("data_offsets").add(data.size()).add(data.size() + bytes.capacity());
          data.writeBytes(bytes.array());
        });
    byte[] json = Http.utf8(header.toString());
    return ByteBuffer.allocate(8 + json.length + data.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data.toByteArray())
        .array();
  }

  private static int size(@Nullable String type) {
    return switch (String.valueOf(type)) {
      case "F64", "I64" -> 8;
      case "F16", "BF16" -> 2;
      case "BOOL" -> 1;
      default -> 4;
    };
  }
}
