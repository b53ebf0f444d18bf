package io.trainyard.dataset.recipe;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The parts of a model object and a training that a recipe writes. */
record RecipeNetwork(
    ObjectNode inputs, ObjectNode targets, ObjectNode network, ObjectNode training) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  static ObjectNode object() {
    return JSON.objectNode();
  }

  /** Ends a training: early where rows show when, otherwise after 60 epochs. */
  static void stop(ObjectNode training, TableProfile table, int epochs, int patience) {
    if (table.validates()) {
      training.put("epochs", epochs);
      training.putObject("early_stopping").put("monitor", "val_loss").put("patience", patience);
    } else {
      training.put("epochs", 60);
    }
  }
}
