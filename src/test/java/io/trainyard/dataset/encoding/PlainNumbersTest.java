package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class PlainNumbersTest {
  private final TestPreparation preparation = new TestPreparation();

  @ParameterizedTest
  @ValueSource(strings = {"\"none\"", "\"standard\"", "\"minmax\"", "\"unit\"", "{\"divide\":7.5}"})
  void encodesAsTheGeneralEncodingDoes(String scale) {
    Random random = new Random(scale.hashCode());
    String name = "plain" + Integer.toHexString(scale.hashCode());
    StringBuilder csv = new StringBuilder("a,b,c,y\n");
    for (int row = 0; row < 50; row++) {
      csv.append(random.nextGaussian()).append(',').append(1e7 + random.nextDouble()).append(',');
      csv.append(random.nextInt(9)).append(',').append(row).append('\n');
    }
    DatasetVersion version = preparation.datasets.csv(name, csv.toString());
    String input = "{\"columns\":[%s],\"scale\":" + scale + "}";
    ObjectNode inputs = JsonNodeFactory.instance.objectNode();
    inputs.set("x", json(input.formatted("\"c\",\"a\"")));
    inputs.set("z", json(input.formatted("\"b\",\"a\"")));
    try (PreparedData data = preparation.prepare(model(inputs), "{\"name\":\"" + name + "\"}")) {
      PlainNumbers plain = PlainNumbers.of(data.encoding()).orElseThrow();
      double[] elements =
          preparation.datasets.rows(version).stream()
              .flatMapToDouble(
                  row ->
                      plain.columns().stream().mapToDouble(column -> row.get(column).doubleValue()))
              .toArray();
      Map<String, HostTensor> encoded = Objects.requireNonNull(plain.encode(elements, 50));
      data.training()
          .inputs()
          .forEach(
              (key, trained) ->
                  assertThat(
                          Objects.requireNonNull(encoded.get(key)).data().mismatch(trained.data()))
                      .isEqualTo(-1));
    }
  }

  private static ModelSpec model(ObjectNode inputs) {
    return TestPreparation.model(
        """
        {"name": "m", "inputs": %s, "targets": {"y": {"column": "y"}},
         "network": {"layers": [{"type": "flatten", "name": "a", "inputs": ["x"]},
           {"type": "flatten", "name": "b", "inputs": ["z"]},
           {"type": "concat", "inputs": ["a", "b"]}, {"type": "dense", "units": 1}]}}
        """
            .formatted(inputs));
  }
}
