package io.trainyard.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.json.StrictJson;
import io.trainyard.spec.layer.Layer;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Members of several networks are one network, in whose mean each counts as it should. */
class NetworkMembersTest {
  private static final JsonNode MODEL =
      StrictJson.parse(
          """
          {"name": "m", "inputs": {"x": {"columns": ["a"]}}, "targets": {"y": {"column": "y"}},
           "network": {
             "layers": [{"type": "dense", "name": "h", "units": 2},
               {"type": "dense", "name": "y", "units": 1}],
             "members": [{"count": 2, "weight": 3},
               {"count": 1, "layers": [{"type": "model", "name": "inner", "ref": "a@4", "network": {
                   "inputs": {"x": {"shape": [1]}}, "layers": [{"type": "dense", "units": 1}]}},
                 {"type": "dense", "name": "y", "units": 1}]}]}}
          """);

  private final NetworkSpec network = SpecReader.model(MODEL).network();

  @Test
  void aMeanReadsAMemberAsOftenAsItCounts() {
    assertThat(network.layer("y").inputs())
        .containsExactly(
            "members/0/y",
            "members/0/y",
            "members/0/y",
            "members/1/y",
            "members/1/y",
            "members/1/y",
            "members/2/y");
    assertThat(NetworkMembers.weights(network)).containsExactly(3, 3, 1);
    assertThat(NetworkMembers.count(network)).isEqualTo(3);
    assertThat(NetworkMembers.memberOf("members/2/inner/dense_1")).isEqualTo(2);
    assertThat(NetworkMembers.memberOf("y")).isEqualTo(-1);
  }

  @Test
  void aLayerIsFoundInItsOwnList() {
    Layer last = network.layer("members/2/y");
    assertThat(last.pointer("/network")).isEqualTo("/network/members/1/layers/1");
    assertThat(network.layer("members/1/y").pointer("/network")).isEqualTo("/network/layers/1");
  }

  @Test
  void versionsInAnyGroupAreReferences() {
    SpecReferences references = SpecReferences.of(MODEL);
    assertThat(references.versions()).isEqualTo(List.of(new ModelReference("a", "4")));
    assertThat(references.nested().getFirst().pointer("/model"))
        .isEqualTo("/model/network/members/1/layers/0/ref");
  }
}
