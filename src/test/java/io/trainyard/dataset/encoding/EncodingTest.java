package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.json;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EncodingTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void predictionEncodesAsTrainingAndDecodingRestoresTheRows() {
    DatasetVersion version =
        preparation.datasets.csv(
            "t",
            """
            a,b,color,ok,n
            1.5,100,red,true,10
            2.5,300,blue,false,20
            -4,200,green,true,40
            8,700,red,false,80
            """);
    for (String scale :
        List.of("\"none\"", "\"standard\"", "\"minmax\"", "\"unit\"", "{\"divide\":255}")) {
      ModelSpec model =
          model(
              "{\"x\":{\"columns\":[\"a\",\"b\",\"color\",\"ok\"],\"scale\":%s}}".formatted(scale),
              ("{\"same\":{\"input\":\"x\",\"output\":\"o1\"},\"n\":{\"column\":\"n\",\"scale\":%s,"
                      + "\"output\":\"o2\"},\"both\":{\"columns\":[\"a\",\"b\"],\"scale\":%s,"
                      + "\"output\":\"o3\"}}")
                  .formatted(scale, scale),
              "o1",
              "o2",
              "o3");
      try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
        Encoding stored = Encoding.fromJson(json(data.encoding().toJson().toString()));
        assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
        JsonNode rows = new JsonMapper().valueToTree(preparation.datasets.rows(version));
        Map<String, HostTensor> encoded = stored.encode(rows, "/instances", 0);
        Subset subset = data.training();
        HostTensor x = Objects.requireNonNull(subset.inputs().get("x"));
        assertThat(Objects.requireNonNull(encoded.get("x")).toFloats()).isEqualTo(x.toFloats());
        JsonNode decoded =
            Predictions.of(
                stored,
                Map.of(
                    "o1", x,
                    "o2", Objects.requireNonNull(subset.targets().get("n")),
                    "o3", Objects.requireNonNull(subset.targets().get("both"))),
                4);
        for (int row = 0; row < 4; row++) {
          JsonNode answer = decoded.get(row);
          JsonNode original = rows.get(row);
          assertThat(answer.get("n").doubleValue())
              .isCloseTo(original.get("n").doubleValue(), within(1e-4));
          for (String column : List.of("a", "b")) {
            assertThat(answer.get("same").get(column).doubleValue())
                .isCloseTo(original.get(column).doubleValue(), within(1e-4));
            assertThat(answer.get("both").get(column).doubleValue())
                .isCloseTo(original.get(column).doubleValue(), within(1e-4));
          }
          assertThat(answer.get("same").get("color")).isEqualTo(original.get("color"));
          assertThat(answer.get("same").get("ok")).isEqualTo(original.get("ok"));
        }
      }
    }
  }
}
