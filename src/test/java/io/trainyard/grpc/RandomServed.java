package io.trainyard.grpc;

import io.trainyard.Http;
import io.trainyard.Weights;
import io.trainyard.crash.Draw;
import io.trainyard.json.StrictJson;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Small models of every kind of input and target, trained or imported, and rows to ask. */
final class RandomServed {
  static final String TABLE = "routes-table";

  /** The kinds of models; consecutive numbers have one of each. */
  static final int KINDS = 10;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int ROWS = 24;

  private final Http http;
  private final List<ObjectNode> rows = new ArrayList<>();

  RandomServed(Http http) {
    this.http = http;
    Draw draw = new Draw(new SplittableRandom(1));
    for (int i = 0; i < ROWS; i++) {
      rows.add(row(i, draw));
    }
    Http.Answer answer = http.post("/v1/datasets?name=" + TABLE, rows.toString());
    if (answer.status() != 200 && answer.status() != 201) {
      throw new IllegalStateException(answer.toString());
    }
  }

  /**
   * A model that is served, and instances for it.
   *
   * @param table the places of the instances' rows in the table, from 0; empty for other instances
   */
  record Served(String model, List<ObjectNode> instances, List<Integer> table) {
    /** The same with numbers as 32-bit floats hold them. */
    Served rounded() {
      return new Served(
          model, instances.stream().map(row -> (ObjectNode) rounded(row)).toList(), List.of());
    }

    private static JsonNode rounded(JsonNode node) {
      return switch (node) {
        case ObjectNode row -> {
          ObjectNode own = JSON.objectNode();
          row.properties().forEach(each -> own.set(each.getKey(), rounded(each.getValue())));
          yield own;
        }
        case ArrayNode list -> {
          ArrayNode own = JSON.arrayNode();
          list.forEach(each -> own.add(rounded(each)));
          yield own;
        }
        case JsonNode number when number.isNumber() ->
            JSON.numberNode((double) (float) number.doubleValue());
        default -> node;
      };
    }
  }

  private static ObjectNode row(int i, Draw draw) {
    ObjectNode row = JSON.objectNode();
    row.put("a", draw.below(2000) / 256.0 - 3);
    row.put("b", draw.below(2000) / 16.0);
    row.put("i", (i + draw.below(2)) % 5);
    row.put("k", (i * 7 + draw.below(2)) % 5);
    // Milliseconds of one minute: too close for 32-bit floats.
    row.put("at", 1_700_000_000_000L + 1500L * i + draw.below(900));
    row.put("far", 1e9 + draw.below(1000) / 10.0);
    row.set("m", i % 5 == 3 ? JSON.nullNode() : JSON.numberNode(draw.below(100) / 8.0));
    row.set("mi", i % 4 == 1 ? JSON.nullNode() : JSON.numberNode(draw.below(9)));
    row.put("t", List.of("red", "green", "blü").get((i + draw.below(2)) % 3));
    row.put("f", (i + draw.below(2)) % 2 == 0);
    row.put("label", List.of("x", "y", "z").get((i + draw.below(2)) % 3));
    row.put("flag", i % 2 == 0);
    row.put("y", 100 + 3 * i + draw.below(10));
    row.put("z", draw.below(100) / 64.0);
    row.set("v", list(4, draw));
    ArrayNode image = row.putArray("image");
    for (int line = 0; line < 4; line++) {
      ArrayNode pixels = image.addArray();
      list(4, draw).forEach(pixel -> pixels.addArray().add(pixel));
    }
    ArrayNode words = row.putArray("words");
    for (int word = 0; word < 5; word++) {
      words.add(draw.below(5));
    }
    return row;
  }

  private static ArrayNode list(int length, Draw draw) {
    ArrayNode list = JSON.arrayNode();
    for (int i = 0; i < length; i++) {
      list.add(draw.below(400) / 64.0 - 2);
    }
    return list;
  }

  private static ObjectNode object(String json) {
    return (ObjectNode) StrictJson.parse(json.replace('\'', '"'));
  }

  /** A part of a model: its inputs, and layers up to the last one's name. */
  private record Body(String inputs, String layers, String last, List<String> columns, int window) {
    Body(String inputs, String layers, String last, List<String> columns) {
      this(inputs, layers, last, columns, 0);
    }
  }

  /** Makes a model. The seed and the number decide all of it. */
  Served get(long seed, int number) {
    Draw draw = new Draw(new SplittableRandom(seed * 31 + number));
    String model = "routes-" + seed + "-" + number;
    int kind = number % KINDS;
    return switch (kind) {
      case 0 -> tensors(model, draw);
      case 1 -> imported(model, draw);
      default -> trained(model, kind, draw);
    };
  }

  private static float[] floats(int count, Draw draw) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = draw.below(512) / 256f - 1;
    }
    return floats;
  }

  private Served tensors(String model, Draw draw) {
    http.importVersion(
        model,
        object(
                """
                {'name': '%s', 'network': {'inputs': {'x': {'shape': [3]}, 'w': {'shape': [2, 2]}},
                 'outputs': ['h', 'q'], 'layers': [
                  {'type': 'flatten', 'name': 'g', 'inputs': ['w']}, {'type': 'concat', 'name': 'c', 'inputs': ['x', 'g']},
                  {'type': 'dense', 'name': 'h', 'units': 3, 'activation': 'tanh'},
                  {'type': 'reshape', 'name': 'q', 'shape': [3, 1]}]}}
                """
                    .formatted(model))
            .toString(),
        new Weights()
            .with("h.weight", Shape.of(3, 7), floats(21, draw))
            .with("h.bias", Shape.of(3), floats(3, draw)));
    List<ObjectNode> instances = new ArrayList<>();
    for (int i = 0; i < 1 + draw.below(4); i++) {
      ObjectNode instance = JSON.objectNode();
      instance.set("x", list(2, draw).add(-0.0));
      instance.putArray("w").add(list(2, draw)).add(list(2, draw));
      instances.add(instance);
    }
    return new Served(model, instances, List.of());
  }

  private Served imported(String model, Draw draw) {
    boolean named = draw.coin();
    http.importVersion(
        model,
        object(
                """
                {'name': '%s', 'inputs': {'x': {'columns': ['a', 'b', 'i'], 'scale': {'divide': 4}}},
                 'targets': {'label': {'column': 'label'%s}},
                 'network': {'layers': [{'type': 'dense', 'name': 'h', 'units': 3, 'activation': 'tanh'},
                                        {'type': 'dense', 'name': 'o', 'units': 3, 'activation': 'softmax'}]}}
                """
                    .formatted(model, named ? ", 'classes': ['z', 'x', 'y']" : ""))
            .toString(),
        new Weights()
            .with("h.weight", Shape.of(3, 3), floats(9, draw))
            .with("h.bias", Shape.of(3), floats(3, draw))
            .with("o.weight", Shape.of(3, 3), floats(9, draw))
            .with("o.bias", Shape.of(3), floats(3, draw)));
    return asked(model, List.of("a", "b", "i"), 0, draw);
  }

  private Served trained(String model, int kind, Draw draw) {
    Body body = body(kind, draw);
    boolean again = draw.below(5) == 0 && (kind == 2 || kind == 4 || kind == 5);
    ObjectNode job = again ? autoencoder(model, kind, body) : supervised(model, body, draw);
    http.train(job.toString());
    return asked(model, body.columns(), body.window(), draw);
  }

  private static String scale(Draw draw) {
    return draw.pick(List.of("standard", "minmax", "unit"));
  }

  private static String names(List<String> columns) {
    return columns.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }

  private static Body body(int kind, Draw draw) {
    return switch (kind) {
      case 2, 3 -> {
        List<String> columns = new ArrayList<>(List.of("a", "at", "far", "b", "i"));
        columns.remove(draw.below(5));
        boolean holes = kind == 3;
        if (holes) {
          columns.add(draw.pick(List.of("m", "mi")));
        }
        yield new Body(
            "'x': {'columns': [%s], 'scale': '%s'%s}"
                .formatted(names(columns), scale(draw), holes ? ", 'impute': 'mean'" : ""),
            "{'type': 'dense', 'name': 'h', 'units': 4, 'activation': 'tanh'}",
            "h",
            columns);
      }
      case 4 -> {
        int length = 2 + draw.below(2);
        yield new Body(
            "'x': {'columns': ['a', 'at'], 'scale': '%s', 'window': %d}"
                .formatted(scale(draw), length),
            "{'type': 'flatten', 'name': 'p'}, {'type': 'dense', 'name': 'h', 'units': 4}",
            "h",
            List.of("a", "at"),
            length);
      }
      case 5 ->
          new Body(
              "'x': {'column': 'v', 'scale': '%s'}".formatted(scale(draw)),
              "{'type': 'dense', 'name': 'h', 'units': 4, 'activation': 'relu'}",
              "h",
              List.of("v"));
      case 6 ->
          new Body(
              "'x': {'column': 'image'}",
              "{'type': 'conv2d', 'name': 'p', 'filters': 2, 'kernel_size': 3}, {'type': 'flatten', 'name': 'h'}",
              "h",
              List.of("image"));
      case 7 ->
          new Body(
              "'x': {'column': 'words', 'encode': 'index'}",
              "{'type': 'embedding', 'name': 'p', 'vocabulary': 5, 'dim': 2}, {'type': 'flatten', 'name': 'h'}",
              "h",
              List.of("words"));
      case 8 ->
          draw.coin()
              ? new Body(
                  "'x': {'columns': ['t'], 'encode': 'index'}",
                  "{'type': 'embedding', 'name': 'p', 'vocabulary': 3, 'dim': 2}, {'type': 'flatten', 'name': 'h'}",
                  "h",
                  List.of("t"))
              : new Body(
                  "'x': {'columns': ['i', 'k'], 'encode': 'index'}",
                  "{'type': 'embedding', 'name': 'p', 'vocabulary': 5, 'dim': 2}, {'type': 'flatten', 'name': 'h'}",
                  "h",
                  List.of("i", "k"));
      default ->
          new Body(
              "'x': {'columns': ['t', 'f', 'i'], 'encode': {'i': 'one_hot'}}, 'w': {'columns': ['at', 'm'], 'scale': '%s', 'impute': 'median'}"
                  .formatted(scale(draw)),
              "{'type': 'concat', 'name': 'p', 'inputs': ['x', 'w']}, {'type': 'dense', 'name': 'h', 'units': 4}",
              "h",
              List.of("t", "f", "i", "at", "m"));
    };
  }

  private static ObjectNode autoencoder(String model, int kind, Body body) {
    String shape = kind == 4 ? "[%d, 2]".formatted(body.window()) : null;
    int units = kind == 4 ? 2 * body.window() : kind == 5 ? 4 : body.columns().size();
    String out =
        ", {'type': 'dense', 'name': 'o', 'units': %d}%s"
            .formatted(
                units,
                shape == null ? "" : ", {'type': 'reshape', 'name': 'r', 'shape': " + shape + "}");
    return job(model, body, "'again': {'input': 'x'}", out, shape == null ? "'o'" : "'r'", "'mse'");
  }

  private static ObjectNode supervised(String model, Body body, Draw draw) {
    String scale = draw.coin() ? "" : ", 'scale': 'standard'";
    String class3 =
        ", {'type': 'dense', 'name': 'o', 'units': 3, 'activation': 'softmax', 'inputs': ['h']}";
    return switch (draw.below(7)) {
      case 0 ->
          job(
              model,
              body,
              "'label': {'column': 'label'}",
              class3,
              "'o'",
              "'categorical_crossentropy'");
      case 1 ->
          job(
              model,
              body,
              "'flag': {'column': 'flag'}",
              ", {'type': 'dense', 'name': 'o', 'units': 1, 'activation': 'sigmoid'}",
              "'o'",
              "'binary_crossentropy'");
      case 2 ->
          job(
              model,
              body,
              "'kind': {'column': 'k', 'type': 'class'}",
              ", {'type': 'dense', 'name': 'o', 'units': 5}",
              "'o'",
              "{'type': 'categorical_crossentropy', 'from_logits': true}");
      case 3 ->
          job(
              model,
              body,
              "'pair': {'columns': ['y', 'z'], 'scale': 'minmax'}",
              ", {'type': 'dense', 'name': 'o', 'units': 2}",
              "'o'",
              "'mse'");
      case 4 ->
          job(
              model,
              body,
              "'y': {'column': 'y', 'output': 'n'%s}, 'label': {'column': 'label', 'output': 'o'}"
                  .formatted(scale),
              class3 + ", {'type': 'dense', 'name': 'n', 'units': 1, 'inputs': ['h']}",
              "'n', 'o'",
              "{'n': 'mse', 'o': 'categorical_crossentropy'}");
      case 5 ->
          job(
              model,
              body,
              "'y': {'columns': ['y', 'z'], 'scale': 'standard'}",
              ", {'type': 'dense', 'name': 'o', 'units': 4}",
              "'o'",
              "'gaussian_nll'");
      default ->
          job(
              model,
              body,
              "'y': {'column': 'y'%s}".formatted(scale),
              ", {'type': 'dense', 'name': 'o', 'units': 1}",
              "'o'",
              "'mse'");
    };
  }

  private static ObjectNode job(
      String model, Body body, String targets, String head, String outputs, String loss) {
    return object(
        """
        {'model': {'name': '%s', 'inputs': {%s}, 'targets': {%s},
                   'network': {'layers': [%s%s], 'outputs': [%s]}},
         'dataset': {'name': '%s'},
         'training': {'%s': %s, 'epochs': 2, 'seed': 1, 'batch_size': 8,
                      'optimizer': {'type': 'adam', 'learning_rate': 0.05}}}
        """
            .formatted(
                model,
                body.inputs(),
                targets,
                body.layers(),
                head,
                outputs,
                TABLE,
                outputs.contains(",") ? "losses" : "loss",
                loss));
  }

  /** Some rows of the table; with a window, the lists of the rows up to each. */
  private Served asked(String model, List<String> columns, int window, Draw draw) {
    List<Integer> places =
        IntStream.range(0, 1 + draw.below(5)).mapToObj(_ -> 4 + draw.below(ROWS - 4)).toList();
    List<ObjectNode> instances = new ArrayList<>();
    for (int place : places) {
      ObjectNode instance = JSON.objectNode();
      for (String column : columns) {
        if (window == 0) {
          JsonNode value = rows.get(place).get(column);
          instance.set(column, value);
        } else {
          ArrayNode list = instance.putArray(column);
          rows.subList(place - window + 1, place + 1).forEach(row -> list.add(row.get(column)));
        }
      }
      instances.add(instance);
    }
    return new Served(model, instances, places);
  }
}
