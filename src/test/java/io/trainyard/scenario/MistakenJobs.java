package io.trainyard.scenario;

import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Jobs that are right, and the changes that spoil them. */
final class MistakenJobs {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int ROWS = 40;

  private static final Map<String, String> BASES =
      Map.of(
          "table",
          job(
              "'mistakes'",
              "{'columns': ['a', 'b']}",
              "{'column': 'species'}",
              "{'type': 'dense', 'units': 8, 'activation': 'relu'},"
                  + "{'type': 'dense', 'units': 3, 'activation': 'softmax'}",
              "categorical_crossentropy"),
          "series",
          job(
              "'mistakes'",
              "{'columns': ['a', 'b'], 'window': {'length': 2, 'group': 'shop', 'order_by':"
                  + " 'day'}}",
              "{'column': 'price', 'scale': 'standard'}",
              "{'type': 'lstm', 'units': 4}, {'type': 'dense', 'units': 1}",
              "mse"),
          "image",
          job(
              "'mistakes-images'",
              "{'column': 'img', 'scale': {'divide': 255}}",
              "{'column': 'kind'}",
              "{'type': 'conv2d', 'filters': 2, 'kernel_size': 3, 'activation': 'relu'},"
                  + "{'type': 'flatten'}, {'type': 'dense', 'units': 2, 'activation': 'softmax'}",
              "categorical_crossentropy"));

  private static final Map<String, String> PLACES =
      Map.of("x", "/model/inputs/x", "y", "/model/targets/y", "layers", "/model/network/layers");

  private MistakenJobs() {}

  private static String job(
      String dataset, String input, String target, String layers, String loss) {
    return """
    {'model': {'name': 'mistakes', 'inputs': {'x': %s}, 'targets': {'y': %s},
               'network': {'layers': [%s]}},
     'dataset': {'name': %s, 'split': {'validation': 0.2}},
     'training': {'loss': '%s', 'epochs': 1, 'seed': 1}}
    """
        .formatted(input, target, layers, dataset, loss);
  }

  /** A base and its changes: {@code table {'epochs': 3, '/dataset/where': 'a > 0'}}. */
  static String body(String job) {
    String[] parts = job.split(" ", 2);
    JsonNode body = parse(Objects.requireNonNull(BASES.get(parts[0]), parts[0]));
    parse(parts[1]).properties().forEach(change -> set(body, change.getKey(), change.getValue()));
    return body.toString();
  }

  private static JsonNode parse(String json) {
    // A double quote inside a string is written with a backslash.
    return JSON.readTree(json.replace("\\\"", "\0").replace('\'', '"').replace("\0", "\\\""));
  }

  private static void set(JsonNode body, String name, JsonNode value) {
    String place = name.startsWith("/") ? name : PLACES.getOrDefault(name, "/training/" + name);
    JsonPointer pointer = JsonPointer.compile(place);
    ObjectNode owner = (ObjectNode) body.at(pointer.head());
    String member = pointer.last().getMatchingProperty();
    if (value.isNull()) {
      owner.remove(member);
    } else {
      owner.set(member, value);
    }
  }

  /** By name: rows as CSV, or as JSON lines. */
  static Map<String, String> datasets() {
    StringJoiner table = new StringJoiner("\n", "", "\n");
    table.add("a,b,species,colour,digit,flag,flag2,price,gap,note,day,shop,part,comma,percent,zip");
    StringJoiner images = new StringJoiner("\n", "", "\n");
    for (int row = 0; row < ROWS; row++) {
      String[] species = {"red", "green", "blue"};
      table.add(
          "%s,%s,%s,%s,%d,%d,%d,%d,%s,note %d,2026-01-%02d,%s,%s,\"%d,5\",%d %%,%05d"
              .formatted(
                  0.1 + row * 37 % 40 / 40.0,
                  0.2 + row * 23 % 40 / 50.0,
                  species[row * 7 % 3],
                  species[row * 7 % 3].substring(0, 1),
                  row * 11 / 2 % 3,
                  row * 13 / 3 % 2,
                  row * 5 / 7 % 2,
                  100_000 + row * 31 % 40 * 1_000,
                  row % 5 == 0 ? "" : row * 17 % 9 + ".5",
                  row,
                  row % 10 + 1,
                  "north south east west".split(" ", -1)[row / 10],
                  row < ROWS / 2 ? "early" : "late",
                  row * 3 % 20,
                  row * 7 % 90,
                  row * 41 % 997));
      images.add(
          "{\"kind\": \"%s\", \"img\": %s}".formatted(row % 2 == 0 ? "cat" : "dog", image(row)));
    }
    return Map.of("mistakes", table.toString(), "mistakes-images", images.toString());
  }

  private static String image(int row) {
    StringJoiner rows = new StringJoiner(",", "[", "]");
    for (int y = 0; y < 8; y++) {
      StringJoiner pixels = new StringJoiner(",", "[", "]");
      for (int x = 0; x < 8; x++) {
        int grey = (row * 31 + y * 67 + x * 17) % 256;
        pixels.add("[%d,%d,%d]".formatted(grey, 255 - grey, grey / 2));
      }
      rows.add(pixels.toString());
    }
    return rows.toString();
  }
}
