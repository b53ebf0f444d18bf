package io.trainyard.process;

import java.util.Arrays;
import java.util.List;

/** Jobs of one or two seconds whose training state must survive from attempt to attempt. */
enum JobTemplate {
  DROPOUT(
      """
      [{"type": "dense", "units": 12, "activation": "tanh"}, {"type": "dropout", "rate": 0.1},
       {"type": "dense", "units": 1}]\
      """,
      """
      {"type": "adam", "learning_rate": 0.002}\
      """),
  MOMENTUM(
      """
      [{"type": "dense", "units": 16, "activation": "relu"}, {"type": "batch_norm"},
       {"type": "dense", "units": 1}]\
      """,
      """
      {"type": "sgd", "learning_rate": 0.005, "momentum": 0.9}\
      """),
  DECAY(
      """
      [{"type": "dense", "units": 24, "activation": "sigmoid"}, {"type": "layer_norm"},
       {"type": "dense", "units": 1}]\
      """,
      """
      {"type": "adamw", "learning_rate": 0.001, "weight_decay": 0.01}\
      """);

  static final int EPOCHS = 200;

  private final String layers;
  private final String optimizer;

  JobTemplate(String layers, String optimizer) {
    this.layers = layers;
    this.optimizer = optimizer;
  }

  /** The recipes in turn. */
  static JobTemplate of(int number) {
    List<JobTemplate> all = List.of(values());
    return all.get(number % all.size());
  }

  /** The dataset that all recipes train on. */
  static String rows() {
    return rows(400, 40);
  }

  static String rows(int count, double wave) {
    String[] lines = new String[count + 1];
    Arrays.setAll(lines, i -> i == 0 ? "a,b" : i / (double) count + "," + Math.sin(i / wave) + "");
    return String.join("\n", lines) + "\n";
  }

  /** A job for a model with that name. */
  String job(String model, String dataset, int epochs) {
    return """
    {"model": {"name": "%s", "inputs": {"x": {"columns": ["a"]}},
               "targets": {"b": {"column": "b"}}, "network": {"layers": %s}},
     "dataset": {"name": "%s", "split": {"validation": 0.2}},
     "training": {"loss": "mse", "epochs": %d, "batch_size": 8, "seed": 11, "optimizer": %s,
                  "early_stopping": {"monitor": "val_loss", "patience": 100000}}}
    """
        .formatted(model, layers, dataset, epochs, optimizer);
  }

  /** The name of the model its jobs train. */
  String model() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
