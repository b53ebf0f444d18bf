package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.Subset;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EncodingFitterTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void scalingImputationAndCategoriesEqualScikitLearns() throws IOException {
    JsonNode golden;
    try (InputStream in = EncodingFitterTest.class.getResourceAsStream("/golden/encodings.json")) {
      golden = new JsonMapper().readTree(in);
    }
    preparation.datasets.csv("mixed", golden.get("csv").stringValue());
    int training = golden.get("training").intValue();
    for (JsonNode expected : golden.get("cases")) {
      ModelSpec model =
          model(
              "{\"x\":{\"columns\":[\"gaps\",\"far\",\"wide\",\"whole\",\"color\",\"flag\"],\"scale\":%s,\"impute\":%s,\"unknown\":\"zeros\"}}"
                  .formatted(expected.get("scale"), expected.get("impute")),
              "{\"y\":{\"column\":\"whole\"}}");
      try (PreparedData data =
          preparation.prepare(
              model,
              "{\"name\":\"mixed\",\"split\":{\"validation\":0.25,\"by\":\"file_order\"}}")) {
        assertThat(data.training().rows()).isEqualTo(training);
        JsonNode rows = expected.get("encoded");
        for (int row = 0; row < rows.size(); row++) {
          Subset subset = row < training ? data.training() : data.validation();
          HostTensor x = Objects.requireNonNull(subset.inputs().get("x"));
          int width = rows.get(row).size();
          assertThat(x.shape().row()).isEqualTo(Shape.of(width));
          for (int i = 0; i < width; i++) {
            int at = (row < training ? row : row - training) * width + i;
            assertThat((double) x.floatAt(at))
                .as("%s row %d feature %d", expected.get("scale"), row, i)
                .isCloseTo(rows.get(row).get(i).doubleValue(), within(1e-6));
          }
        }
        float[] unseen =
            Objects.requireNonNull(
                    data.encoding().encode(golden.get("unseen"), "/instances", 0).get("x"))
                .toFloats();
        int at = 0;
        for (JsonNode row : expected.get("unseen")) {
          for (JsonNode element : row) {
            assertThat((double) unseen[at])
                .as("%s unseen element %d", expected.get("scale"), at)
                .isCloseTo(
                    element.doubleValue(),
                    within(1e-6 * Math.max(1, Math.abs(element.doubleValue()))));
            at++;
          }
        }
      }
    }
  }

  /** What is learned from the largest doubles can be stored, or it is refused. */
  @ParameterizedTest
  @CsvSource({
    "standard,1e200",
    "robust,1.797e308",
    "minmax,1.797e308",
    "unit,1.797e308",
    "none,1.797e308"
  })
  void aScaleThatIsNoNumberIsRefused(String scale, String largest) {
    preparation.datasets.csv("far", "c,y\n-L,1\n-L,2\n,3\nL,4\nL,5\n".replace("L", largest));
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"c\"],\"scale\":\"%s\",\"impute\":\"mean\"}}".formatted(scale),
            "{\"y\":{\"column\":\"y\"}}");

    assertThatThrownBy(() -> preparation.prepare(model, "{\"name\":\"far\"}"))
        .hasMessageContaining("Column 'c' has numbers from -")
        .hasMessageContaining("null_values");
  }

  @Test
  void aConstantColumnScalesToZeroAndComesBack() {
    preparation.datasets.csv("t", "c,y\n7.3,1\n7.3,2\n7.3,3\n");
    for (String scale : List.of("standard", "minmax", "unit")) {
      ModelSpec model =
          model(
              "{\"x\":{\"columns\":[\"c\"],\"scale\":\"%s\"}}".formatted(scale),
              "{\"c\":{\"input\":\"x\"}}");
      try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
        HostTensor x = Objects.requireNonNull(data.training().inputs().get("x"));
        assertThat(x.toFloats()).containsExactly(0, 0, 0);
        assertThat(Predictions.of(data.encoding(), Map.of("out", x), 1).at("/0/c/c").doubleValue())
            .isEqualTo(7.3);
      }
    }
  }
}
