package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

/** A job that learns XOR from the sample in a fraction of a second. */
final class XorJob {
  static final String MODEL =
      """
      {"name": "jobs-xor", "inputs": {"x": {"columns": ["x1", "x2"]}},
       "targets": {"y": {"column": "y", "type": "class"}},
       "network": {"layers": [{"type": "dense", "units": 8, "activation": "tanh"},
                              {"type": "dense", "units": 1, "activation": "sigmoid"}]}}\
      """;

  private XorJob() {}

  /** The body, with something replaced that must be in it. */
  static String body(String from, String to) {
    String body =
        """
        {"model": %s, "dataset": {"name": "xor"},
         "training": {"loss": "binary_crossentropy", "epochs": 20, "batch_size": 2, "seed": 5,
                      "optimizer": {"type": "adam", "learning_rate": 0.05},
                      "metrics": ["accuracy"]}}\
        """
            .formatted(MODEL);
    assertThat(body).contains(from);
    return body.replace(from, to);
  }

  static String body(int epochs) {
    return body("\"epochs\": 20", "\"epochs\": " + epochs);
  }
}
