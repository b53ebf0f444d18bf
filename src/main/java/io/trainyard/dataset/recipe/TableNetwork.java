package io.trainyard.dataset.recipe;

import io.trainyard.error.Violation;
import io.trainyard.spec.recipe.Recipe;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The recipes for rows of a table: mlp, realmlp and tabm. */
final class TableNetwork {
  /** Waves of more features would be most of the network. */
  private static final int MOST_WAVES = 1_000;

  private static final long FEW_ROWS_OF_CLASSES = 400;

  private static final String SIGMA = "sigma";

  private final RecipeTask task;
  private final RecipeSpec recipe;
  private final List<Head> heads;
  private final Features features;
  private final Layers layers;
  private final ObjectNode training = RecipeNetwork.object();
  private final Map<String, String> outputs = new LinkedHashMap<>();
  private boolean hasWaves;

  private TableNetwork(RecipeTask task, List<Head> heads, Features features) {
    this.task = task;
    this.recipe = task.recipe();
    this.heads = heads;
    this.features = features;
    layers = new Layers(features.inputs().propertyNames());
  }

  /** Null when the recipe does not fit. */
  static @Nullable RecipeNetwork of(RecipeTask task, List<Head> heads) {
    checkRows(task);
    boolean real = task.recipe().recipe() == Recipe.REALMLP;
    Features features = Features.of(task, real ? "robust" : "quantile");
    return task.violations().isEmpty() ? new TableNetwork(task, heads, features).network() : null;
  }

  private RecipeNetwork network() {
    String before = joined();
    if (!hasWaves && recipe.given().containsKey(SIGMA)) {
      task.warn(
          "/model/network/sigma",
          "setting_without_effect",
          "The network has no waves, so 'sigma' changes nothing: they need numbers, at most %,d, and 'frequencies' above 0"
              .formatted(MOST_WAVES));
    }
    switch (recipe.recipe()) {
      case REALMLP -> realmlp(before);
      case TABM -> {
        tabm(before);
        train(0.002, tabmDecay());
      }
      case MLP -> {
        mlp(before);
        train(0.001, 0.00001);
      }
      case AUTO, SERIES -> throw new IllegalArgumentException(recipe.recipe().word());
    }
    boolean clips = recipe.recipe() == Recipe.REALMLP;
    return new RecipeNetwork(
        features.inputs(),
        Head.targets(task.given(), heads, outputs, clips),
        layers.network(outputs.values()),
        training);
  }

  private static void checkRows(RecipeTask task) {
    String word = task.recipe().recipe().word();
    task.model()
        .inputs()
        .forEach(
            (name, input) -> {
              if (input.window() != null) {
                task.violate(
                    Violation.pointer("/model/inputs", name) + "/window",
                    "The recipe '%s' takes single rows; the recipe 'series' takes windows of them"
                        .formatted(word));
              }
            });
    task.model()
        .targets()
        .forEach(
            (name, target) -> {
              if (target.offset() > 0) {
                task.violate(
                    RecipeExpansion.targetPointer(name) + "/offset",
                    "The recipe '%s' predicts from the row itself; the recipe 'series' predicts rows ahead"
                        .formatted(word));
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
          parts.add(layers.plain("flatten", "flat_" + group.input(), embedding));
        }
      }
    }
    return parts.size() == 1
        ? parts.getFirst()
        : layers.plain("concat", "features", parts.toArray(String[]::new));
  }

  private String numbers(Features.Group group) {
    int frequencies = frequencies();
    if (frequencies == 0 || group.features() > MOST_WAVES) {
      return group.input();
    }
    String name = layers.name(hasWaves ? "waves_" + group.input() : "waves");
    hasWaves = true;
    layers
        .add("periodic_embedding", name, List.of(group.input()))
        .put("frequencies", frequencies)
        .put("sigma", recipe.number(SIGMA).doubleValue())
        .put("dim", 4);
    return name;
  }

  private boolean hasWavesByDefault() {
    return recipe.given().containsKey(SIGMA) || heads.stream().noneMatch(Head::isClasses);
  }

  /** How many waves each number becomes. With them, classes of few rows were told worse. */
  private int frequencies() {
    return switch (recipe.recipe()) {
      case REALMLP -> recipe.integer("frequencies");
      case TABM -> recipe.integer("frequencies", hasWavesByDefault() ? 16 : 0);
      case MLP -> 0;
      case AUTO, SERIES -> throw new IllegalArgumentException(recipe.recipe().word());
    };
  }

  private void realmlp(String first) {
    String front = layers.plain("feature_scale", "front", first);
    String before = front;
    boolean classes = heads.stream().allMatch(Head::isClasses);
    for (int i = 1; i <= recipe.integer("depth"); i++) {
      String dense = layers.name("dense_" + i);
      ObjectNode layer = ntk(dense, before, recipe.integer("units"));
      layer.putObject("activation").put("function", classes ? "selu" : "mish").put("learned", true);
      before = dropout(i, dense);
    }
    for (Head head : heads) {
      softmax(head, ntk(output(head), before, head.units()));
    }
    trainRealmlp(classes, front);
  }

  private static void softmax(Head head, ObjectNode layer) {
    if (head.isClasses()) {
      layer.put("activation", "softmax");
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

  private String dropout(int number, String before) {
    double rate = recipe.number("dropout").doubleValue();
    if (rate == 0) {
      return before;
    }
    String name = layers.name("dropout_" + number);
    ObjectNode layer = layers.add("dropout", name, List.of(before));
    if (recipe.recipe() == Recipe.REALMLP) {
      layer.putObject("rate").put("value", rate).put("schedule", "flat_cosine");
    } else {
      layer.put("rate", rate);
    }
    return name;
  }

  private void mlp(String first) {
    String before = first;
    for (int i = 1; i <= recipe.integer("depth"); i++) {
      ObjectNode dense = layers.dense("dense_" + i, before, recipe.integer("units"));
      before = dropout(i, Layers.nameOf(dense.put("activation", "relu")));
    }
    for (Head head : heads) {
      softmax(head, layers.add("dense", output(head), List.of(before)).put("units", head.units()));
    }
  }

  private void tabm(String first) {
    int units = recipe.integer("units", tabmUnits(task.table().rows()));
    String before = first;
    for (int i = 1; i <= recipe.integer("depth"); i++) {
      String dense = layers.name("dense_" + i);
      layers
          .add("ensemble_dense", dense, List.of(before))
          .put("units", units)
          .put("members", recipe.integer("members"))
          .put("scaling", i == 1 ? "random_signs" : "ones")
          .put("initializer", "torch")
          .put("activation", "relu");
      before = dropout(i, dense);
    }
    for (Head head : heads) {
      String output = output(head);
      String name = layers.name("members_of_" + output);
      softmax(
          head,
          layers
              .add("ensemble_dense", name, List.of(before))
              .put("units", head.units())
              .put("members", recipe.integer("members"))
              .put("shared", false)
              .put("initializer", "torch"));
      ObjectNode _ = layers.add("average_members", output, List.of(name));
    }
  }

  /**
   * A quarter of the paper's width was better on nine tables of nine below 1,000 rows, and is a
   * sixteenth of the work; from there to few rows the two were not compared. An eighth was better
   * on most of eleven tables below 500 rows, of three seeds each, and is half of that work.
   */
  private static int tabmUnits(long rows) {
    return rows < 500 ? 64 : rows < RecipeExpansion.FEW_ROWS ? 128 : 512;
  }

  /**
   * Few rows of classes make a network too sure of itself. The larger decay had the lower loss on
   * eleven tables of fourteen with 120 to 380 rows, of two seeds each, on one by a tenth; the other
   * three lost 2 % at most. On 450 rows and more three of four lost, and tables of numbers gained
   * and lost alike.
   */
  private double tabmDecay() {
    boolean classes = heads.stream().allMatch(Head::isClasses);
    return classes && task.table().rows() < FEW_ROWS_OF_CLASSES ? 0.3 : 0.0003;
  }

  private void trainRealmlp(boolean classes, String front) {
    Head.measure(training, heads, outputs);
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
                rates.put(Layers.nameOf((ObjectNode) layer), 0.1);
              }
            });
    rates.put(front, 6).put("*.bias", 0.1).put("*.a", 0.1);
    training.putArray("weight_decay_exclude").add("bias");
    training.put("epochs", 256).put("batch_size", 256);
  }

  private void train(double rate, double decay) {
    Head.measure(training, heads, outputs);
    training
        .putObject("optimizer")
        .put("type", "adamw")
        .put("learning_rate", rate)
        .put("weight_decay", decay);
    long rows = task.table().rows();
    training.put("batch_size", rows < 1_500 ? 32 : rows < 6_000 ? 128 : 256);
    RecipeNetwork.stop(training, task.table(), 500, 16);
  }
}
