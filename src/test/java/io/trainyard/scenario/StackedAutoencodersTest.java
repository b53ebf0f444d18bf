package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/**
 * Scenario S5: two sparse autoencoders, the second on the codes of the first, then a head, then all
 * together. As one job in phases, and as jobs that nest the versions before.
 */
@ScenarioTest
class StackedAutoencodersTest {
  private static final String INPUTS =
      """
      "inputs": {"x": {"columns": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
                       "scale": "unit"}}
      """;

  /** MATLAB's cost: l2 is half of its L2WeightRegularization. */
  private static final String ENCODER =
      """
      "type": "dense", "units": %d, "activation": "sigmoid",
      "regularizer": {"l2": 0.0005, "sparsity": {"weight": 4, "proportion": %s}}
      """;

  private static final String FIRST =
      """
      {"name": "enc1", %s}, {"name": "dec1", "type": "dense", "units": 4}
      """
          .formatted(ENCODER.formatted(10, "0.05"));

  private static final String SECOND =
      """
      {"name": "enc2", "inputs": ["%%s"], %s}, {"name": "dec2", "type": "dense", "units": 10}
      """
          .formatted(ENCODER.formatted(6, "0.05"));

  private static final String HEAD =
      """
      {"name": "head", "inputs": ["%s"], "type": "dense", "units": 3, "activation": "softmax"}
      """;

  private static final String CLASSES = "\"species\": {\"column\": \"species\"}";

  /** All rows in one batch, in file order: the steps of one job and of several are the same. */
  private static final String STEPS =
      """
      "shuffle": false, "batch_size": 150, "seed": 3,
      "optimizer": {"type": "adam", "learning_rate": 0.01}
      """;

  private static final String RECONSTRUCT = "\"loss\": \"sse\", \"epochs\": 40, " + STEPS;
  private static final String CLASSIFY =
      "\"loss\": \"categorical_crossentropy\", \"epochs\": 40, " + STEPS;

  @Autowired private Http http;

  @BeforeEach
  void upload() {
    http.post("/v1/samples/iris", "");
  }

  @Test
  void oneJobInPhasesGivesTheWeightsOfSeparateJobs() {
    JsonNode chain =
        train(
            "stack",
            CLASSES,
            FIRST + "," + SECOND.formatted("enc1") + "," + HEAD.formatted("enc2"),
            """
            "epochs": 40, %s, "phases": [
              {"name": "autoencoder1", "loss": "sse", "train": ["enc1", "dec1"],
               "output": "dec1", "target": {"input": "x"}},
              {"name": "autoencoder2", "loss": "sse", "train": ["enc2", "dec2"],
               "output": "dec2", "target": {"layer": "enc1"}},
              {"name": "softmax", "loss": "categorical_crossentropy", "train": ["head"]},
              {"name": "fine", "loss": "categorical_crossentropy", "metrics": ["accuracy"],
               "train": ["enc1", "enc2", "head"]}]
            """
                .formatted(STEPS));
    Map<String, HostTensor> whole = weights(chain);
    assertThat(whole.keySet()).contains("dec1.weight", "dec2.weight");
    assertThat(chain.at("/metrics/epoch").intValue()).isEqualTo(160);

    train("ae1", "\"copy\": {\"input\": \"x\"}", FIRST, RECONSTRUCT);
    train(
        "ae2",
        "\"codes\": {\"layer\": \"ae1\"}",
        nested("ae1", "enc1") + "," + SECOND.formatted("ae1"),
        RECONSTRUCT + ", \"phases\": [{\"train\": [\"enc2\", \"dec2\"]}]");
    train(
        "head",
        CLASSES,
        nested("ae2", "enc2") + "," + HEAD.formatted("ae2"),
        CLASSIFY + ", \"phases\": [{\"train\": [\"head\"]}]");
    JsonNode deep = train("deep", CLASSES, nested("head", "head"), CLASSIFY);

    Map<String, HostTensor> separate = weights(deep);
    assertSame(whole, "enc1", separate, "head.ae2.ae1.enc1");
    assertSame(whole, "enc2", separate, "head.ae2.enc2");
    assertSame(whole, "head", separate, "head.head");
    predictsAlike();
  }

  private void predictsAlike() {
    String instance =
        "{\"sepal_length\": 5.1, \"sepal_width\": 3.5, \"petal_length\": 1.4, \"petal_width\":"
            + " 0.2}";
    JsonNode one = predict("stack", instance);
    JsonNode other = predict("deep", instance);
    assertThat(one.at("/predictions/0/species").stringValue())
        .isEqualTo(other.at("/predictions/0/species").stringValue());
    for (String species : new String[] {"setosa", "versicolor", "virginica"}) {
      String probability = "/predictions/0/probabilities/" + species;
      assertThat(one.at(probability).doubleValue())
          .isCloseTo(other.at(probability).doubleValue(), within(1e-6));
    }
    assertThat(one.at("/outputs/enc2/0")).hasSize(6);
    assertThat(other.at("/outputs/head~1head/0")).hasSize(3);
  }

  private JsonNode predict(String model, String instance) {
    String output = model.equals("stack") ? "enc2" : "head/head";
    return http.post(
            "/v1/models/%s/predict".formatted(model),
            "{\"instances\": [%s], \"outputs\": [\"%s\"]}".formatted(instance, output))
        .expect(200)
        .json();
  }

  /** Trainable, so that the last job can train it; until then phases leave it frozen. */
  private static String nested(String model, String output) {
    return """
    {"type": "model", "name": "%1$s", "ref": "%1$s@latest", "outputs": ["%2$s"], "trainable": true}
    """
        .formatted(model, output);
  }

  private JsonNode train(String model, String targets, String layers, String training) {
    return http.train(
        """
        {"model": {"name": "%s", %s, "targets": {%s}, "network": {"layers": [%s]}},
         "dataset": {"name": "iris"}, "training": {%s}}
        """
            .formatted(model, INPUTS, targets, layers, training));
  }

  private Map<String, HostTensor> weights(JsonNode done) {
    String version =
        "/v1/models/%s/versions/%d/weights"
            .formatted(
                done.at("/result/model").stringValue(), done.at("/result/version").intValue());
    return SafeTensors.read(MemorySegment.ofArray(http.get(version).expect(200).bytes()));
  }

  private static void assertSame(
      Map<String, HostTensor> one, String layer, Map<String, HostTensor> other, String same) {
    for (String name : new String[] {".weight", ".bias"}) {
      HostTensor actual = Objects.requireNonNull(one.get(layer + name), layer);
      HostTensor expected = Objects.requireNonNull(other.get(same + name), same);
      for (long i = 0; i < expected.shape().elements(); i++) {
        assertThat(actual.doubleAt(i))
            .as("%s[%d]", layer + name, i)
            .isCloseTo(expected.doubleAt(i), within(1e-6));
      }
    }
  }
}
