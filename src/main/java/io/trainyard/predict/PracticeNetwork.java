package io.trainyard.predict;

import io.trainyard.json.StrictJson;
import io.trainyard.label.Labels;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.model.VersionDefinition;
import io.trainyard.tensor.HostTensor;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A small net that answers while the service warms up and has no version of its own to do so. */
final class PracticeNetwork {
  /** No stored version has it. */
  private static final long ID = Long.MIN_VALUE;

  private static final String SPEC =
      """
      {"name": "practice",
       "inputs": {"x": {"columns": ["width", "height", "kind"], "scale": "standard"}},
       "targets": {"y": {"column": "y", "type": "class"}},
       "network": {"layers": [{"type": "dense", "units": 16, "activation": "relu"},
                              {"type": "dense", "units": 2, "activation": "softmax"}]}}\
      """;

  private static final String ENCODING =
      """
      {"inputs": {"x": {"type": "float32", "shape": [4], "columns": [
          {"column": "width", "type": "number", "scale": "standard", "offset": 2, "span": 3},
          {"column": "height", "type": "number", "scale": "standard", "offset": 2, "span": 3},
          {"column": "kind", "type": "string", "encode": "one_hot", "categories": ["a", "b"]}]}},
       "targets": {"y": {"output": "dense_2", "kind": "class", "column": "y", "type": "string",
                         "classes": ["no", "yes"]}}}\
      """;

  private PracticeNetwork() {}

  /** With weights of zero, which are computed like others. */
  static LoadedModel load(NetworkLoader networks) {
    JsonNode spec = StrictJson.parse(SPEC);
    ModelVersion version =
        new ModelVersion(
            ID,
            "practice",
            1,
            spec,
            StrictJson.parse(ENCODING),
            JsonNodeFactory.instance.objectNode(),
            new Provenance.Imported(Map.of()),
            new StoredWeights("", 0),
            List.of(),
            Instant.EPOCH,
            Labels.NONE);
    VersionDefinition definition = VersionDefinition.of(version);
    Map<String, HostTensor> weights = new HashMap<>();
    definition
        .shapes()
        .weights()
        .forEach(
            weight ->
                weights.put(weight.name(), HostTensor.allocate(weight.type(), weight.shape())));
    LoadedNetwork network =
        networks.smallest(definition.spec().network(), definition.shapes(), weights);
    return new LoadedModel(version, definition, new SharedNetwork(network));
  }
}
