package io.trainyard.dataset.recipe;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.check.Warning;
import io.trainyard.spec.recipe.Recipe;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The recipes for rows of a table: mlp, realmlp and tabm. */
final class TableNetwork {
  /** Waves of more features would be most of the network. */
  private static final int MOST_WAVES = 1_000;

  private final RecipeSpec recipe;
  private final List<Head> heads;
  private final TableProfile table;
  private final Features features;
  private final Layers layers;
  private final Map<String, String> outputs = new LinkedHashMap<>();
  private boolean hasWaves;

  /** The name of realmlp's first layer. */
  private String front = "";

  private TableNetwork(RecipeSpec recipe, List<Head> heads, TableProfile table, Features features) {
    this.recipe = recipe;
    this.heads = heads;
    this.table = table;
    this.features = features;
    layers = new Layers(features.inputs().propertyNames());
  }

  static @Nullable RecipeNetwork of(
      JsonNode given,
      ModelSpec model,
      RecipeSpec recipe,
      List<Head> heads,
      TableProfile table,
      String at,
      Violations violations,
      List<Warning> warnings) {
    boolean real = recipe.recipe() == Recipe.REALMLP;
    checkRows(model, recipe, violations);
    Features features =
        Features.of(given, model, table, real ? "robust" : "quantile", at, violations, warnings);
    if (!violations.isEmpty()) {
      return null;
    }
    TableNetwork network = new TableNetwork(recipe, heads, table, features);
    ObjectNode json = RecipeNetwork.object();
    ObjectNode training = RecipeNetwork.object();
    String before = network.joined();
    switch (recipe.recipe()) {
      case REALMLP -> {
        network.realmlp(before);
        network.trainRealmlp(training);
      }
      case TABM -> {
        network.tabm(before);
        network.train(training, "adamw", 0.002, 0.0003);
      }
      case MLP -> {
        network.mlp(before);
        network.train(training, "adamw", 0.001, 0.00001);
      }
      case AUTO, SERIES -> throw new IllegalArgumentException(recipe.recipe().word());
    }
    json.set("layers", network.layers.list());
    if (heads.size() > 1) {
      network.outputs.values().forEach(json.putArray("outputs")::add);
    }
    return new RecipeNetwork(
        features.inputs(), Head.targets(given, heads, network.outputs, real), json, training);
  }

  private static void checkRows(ModelSpec model, RecipeSpec recipe, Violations violations) {
    model
        .inputs()
        .forEach(
            (name, input) -> {
              if (input.window() != null) {
                violations.add(
                    Violation.pointer("/model/inputs", name) + "/window",
                    "The recipe '%s' takes single rows; the recipe 'series' takes windows of them"
                        .formatted(recipe.recipe().word()));
              }
            });
    model
        .targets()
        .forEach(
            (name, target) -> {
              if (target.offset() > 0) {
                violations.add(
                    RecipeExpansion.targetPointer(name) + "/offset",
                    "The recipe '%s' predicts from the row itself; the recipe 'series' predicts rows ahead"
                        .formatted(recipe.recipe().word()));
              }
            });
  }

  /** All features in one vector; the name of the layer or input that gives it. */
  private String joined() {
    List<String> parts = new ArrayList<>();
    for (Features.Group group : features.groups()) {
      switch (group.kind()) {
        case NUMBERS -> parts.add(numbers(group));
        case CATEGORIES -> parts.add(group.input());
        case INDEX -> {
          String embedding = layers.name("embed_" + group.input());
          layers
              .add("embedding", embedding, List.of(group.input()))
              .put("vocabulary", "auto")
              .put("dim", recipe.integer("embedding"));
          String flat = layers.name("flat_" + group.input());
          ObjectNode _ = layers.add("flatten", flat, List.of(embedding));
          parts.add(flat);
        }
      }
    }
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    String all = layers.name("features");
    ObjectNode _ = layers.add("concat", all, parts);
    return all;
  }

  private String numbers(Features.Group group) {
    if (recipe.recipe() != Recipe.REALMLP || group.features() > MOST_WAVES) {
      return group.input();
    }
    String name = layers.name(hasWaves ? "waves_" + group.input() : "waves");
    hasWaves = true;
    layers
        .add("periodic_embedding", name, List.of(group.input()))
        .put("frequencies", recipe.integer("frequencies"))
        .put("sigma", 0.1)
        .put("dim", 4);
    return name;
  }

  private void realmlp(String first) {
    front = layers.name("front");
    ObjectNode _ = layers.add("feature_scale", front, List.of(first));
    String before = front;
    boolean classes = heads.stream().allMatch(Head::isClasses);
    for (int i = 1; i <= recipe.integer("depth"); i++) {
      String dense = layers.name("dense_" + i);
      ObjectNode layer = ntk(dense, before, recipe.integer("units"));
      layer.putObject("activation").put("function", classes ? "selu" : "mish").put("learned", true);
      before = dropout(i, dense, true);
    }
    for (Head head : heads) {
      String name = output(head);
      ObjectNode layer = ntk(name, before, head.units());
      if (head.isClasses()) {
        layer.put("activation", "softmax");
      }
    }
  }

  private ObjectNode ntk(String name, String before, int units) {
    return layers
        .add("dense", name, List.of(before))
        .put("units", units)
        .put("parametrization", "ntk")
        .put("initializer", "data");
  }

  private String output(Head head) {
    String name = Head.layer(heads, head, layers);
    outputs.put(head.target(), name);
    return name;
  }

  private String dropout(int number, String before, boolean falls) {
    double rate = recipe.number("dropout").doubleValue();
    if (rate == 0) {
      return before;
    }
    String name = layers.name("dropout_" + number);
    ObjectNode layer = layers.add("dropout", name, List.of(before));
    if (falls) {
      layer.putObject("rate").put("value", rate).put("schedule", "flat_cosine");
    } else {
      layer.put("rate", rate);
    }
    return name;
  }

  private void mlp(String first) {
    String before = first;
    for (int i = 1; i <= recipe.integer("depth"); i++) {
      String dense = layers.name("dense_" + i);
      layers
          .add("dense", dense, List.of(before))
          .put("units", recipe.integer("units"))
          .put("activation", "relu");
      before = dropout(i, dense, false);
    }
    for (Head head : heads) {
      ObjectNode layer =
          layers.add("dense", output(head), List.of(before)).put("units", head.units());
      if (head.isClasses()) {
        layer.put("activation", "softmax");
      }
    }
  }

  private void tabm(String first) {
    String before = first;
    for (int i = 1; i <= recipe.integer("depth"); i++) {
      String dense = layers.name("dense_" + i);
      layers
          .add("ensemble_dense", dense, List.of(before))
          .put("units", recipe.integer("units"))
          .put("members", recipe.integer("members"))
          .put("scaling", i == 1 ? "random_signs" : "ones")
          .put("initializer", "torch")
          .put("activation", "relu");
      before = dropout(i, dense, false);
    }
    for (Head head : heads) {
      String output = output(head);
      String name = layers.name("members_of_" + output);
      ObjectNode layer =
          layers
              .add("ensemble_dense", name, List.of(before))
              .put("units", head.units())
              .put("members", recipe.integer("members"))
              .put("shared", false)
              .put("initializer", "torch");
      if (head.isClasses()) {
        layer.put("activation", "softmax");
      }
      ObjectNode _ = layers.add("average_members", output, List.of(name));
    }
  }

  private void trainRealmlp(ObjectNode training) {
    Head.measure(training, heads, outputs);
    boolean classes = heads.stream().allMatch(Head::isClasses);
    ObjectNode optimizer = training.putObject("optimizer").put("type", "adamw");
    optimizer.put("learning_rate", classes ? 0.04 : 0.2).put("beta_2", 0.95);
    optimizer.putObject("weight_decay").put("value", 0.02).put("schedule", "flat_cosine");
    training.putObject("learning_rate_schedule").put("type", "coslog").put("cycles", 4);
    ObjectNode rates = training.putObject("learning_rates");
    layers
        .list()
        .forEach(
            layer -> {
              if (layer.get("type").stringValue().equals("periodic_embedding")) {
                rates.put(layer.get("name").stringValue(), 0.1);
              }
            });
    rates.put(front, 6).put("*.bias", 0.1).put("*.a", 0.1);
    training.set("weight_decay_exclude", RecipeNetwork.list("bias"));
    training.put("epochs", 256).put("batch_size", 256);
  }

  private void train(ObjectNode training, String optimizer, double rate, double decay) {
    Head.measure(training, heads, outputs);
    training
        .putObject("optimizer")
        .put("type", optimizer)
        .put("learning_rate", rate)
        .put("weight_decay", decay);
    training.put("batch_size", table.rows() < 1_500 ? 32 : table.rows() < 6_000 ? 128 : 256);
    if (table.validates()) {
      training.put("epochs", 500);
      training.putObject("early_stopping").put("monitor", "val_loss").put("patience", 16);
    } else {
      training.put("epochs", 60);
    }
  }
}
