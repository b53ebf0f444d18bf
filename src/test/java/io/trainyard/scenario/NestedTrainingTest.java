package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.Http;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Scenario S2: layers trained together, a trained version nested and frozen, and both in turn. */
@ScenarioTest
class NestedTrainingTest {
  private static final String INPUTS =
      """
      "inputs": {"x": {"columns": ["v"], "window": {"length": 6, "order_by": "t"}}},
      "targets": {"next": {"column": "v", "offset": 1}}
      """;

  private static final String RECURRENT =
      """
      {"name": "nested-rnn", %s, "network": {"layers": [
         {"type": "lstm", "name": "lstm", "units": 4},
         {"type": "activation", "name": "act", "function": "relu"},
         {"type": "dense", "name": "number", "units": 1}]}}
      """
          .formatted(INPUTS);

  @Autowired private Http http;

  @BeforeEach
  void upload() {
    StringBuilder csv = new StringBuilder("t,v\n");
    for (int t = 0; t < 120; t++) {
      csv.append(t).append(',').append(Math.sin(t * 0.4)).append('\n');
    }
    http.upload("nested-series", csv.toString());
  }

  @Test
  void recurrentLayerActivationAndDenseLearnTogether() {
    Trained start = train(RECURRENT, 1);
    Trained done = train(RECURRENT, 60);

    assertThat(done.loss()).isLessThan(start.loss() / 4);
    // The same seed gives the same first weights, so that later epochs changed each of them.
    assertThat(done.weights()).containsOnlyKeys(start.weights().keySet());
    done.weights()
        .forEach(
            (name, bytes) -> assertThat(bytes).as(name).isNotEqualTo(start.weights().get(name)));
  }

  @Test
  void aFrozenVersionKeepsItsBitsAndOnlyTheNewLayersLearn() {
    Trained inner = train(RECURRENT, 20);
    Trained start = train(outer(inner, false), 1);
    Trained done = train(outer(inner, false), 60);

    assertThat(done.loss()).isLessThan(start.loss());
    inner
        .weights()
        .forEach(
            (name, bytes) ->
                assertThat(done.weights().get("rnn." + name)).as(name).isEqualTo(bytes));
    assertThat(done.weights().get("head.weight")).isNotEqualTo(start.weights().get("head.weight"));
    assertThat(done.weights()).hasSize(inner.weights().size() + 4);
    // The nested network gives what the version alone gives.
    String instance = "{\"v\": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}";
    JsonNode outer = predict(done, instance, ", \"outputs\": [\"rnn\"]");
    JsonNode alone = predict(inner, instance, "");
    assertThat(outer.at("/outputs/rnn/0/0").doubleValue())
        .isCloseTo(alone.at("/predictions/0/next").doubleValue(), within(1e-6));
  }

  @Test
  void aTrainableVersionIsTrainedAsACopy() {
    Trained inner = train(RECURRENT, 5);
    Trained done = train(outer(inner, true), 5);

    inner
        .weights()
        .forEach(
            (name, bytes) ->
                assertThat(done.weights().get("rnn." + name)).as(name).isNotEqualTo(bytes));
    assertThat(weights(inner.model(), inner.version())).isEqualTo(inner.weights());
  }

  @Test
  void aNestedVersionAndItsFunctionAreTrainedInTurn() {
    Trained inner = train(RECURRENT, 5);
    String function = "{\"name\": \"f\", \"train\": [\"hidden\", \"head\"], \"epochs\": 2}";
    String rnn = "{\"name\": \"rnn\", \"train\": [\"rnn\"], \"epochs\": 3}";
    Trained onlyFunction = train(outer(inner, true), phases(function, 1));
    Trained both = train(outer(inner, true), phases(function + ", " + rnn, 3));

    inner
        .weights()
        .forEach(
            (name, bytes) -> {
              assertThat(onlyFunction.weights().get("rnn." + name)).as(name).isEqualTo(bytes);
              assertThat(both.weights().get("rnn." + name)).as(name).isNotEqualTo(bytes);
            });
    assertThat(both.loss()).isLessThan(onlyFunction.loss());
    JsonNode epochs = http.get(both.job() + "/metrics").expect(200).json().get("epochs");
    assertThat(epochs).hasSize(15);
    assertThat(epochs)
        .extracting(epoch -> epoch.get("phase").stringValue())
        .containsSubsequence("f", "f", "rnn", "rnn", "rnn", "f", "f", "rnn", "rnn", "rnn", "f");
    assertThat(epochs)
        .extracting(epoch -> epoch.get("epoch").intValue())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    JsonNode done = http.job(both.job());
    assertThat(done.at("/progress/phase").stringValue()).isEqualTo("rnn");
    assertThat(done.at("/progress/epochs").intValue()).isEqualTo(15);
    assertThat(done.at("/metrics/phase").stringValue()).isEqualTo("rnn");
    String events = http.get(both.job() + "/events").expect(200).text();
    assertThat(events).contains("\"epoch\":2,\"phase\":\"f\"", "\"epoch\":3,\"phase\":\"rnn\"");
    String csv = http.get(both.job() + "/metrics", "Accept", "text/csv").expect(200).text();
    assertThat(csv).contains("\n3,rnn,");
  }

  private static String phases(String phases, int repeats) {
    return "\"phases\": [" + phases + "], \"repeat_phases\": " + repeats;
  }

  private static String outer(Trained inner, boolean trainable) {
    return """
    {"name": "nested-outer", %s, "network": {"layers": [
       {"type": "model", "name": "rnn", "ref": "%s@%d", "trainable": %s},
       {"type": "dense", "name": "hidden", "units": 3, "activation": "tanh"},
       {"type": "dense", "name": "head", "units": 1}]}}
    """
        .formatted(INPUTS, inner.model(), inner.version(), trainable);
  }

  private record Trained(
      String job, String model, int version, double loss, Map<String, ByteBuffer> weights) {}

  private Trained train(String model, int epochs) {
    return train(model, "\"epochs\": " + epochs);
  }

  private Trained train(String model, String members) {
    JsonNode done =
        http.train(
            """
            {"model": %s, "dataset": {"name": "nested-series"},
             "training": {"loss": "mse", %s, "batch_size": 16, "seed": 7,
                          "optimizer": {"type": "adam", "learning_rate": 0.02}}}
            """
                .formatted(model, members));
    String name = done.at("/result/model").stringValue();
    int version = done.at("/result/version").intValue();
    return new Trained(
        "/v1/jobs/" + done.get("id").stringValue(),
        name,
        version,
        done.at("/metrics/loss").doubleValue(),
        weights(name, version));
  }

  /** The bytes of each tensor. */
  private Map<String, ByteBuffer> weights(String model, int version) {
    byte[] file =
        http.get("/v1/models/" + model + "/versions/" + version + "/weights").expect(200).bytes();
    Map<String, ByteBuffer> weights = new LinkedHashMap<>();
    for (var tensor : SafeTensors.read(MemorySegment.ofArray(file)).entrySet()) {
      HostTensor values = tensor.getValue();
      weights.put(tensor.getKey(), ByteBuffer.wrap(values.data().toArray(ValueLayout.JAVA_BYTE)));
    }
    return weights;
  }

  private JsonNode predict(Trained trained, String instance, String members) {
    return http.post(
            "/v1/models/%s/versions/%d/predict".formatted(trained.model(), trained.version()),
            "{\"instances\": [" + instance + "]" + members + "}")
        .expect(200)
        .json();
  }
}
