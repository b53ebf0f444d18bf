package io.trainyard.judge;

import io.trainyard.crash.Draw;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A job whose numbers are judged. The seed and the number decide it.
 *
 * @param penalties of kernels, by layer
 */
record Combination(
    long number, ObjectNode job, JudgedTable table, List<Head> heads, List<Penalty> penalties) {
  /** λ·Σw² or λ·Σ|w| of a layer's kernel. */
  record Penalty(String layer, String norm, double weight) {}

  String name() {
    return job.at("/model/name").stringValue();
  }

  static Combination drawn(long seed, long number, List<JudgedTable> tables) {
    Draw draw = new Draw(new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number));
    JudgedTable table = draw.pick(tables);
    HeadDraw heads = new HeadDraw(draw);
    List<Head> drawn = new ArrayList<>();
    int count = 1 + draw.below(3);
    for (int i = 0; i < count; i++) {
      drawn.add(heads.draw("t" + i));
    }
    ObjectNode job = HeadDraw.object("{'model':{},'dataset':{},'training':{}}");
    ObjectNode model = (ObjectNode) job.get("model");
    model.put("name", "judged-%d-%d".formatted(seed, number));
    List<Penalty> penalties = network(model, drawn, draw);
    dataset((ObjectNode) job.get("dataset"), table, draw);
    training((ObjectNode) job.get("training"), drawn, draw);
    condition(job, drawn, draw);
    return new Combination(number, job, table, drawn, penalties);
  }

  private static List<Penalty> network(ObjectNode model, List<Head> heads, Draw draw) {
    ObjectNode input = model.putObject("inputs").putObject("x");
    boolean isTarget = heads.stream().anyMatch(head -> head.kind() == Head.Kind.INPUT);
    List<String> columns =
        isTarget
            ? Head.INPUT
            : draw.pick(List.of(Head.INPUT, List.of("a", "b", "m"), List.of("a", "b", "c")));
    columns.forEach(input.putArray("columns")::add);
    if (draw.coin()) {
      input.put("scale", draw.pick(List.of("standard", "minmax")));
    }
    List<Penalty> penalties = new ArrayList<>();
    ObjectNode network = model.putObject("network");
    ArrayNode layers = network.putArray("layers");
    ObjectNode hidden = HeadDraw.object("{'type':'dense','name':'h','units':4}");
    layers.add(hidden.put("activation", draw.pick(List.of("tanh", "relu", "sigmoid"))));
    if (draw.below(4) == 0) {
      penalise(hidden, penalties, draw);
    }
    for (Head head : heads) {
      model.withObjectProperty("targets").set(head.target(), target(head, heads.size()));
      for (ObjectNode layer : head.layers()) {
        ObjectNode own = layer.deepCopy();
        if (!own.has("inputs")) {
          own.putArray("inputs").add("h");
        }
        if (own.has("units") && draw.below(8) == 0) {
          penalise(own, penalties, draw);
        }
        layers.add(own);
      }
      network.withArrayProperty("outputs").add(head.output());
    }
    return penalties;
  }

  private static ObjectNode target(Head head, int heads) {
    ObjectNode target = head.spec().deepCopy();
    return heads > 1 ? target.put("output", head.output()) : target;
  }

  private static void penalise(ObjectNode layer, List<Penalty> penalties, Draw draw) {
    String norm = draw.pick(List.of("l2", "l1"));
    double weight = draw.pick(List.of(0.01, 0.1));
    layer.putObject("regularizer").put(norm, weight);
    penalties.add(new Penalty(layer.get("name").stringValue(), norm, weight));
  }

  private static void dataset(ObjectNode dataset, JudgedTable table, Draw draw) {
    dataset.put("name", table.name());
    ObjectNode split = dataset.putObject("split");
    if (draw.coin()) {
      split.put("by", "column").put("column", "part");
    } else {
      split.put("by", "file_order").put("validation", 0.25).put("test", 0.25);
    }
  }

  private static void training(ObjectNode training, List<Head> heads, Draw draw) {
    if (heads.size() == 1) {
      training.set("loss", heads.getFirst().loss());
    } else {
      for (Head head : heads) {
        training.withObjectProperty("losses").set(head.output(), head.loss());
      }
      if (draw.below(3) == 0) {
        for (Head head : heads) {
          training
              .withObjectProperty("loss_weights")
              .put(head.output(), draw.pick(List.of(0.3, 1, 2)).doubleValue());
        }
      }
    }
    training.set(
        "optimizer",
        HeadDraw.object(
            "{'type':'%s','learning_rate':%s}"
                .formatted(
                    draw.pick(List.of("adam", "sgd")),
                    draw.pick(List.of("0.001", "0.01", "0.05")))));
    training.put("epochs", 1 + draw.below(3)).put("seed", draw.below(1_000));
    if (draw.below(4) == 0) {
      training.put("batch_size", draw.pick(List.of(5, 24)));
    }
    for (Head head : heads) {
      ArrayNode metrics = training.withObjectProperty("metrics").withArrayProperty(head.target());
      head.metrics().values().forEach(metrics::add);
    }
    if (draw.below(6) == 0) {
      training.put("sample_weight", "w");
    }
    if (draw.below(4) == 0 && heads.stream().allMatch(Head::hasLabelsToSmooth)) {
      training.put("label_smoothing", 0.1);
    }
    if (draw.below(6) == 0 && heads.stream().anyMatch(it -> it.kind() == Head.Kind.CLASSES)) {
      training.put("class_weights", "balanced");
    }
    if (draw.below(6) == 0) {
      training.put("publish", "last");
    }
  }

  /** A condition about something that is measured. */
  private static void condition(ObjectNode job, List<Head> heads, Draw draw) {
    if (draw.coin()) {
      return;
    }
    Head head = draw.pick(heads);
    List<String> names = new ArrayList<>(head.metrics().keySet());
    names.add("loss");
    String prefix = heads.size() == 1 ? "" : head.target() + "_";
    String name = draw.pick(List.of("val_", "test_")) + prefix + draw.pick(names);
    job.putObject("on_success")
        .put("alias", "production")
        .putObject("when")
        .putObject(name)
        .put(
            draw.pick(List.of("min", "max")), draw.pick(List.of(0.2, 0.5, 1.0, 5.0)).doubleValue());
  }

  /** The weight of a head in the loss. */
  double weight(Head head) {
    JsonNode weight = job.at("/training/loss_weights").path(head.output());
    return weight.isNumber() ? weight.doubleValue() : 1;
  }
}
