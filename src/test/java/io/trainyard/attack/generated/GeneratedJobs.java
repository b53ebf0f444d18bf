package io.trainyard.attack.generated;

import io.trainyard.attack.generated.Table.Kind;
import io.trainyard.crash.Draw;
import io.trainyard.crash.NetworkCase;
import io.trainyard.crash.NetworkCases;
import io.trainyard.crash.Placement;
import io.trainyard.json.StrictJson;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * All generated jobs, by number. The seed and the number decide a job. Half of them train a network
 * of the search for crashes on plain columns; the others have random columns and layers, most of
 * which do not fit.
 */
final class GeneratedJobs {
  private final long seed;
  private final Tables tables;
  private final NetworkCases networks;

  GeneratedJobs(long seed, Tables tables) {
    this.seed = seed;
    this.tables = tables;
    networks = new NetworkCases(seed);
  }

  /**
   * A job.
   *
   * @param body of the submission; its mistakes may have made it anything
   */
  record Job(long number, ObjectNode body, Table table) {
    String name() {
      return "generated-" + number;
    }
  }

  Job get(long number) {
    Draw draw = new Draw(new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number));
    NetworkCase network = draw.coin() ? network(draw) : null;
    Table table = network == null ? tables.any(draw) : tables.wide();
    String name = "generated-" + number;
    ObjectNode body =
        network == null ? new RandomModel(table, draw).body(name) : body(network, name, draw);
    new TrainingDraw(table, draw).complete(body);
    if (draw.below(network == null ? 6 : 3) == 0) {
      new Mistakes(table, draw).make(body);
    }
    return new Job(number, body, table);
  }

  /** A valid network whose inputs are small enough; null when some tries gave none. */
  private @Nullable NetworkCase network(Draw draw) {
    for (int tries = 0; tries < 20; tries++) {
      long number = draw.below(1_000_000);
      // A nested network must be stored first.
      if (NetworkCases.cell(number).placement() == Placement.NESTED) {
        continue;
      }
      NetworkCase network = networks.get(number);
      if (network.model().network().inputNames().stream()
              .allMatch(input -> network.shapes().of(input).elements() <= Tables.WIDE)
          && network.shapes().of(network.output()).elements() <= Tables.WIDE) {
        return network;
      }
    }
    return null;
  }

  private static ObjectNode body(NetworkCase network, String name, Draw draw) {
    ObjectNode body = object("{}");
    ObjectNode model = object(network.modelText());
    model.put("name", name);
    for (String input : network.model().network().inputNames()) {
      ObjectNode spec = (ObjectNode) model.at("/inputs/" + input);
      int count = Math.toIntExact(network.shapes().of(input).elements());
      boolean indices = network.model().network().readsIndices(input);
      boolean whole = indices || network.text().contains("'embedding'");
      spec.remove("column");
      IntStream.range(0, count)
          .forEach(i -> spec.withArrayProperty("columns").add((whole ? "i" : "n") + i));
      if (indices) {
        spec.put("encode", "index");
      } else if (!whole && draw.below(4) == 0) {
        spec.put("scale", draw.pick(List.of("standard", "minmax", "unit", "robust", "quantile")));
      }
    }
    ObjectNode target = (ObjectNode) model.at("/targets/t");
    switch (network.classes()) {
      case 0 -> {
        target.remove("column");
        List<Integer> shape = network.shapes().of(network.output()).dims();
        int count = shape.stream().reduce(1, Math::multiplyExact);
        IntStream.range(0, count)
            .forEach(i -> target.withArrayProperty("columns").add("n" + (Tables.WIDE - 1 - i)));
        shape.forEach(axis -> target.withArrayProperty("shape").add(axis));
      }
      case 2 -> target.put("column", "flag");
      default -> target.put("column", "label");
    }
    body.set("model", model);
    body.putObject("dataset").put("name", "generated-wide");
    body.set("training", object(network.trainingText()));
    return body;
  }

  static ObjectNode object(String json) {
    return (ObjectNode) StrictJson.parse(json.replace('\'', '"'));
  }

  /** The columns that hold numbers of one kind or another. */
  static List<String> numbers(Table table) {
    return table.names(Kind.NUMBER, Kind.INTEGER, Kind.SIGNED, Kind.CONSTANT);
  }
}
