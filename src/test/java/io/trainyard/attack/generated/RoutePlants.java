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

  private static final String KERAS =
      """
      {'keras': {'class_name': 'Sequential', 'keras_version': '3.5.0', 'backend': 'torch', 'config': {'name': 's', 'layers': [
        {'class_name': 'InputLayer', 'config': {'batch_shape': [null, 4], 'name': 'x', 'sparse': false}},
        {'class_name': 'Dense', 'module': 'keras.layers', 'registered_name': null,
          'config': {'name': 'a', 'units': 3, 'activation': 'relu', 'use_bias': false,
            'kernel_initializer': {'class_name': 'RandomNormal', 'config': {'mean': 0.0, 'stddev': 0.05, 'seed': null}},
            'bias_initializer': {'class_name': 'Zeros', 'config': {}},
            'kernel_regularizer': {'class_name': 'L2', 'config': {'l2': 0.01}}, 'lora_rank': null}},
        {'class_name': 'PReLU', 'config': {'name': 'b', 'shared_axes': null,
          'alpha_initializer': {'class_name': 'Zeros', 'config': {}}}},
        {'class_name': 'BatchNormalization', 'config': {'name': 'c', 'axis': -1, 'momentum': 0.99, 'epsilon': 0.001, 'renorm': false}},
        {'class_name': 'Sequential', 'config': {'name': 'd', 'layers': [
          {'class_name': 'Dropout', 'config': {'name': 'e', 'rate': 0.5, 'seed': 7, 'noise_shape': null}}]}},
        {'class_name': 'Normalization', 'config': {'name': 'f', 'axis': [-1], 'mean': [1, 2, 3], 'variance': [1, 2, 3]}},
        {'class_name': 'Flatten', 'config': {'name': 'g', 'data_format': 'channels_last'}}]}}}
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
            "/v2/models/planted-routes/versions/1/infer",
            """
            {'inputs': [{'name': 'n0', 'datatype': 'FP64', 'shape': [2], 'data': [1, 2]},
              {'name': 'n1', 'datatype': 'FP64', 'shape': [2], 'data': [3, 4]}], 'outputs': [{'name': 't'}], 'parameters': {}}
            """,
            List.of(
                remove("/inputs/0/name"),
                remove("/inputs/0/datatype"),
                remove("/inputs/0/shape"),
                remove("/inputs/0/data"),
                set("/inputs/0/datatype", "'FP33'"),
                set("/inputs/0/shape", "[2, 'x']"),
                set("/inputs/0/data", "7"),
                set("/inputs/1", "{}"),
                set("/inputs/1/name", "'nobody'"),
                set("/inputs/1/data", "['x', 4]"),
                set("/inputs/1/data", "[1]"),
                set("/inputs/2", "{}"),
                set("/outputs", "7"),
                set("/outputs/0", "{}"),
                set("/outputs/0/name", "'nobody'"),
                set("/parameters/threshold", "0.5"),
                set("/id", "7"))),
        new Route(
            "POST",
            version + "/evaluation",
            "{'dataset': {'name': 'generated-mixed'}, 'importance': {'type': 'permutation'}}",
            List.of(
                set("/surplus", "1"),
                set("/dataset/name", "'nothing'").hiding("/dataset", "/slices"),
                set("/dataset/where", "'n0 >'").hiding("/slices"),
                set("/dataset/split", "{'validation': 0.2}"),
                set("/metrics", "['luck']"),
                set("/slices", "['nothing']"),
                set("/slices", "'n0'"),
                set("/importance/repeats", "0"),
                set("/importance/columns", "['nothing']"),
                set("/importance", "'luck'").hiding("/importance"))),
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
            "/v1/models:convert",
            KERAS,
            List.of(
                set("/keras/surplus", "1"),
                set("/keras/config/surplus", "1"),
                set("/keras/config/layers/0/config/batch_shape/1", "'x'")
                    .hiding("/keras/config/layers/2", "/keras/config/layers/3"),
                set("/keras/config/layers/1/surplus", "1"),
                set("/keras/config/layers/1/config/surplus", "1"),
                set("/keras/config/layers/1/config/units", "'many'"),
                set("/keras/config/layers/1/config/trainable", "'no'"),
                set("/keras/config/layers/1/config/use_bias", "'no'"),
                set("/keras/config/layers/1/config/activation", "'rely'"),
                set("/keras/config/layers/1/config/kernel_initializer/config/stddev", "'wide'"),
                set("/keras/config/layers/1/config/kernel_initializer/config/surplus", "1"),
                set("/keras/config/layers/1/config/kernel_regularizer/config/l2", "-1"),
                set("/keras/config/layers/1/config/dtype", "'float64'"),
                set("/keras/config/layers/2/config/shared_axes", "{'1': 1}"),
                set("/keras/config/layers/2/config/surplus", "1"),
                set("/keras/config/layers/3/config/momentum", "'slow'"),
                set("/keras/config/layers/3/config/epsilon", "-1"),
                set("/keras/config/layers/3/config/axis", "'x'"),
                set("/keras/config/layers/4/config/layers/0/config/rate", "2"),
                set("/keras/config/layers/4/config/layers/0/config/surplus", "1"),
                set("/keras/config/layers/4/config/surplus", "1"),
                set("/keras/config/layers/5/config/mean/0", "1e300"),
                set("/keras/config/layers/5/config/variance/0", "-1"),
                set("/keras/config/layers/6/class_name", "'Lambda'"))),
        new Route(
            "POST",
            "/v1/models:convert",
            """
            {'keras': {'class_name': 'Functional', 'config': {'name': 'dot', 'layers': [
              {'class_name': 'InputLayer', 'name': 'a', 'inbound_nodes': [], 'config': {'name': 'a', 'batch_shape': [null, 4]}},
              {'class_name': 'InputLayer', 'name': 'b', 'inbound_nodes': [], 'config': {'name': 'b', 'batch_shape': [null, 4]}},
              {'class_name': 'Dot', 'name': 'd', 'inbound_nodes': [[['a', 0, 0, {}], ['b', 0, 0, {}]]],
                'config': {'name': 'd', 'axes': 1, 'normalize': true}},
              {'class_name': 'Dense', 'name': 'e', 'inbound_nodes': [[['a', 0, 0, {}]]],
                'config': {'name': 'e', 'units': 1}}],
              'input_layers': [['a', 0, 0], ['b', 0, 0]], 'output_layers': [['d', 0, 0], ['e', 0, 0]]}}}
            """,
            List.of(
                set("/keras/config/layers/0/config/surplus", "1"),
                set("/keras/config/layers/2/config/normalize", "'yes'"),
                set("/keras/config/layers/2/config/axes", "'last'"),
                set("/keras/config/layers/2/config/surplus", "1"),
                set("/keras/config/layers/3/inbound_nodes", "[[['nobody', 0, 0, {}]]]"),
                set("/keras/config/layers/3/config/units", "0"),
                set("/keras/config/output_layers", "[['nobody', 0, 0]]"))),
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
