package io.trainyard.attack.generated;

import io.trainyard.attack.generated.Table.Kind;
import io.trainyard.crash.Draw;
import io.trainyard.crash.NetworkCase;
import io.trainyard.crash.NetworkCases;
import io.trainyard.crash.Placement;
import io.trainyard.json.StrictJson;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All generated jobs, by number. The seed and the number decide a job. Half of them train a network
 * of the search for crashes on plain columns; the others have random columns and layers, most of
 * which do not fit.
 */
final class GeneratedJobs {
  private static final List<Integer> BATCHES = List.of(1, 3, 7, 32);

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
        spec.put("scale", draw.pick(List.of("standard", "minmax", "unit")));
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

  /** The rest of a job: its split, metrics, monitors and more. */
  record TrainingDraw(Table table, Draw draw) {
    private static final List<String> METRICS = List.of("accuracy", "rmse", "mse", "mae", "r2");

    void complete(ObjectNode body) {
      ObjectNode training = (ObjectNode) body.get("training");
      training.put("epochs", 2);
      if (draw.coin()) {
        training.put("batch_size", draw.pick(BATCHES));
      }
      dataset((ObjectNode) body.get("dataset"));
      boolean classes = training.toString().contains("crossentropy");
      if (draw.coin()) {
        training.remove("metrics");
        for (String metric : METRICS) {
          boolean fits = metric.equals("accuracy") == classes;
          if (draw.below(fits ? 2 : 12) == 0) {
            training.withArrayProperty("metrics").add(metric);
          }
        }
      }
      if (draw.below(4) == 0 && training.has("metrics")) {
        JsonNode metrics = training.remove("metrics");
        for (String target : body.at("/model/targets").propertyNames()) {
          training.withObjectProperty("metrics").set(target, metrics.deepCopy());
        }
      }
      monitors(body, training);
      if (draw.below(4) == 0) {
        body.putObject("resources").put("device", draw.pick(List.of("auto", "cpu")));
      }
      if (draw.below(8) == 0) {
        body.put("priority", draw.below(20) - 10);
      }
    }

    private void dataset(ObjectNode dataset) {
      if (draw.coin()) {
        ObjectNode split = dataset.putObject("split");
        if (draw.below(4) > 0) {
          split.put("validation", draw.pick(List.of(0.1, 0.25, 0.5)));
        } else {
          dataset.putObject("validation_dataset").put("name", table.other());
        }
        if (draw.below(3) == 0) {
          split.put("test", draw.pick(List.of(0.1, 0.25)));
        }
        if (draw.below(6) == 0) {
          split.put("stratify", draw.pick(List.of("label", "flag", "code")));
        } else if (draw.below(6) == 0) {
          split.put("by", "file_order");
        }
      }
      if (draw.below(8) == 0) {
        dataset.put("where", draw.pick(List.of("y > -2", "flag", "y is not null", "code < 3")));
      }
    }

    private void monitors(ObjectNode body, ObjectNode training) {
      List<String> measured = new ArrayList<>(List.of("loss", "loss"));
      if (body.get("dataset").toString().contains("validation")) {
        measured.addAll(List.of("val_loss", "val_loss", "val_loss"));
      }
      for (JsonNode metric : training.path("metrics")) {
        measured.add(metric.asString("loss"));
      }
      if (draw.below(8) == 0) {
        measured.addAll(List.of("val_accuracy", "val_rmse", "t_loss", "val_loss"));
      }
      if (draw.below(4) == 0) {
        training.putObject("early_stopping").put("monitor", draw.pick(measured)).put("patience", 1);
      }
      if (draw.below(6) == 0) {
        training.put("monitor", draw.pick(measured));
      }
      if (draw.below(6) == 0) {
        training.put("publish", draw.pick(List.of("best", "last")));
      }
      if (draw.below(6) == 0) {
        ObjectNode alias = body.putObject("on_success").put("alias", "production");
        alias.putObject("when").putObject(draw.pick(measured)).put("max", 100);
      }
    }
  }

  /** The columns that hold numbers of one kind or another. */
  static List<String> numbers(Table table) {
    return table.names(Kind.NUMBER, Kind.INTEGER, Kind.SIGNED, Kind.CONSTANT);
  }
}
