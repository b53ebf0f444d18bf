package io.trainyard.dataset.recipe;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The parts of a model object and a training that a recipe writes. */
record RecipeNetwork(
    ObjectNode inputs, ObjectNode targets, ObjectNode network, ObjectNode training) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  static ObjectNode object() {
    return JSON.objectNode();
  }

  static ArrayNode list(String... texts) {
    ArrayNode list = JSON.arrayNode();
    for (String text : texts) {
      list.add(text);
    }
    return list;
  }
}
