package io.trainyard;

import io.trainyard.tensor.Shape;

/**
 * A network whose answers are easy to compute by hand: h = relu(x·[[1, 2], [−1, 0]]ᵀ + [0.5, 0])
 * and o = h·[1, 10]ᵀ, for x [N, 2].
 */
public final class SumNetwork {
  private SumNetwork() {}

  /** Imports it as the first version of a new model. */
  public static void importAs(Http http, String model) {
    http.importVersion(model, spec(model), weights());
  }

  public static String spec(String model) {
    return """
    {"name": "%s", "network": {"inputs": {"x": {"shape": [2]}}, "layers": [
      {"type": "dense", "name": "h", "units": 2, "activation": "relu"},
      {"type": "dense", "name": "o", "units": 1}]}}\
    """
        .formatted(model);
  }

  public static Weights weights() {
    return weights(1);
  }

  /** Weights with which the answer is larger by a factor. */
  public static Weights weights(float factor) {
    return new Weights()
        .with("h.weight", Shape.of(2, 2), 1, 2, -1, 0)
        .with("h.bias", Shape.of(2), 0.5f, 0)
        .with("o.weight", Shape.of(1, 2), factor, 10 * factor)
        .with("o.bias", Shape.of(1), 0);
  }
}
