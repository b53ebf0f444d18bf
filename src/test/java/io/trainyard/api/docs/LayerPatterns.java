package io.trainyard.api.docs;

import tools.jackson.databind.json.JsonMapper;

/** What is built of several layers, on the pages of those layers. */
final class LayerPatterns {
  private static final JsonMapper JSON = new JsonMapper();

  private LayerPatterns() {}

  static void describe(String file, ReferenceText page) {
    switch (file) {
      case "layers" -> sharing(page);
      case "layers-attention" -> positions(page);
      case "layers-noise" -> variational(page);
      default -> {}
    }
  }

  private static void sharing(ReferenceText page) {
    page.heading(3, "Shared weights");
    page.paragraph(
        "In a siamese network two inputs pass the same weights. The layer that has `share` needs"
            + " weights of the same shapes as the layer that it names:");
    page.json(
        JSON.readTree(
            """
            {"inputs": {"a": {"columns": ["sepal_length", "sepal_width"]},
                        "b": {"columns": ["petal_length", "petal_width"]}},
             "targets": {"species": {"column": "species"}},
             "network": {"layers": [
               {"type": "dense", "name": "left", "units": 8, "inputs": ["a"]},
               {"type": "dense", "name": "right", "units": 8, "inputs": ["b"], "share": "left"},
               {"type": "lambda", "inputs": ["left", "right"], "expression": "abs(left - right)"},
               {"type": "dense", "units": 3, "activation": "softmax"}]}}
            """));
  }

  private static void positions(ReferenceText page) {
    page.heading(2, "Positional encodings");
    page.paragraph(
        "Attention does not know the order of its steps. A learned position is added to each step"
            + " before it: the bias of a dense layer that reads zeros is a table with a vector for"
            + " each position, here of 10 steps with 8 numbers.");
    page.json(
        JSON.readTree(
            """
            {"inputs": {"x": {"columns": ["sepal_length", "sepal_width"], "window": 10}},
             "targets": {"width": {"column": "petal_width"}},
             "network": {"layers": [
               {"type": "dense", "name": "tokens", "units": 8},
               {"type": "lambda", "expression": "0 * x"},
               {"type": "flatten"},
               {"type": "dense", "units": 80,
                "bias_initializer": {"type": "uniform", "min": -0.05, "max": 0.05}},
               {"type": "reshape", "name": "positions", "shape": [10, 8]},
               {"type": "add", "inputs": ["tokens", "positions"]},
               {"type": "transformer_encoder", "heads": 2, "ff_dim": 16},
               {"type": "flatten"},
               {"type": "dense", "units": 1}]}}
            """));
    page.paragraph("Fixed positions, such as sine and cosine, can be columns of the data instead.");
  }

  private static void variational(ReferenceText page) {
    page.heading(2, "Variational autoencoders");
    page.paragraph(
        "A variational autoencoder (VAE) draws its code from a mean and a log variance. Noise on"
            + " zeros gives the draw, so a prediction, which has no noise, takes the mean. The"
            + " layer `latent` holds 2 means and then 2 log variances. It is an output too, so that"
            + " it can have a loss of its own:");
    page.json(
        JSON.readTree(
            """
            {"inputs": {"x": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
                              "scale": "standard"}},
             "targets": {"copy": {"input": "x", "output": "decoder"},
                         "kl": {"layer": "latent", "output": "latent"}},
             "network": {
               "layers": [
                 {"type": "dense", "units": 8, "activation": "tanh"},
                 {"type": "dense", "name": "latent", "units": 4},
                 {"type": "lambda", "expression": "0 * x[0:2]"},
                 {"type": "gaussian_noise", "name": "noise", "std": 1},
                 {"type": "lambda", "inputs": ["latent", "noise"],
                  "expression": "latent[0:2] + exp(latent[2:4] / 2) * noise"},
                 {"type": "dense", "name": "decoder", "units": 4}],
               "outputs": ["decoder", "latent"]}}
            """));
    page.paragraph(
        "The training adds the Kullback–Leibler divergence from a standard normal as an expression;"
            + " that loss does not read its target:");
    page.json(
        JSON.readTree(
            """
            {"losses": {
               "decoder": "sse",
               "latent": {"type": "expression",
                 "expression": "sum(y_pred[0:2]^2 + exp(y_pred[2:4]) - 1 - y_pred[2:4]) / 2"}},
             "loss_weights": {"decoder": 1, "latent": 0.1}}
            """));
  }
}
