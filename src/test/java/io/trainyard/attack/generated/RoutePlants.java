package io.trainyard.attack.generated;

import static io.trainyard.attack.generated.Plants.remove;
import static io.trainyard.attack.generated.Plants.set;

import io.trainyard.Http;
import io.trainyard.attack.generated.Plants.Plant;
import java.util.List;

/** Valid bodies of the other operations, with their faults. */
final class RoutePlants {
  private static final String MODEL =
      """
      {'name': 'planted-routes', 'inputs': {'x': {'columns': ['n0', 'n1']}}, 'targets': {'t': {'column': 'label'}},
       'network': {'layers': [{'type': 'dense', 'name': 'a', 'units': 3},
         {'type': 'dropout', 'name': 'b', 'rate': 0.1},
         {'type': 'dense', 'name': 'c', 'units': 3, 'activation': 'softmax'}]}}
      """;

  private RoutePlants() {}

  /** An operation with a valid body. */
  record Route(String method, String path, String body, List<Plant> plants) {
    Http.Answer send(Http http, String json) {
      return http.send(method, path, Http.utf8(json), "Content-Type", "application/json");
    }
  }

  /** Trains the version that the bodies name. */
  static void prepare(Http http) {
    if (http.get("/v1/models/planted-routes/versions/1").status() != 200) {
      http.train(
          """
          {"model": %s, "dataset": {"name": "generated-mixed"},
           "training": {"loss": "categorical_crossentropy", "epochs": 1}}
          """
              .formatted(MODEL.replace('\'', '"')));
    }
  }

  static List<Route> all() {
    String version = "/v1/models/planted-routes/versions/1";
    return List.of(
        new Route(
            "PUT",
            "/v1/models/planted-put",
            MODEL.replace("planted-routes", "planted-put"),
            List.of(
                set("/surplus", "1"),
                set("/name", "'planted-other'"),
                set("/inputs/x/scale", "'big'"),
                set("/inputs/x/surplus", "1"),
                set("/targets/t/type", "'text'"),
                remove("/network/layers/0/units"),
                set("/network/layers/0/surplus", "1"),
                set("/network/layers/0/activation", "'rely'"),
                set("/network/layers/1/rate", "2"),
                set("/network/layers/2/inputs", "['nobody']"),
                set("/network/layers/2/name", "'a'"))),
        new Route(
            "POST",
            "/v1/sweeps",
            """
            {'job': {'model': %s, 'dataset': {'name': 'generated-mixed', 'split': {'validation': 0.2}},
              'training': {'loss': 'categorical_crossentropy', 'epochs': 1}},
             'parameters': {'/training/batch_size': [2, 4]}}
            """
                .formatted(MODEL.replace("planted-routes", "planted-sweep")),
            List.of(
                set("/surplus", "1"),
                set("/strategy", "'luck'"),
                set("/cross_validation", "1"),
                set("/seed", "-1"),
                set("/parameters/~1training~1nothing~1deep", "[1]"),
                set("/objective", "7"),
                set("/job/training/epochs", "0"),
                set("/job/training/optimizer", "'luck'"),
                set("/job/model/network/layers/0/units", "0"),
                set("/job/model/inputs/x/columns/0", "'nothing'"),
                set("/job/resources/threads", "-1"))),
        new Route(
            "POST",
            "/v1/batch-predictions",
            """
            {'model': 'planted-routes', 'version': 1, 'dataset': {'name': 'generated-mixed'},
             'result': {'dataset': 'planted-result'}}
            """,
            List.of(
                set("/surplus", "1"),
                set("/version", "99").hiding("/outputs"),
                set("/model", "'nobody'").hiding("/outputs", "/version"),
                set("/dataset/name", "'nothing'"),
                set("/dataset/surplus", "1"),
                set("/outputs", "['nobody']"),
                set("/result/dataset", "'Bad Name'"),
                set("/result/prefix", "7"),
                set("/resources/pool", "'nowhere'"),
                set("/resources/device", "'tpu'"),
                set("/priority", "1000"))),
        new Route(
            "POST",
            version + "/predict",
            "{'instances': [{'n0': 1, 'n1': 2}, {'n0': 3, 'n1': 4}]}",
            List.of(
                set("/surplus", "1"),
                set("/instances/0/n0", "'text'"),
                remove("/instances/1/n1"),
                set("/instances/1/nothing", "1"),
                set("/outputs", "['nobody']"),
                set("/samples", "1"),
                set("/explain", "{'steps': 0}"),
                set("/explain", "{'method': 'luck'}"))),
        new Route(
            "POST",
            version + "/evaluation",
            "{'dataset': {'name': 'generated-mixed'}}",
            List.of(
                set("/surplus", "1"),
                set("/dataset/name", "'nothing'").hiding("/dataset"),
                set("/dataset/where", "'n0 >'"),
                set("/dataset/split", "{'validation': 0.2}"),
                set("/metrics", "['luck']"),
                set("/permutation_importance/repeats", "0"),
                set("/permutation_importance/columns", "['nothing']"))),
        new Route(
            "POST",
            version + "/plots",
            "{'kind': 'boundary', 'x': 'n0', 'y': 'n1'}",
            List.of(
                set("/surplus", "1"),
                set("/kind", "'luck'"),
                set("/x", "'nothing'"),
                set("/y", "7"),
                set("/steps", "1"),
                set("/dataset", "{'name': 7}"))),
        new Route(
            "POST",
            "/v1/keys",
            "{'name': 'planted', 'scopes': ['read']}",
            List.of(
                set("/surplus", "1"),
                set("/name", "'Bad Name'"),
                set("/scopes/0", "'luck'"),
                set("/models", "['Bad Name']"),
                set("/limits/unfinished_jobs", "0"),
                set("/limits/surplus", "1"),
                set("/expires_at", "'yesterday'"))));
  }
}
