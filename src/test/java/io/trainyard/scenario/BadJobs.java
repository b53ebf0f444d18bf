package io.trainyard.scenario;

import java.util.List;

/** Jobs with a fault outside of their model. */
final class BadJobs {
  private BadJobs() {}

  static List<BadRequest> all() {
    String ok = "{\"loss\":\"mse\",\"epochs\":1}";
    return List.of(
        BadRequest.json("a job without a model", "/v1/jobs", "{}", 422, "/model"),
        BadRequest.json(
            "a job for an unknown model",
            "/v1/jobs",
            "{\"model\":\"nobody\",\"dataset\":{\"name\":\"x\"},\"training\":" + ok + "}",
            422,
            "/model"),
        training("unknown dataset", ok, "/dataset/name"),
        training("zero epochs", "{\"loss\":\"mse\",\"epochs\":0}", "/training/epochs"),
        training("epochs as a string", "{\"loss\":\"mse\",\"epochs\":\"5\"}", "/training/epochs"),
        training("an unknown loss", "{\"loss\":\"mean\",\"epochs\":1}", "/training/loss"),
        training(
            "an unknown optimizer",
            "{\"loss\":\"mse\",\"epochs\":1,\"optimizer\":\"sdg\"}",
            "/training/optimizer"),
        training(
            "a negative learning rate",
            "{\"loss\":\"mse\",\"epochs\":1,"
                + "\"optimizer\":{\"type\":\"sgd\",\"learning_rate\":-1}}",
            "/training/optimizer"),
        training(
            "a batch size of zero",
            "{\"loss\":\"mse\",\"epochs\":1,\"batch_size\":0}",
            "/training/batch_size"),
        job(
            "a split that leaves no training rows",
            "{\"name\":\"nobody\",\"split\":{\"validation\":0.6,\"test\":0.6}}",
            ok,
            "/dataset/split"));
  }

  private static BadRequest training(String claim, String training, String pointer) {
    return job(claim, "{\"name\":\"nobody\"}", training, pointer);
  }

  private static BadRequest job(String claim, String dataset, String training, String pointer) {
    String body =
        """
        {"model": {"name": "m", "inputs": {"x": {"columns": ["a", "b"]}},
                   "targets": {"y": {"column": "y"}},
                   "network": {"layers": [{"type": "dense", "units": 1}]}},
         "dataset": %s, "training": %s}
        """
            .formatted(dataset, training);
    return BadRequest.json(claim, "/v1/jobs", body, 422, pointer);
  }
}
