package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.json;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class InputEncodingTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void indicesAndWholeNumbersStayIntegers() {
    preparation.datasets.csv("t", "id,word,y\n9007199254740993,b,1\n2,a,2\n");
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"id\",\"word\"],\"encode\":\"index\"}}",
            "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      HostTensor x = Objects.requireNonNull(data.training().inputs().get("x"));
      assertThat(x.type()).isEqualTo(ElementType.INT64);
      assertThat(x.toLongs()).containsExactly(9007199254740993L, 1, 2, 0);
    }
  }

  @Test
  void tensorsKeepTheirShape() {
    DatasetVersion version =
        preparation.datasets.json(
            "t", "[{\"x\":[[0,255],[51,102]],\"y\":[1,2]},{\"x\":[[0,0],[0,0]],\"y\":[3,4]}]");
    ModelSpec model =
        model(
            "{\"x\":{\"column\":\"x\",\"shape\":[2,2],\"scale\":{\"divide\":255}}}",
            "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      HostTensor x = Objects.requireNonNull(data.training().inputs().get("x"));
      assertThat(x.shape()).isEqualTo(Shape.of(2, 2, 2));
      assertThat(x.toFloats()).containsExactly(0, 1, 0.2f, 0.4f, 0, 0, 0, 0);
      HostTensor y = Objects.requireNonNull(data.training().targets().get("y"));
      assertThat(y.shape()).isEqualTo(Shape.of(2, 2));
      JsonNode rows = json(preparation.datasets.rows(version).toString());
      assertThat(Objects.requireNonNull(data.encoding().encode(rows, "", 0).get("x")).toFloats())
          .isEqualTo(x.toFloats());
    }
  }

  @Test
  void unknownCategoriesCanBeZerosAndMissingNumbersImputed() {
    preparation.datasets.csv("t", "a,color,y\n1,red,1\n,blue,2\n4,blue,3\n");
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"a\",\"color\"],\"impute\":\"mean\",\"unknown\":\"zeros\"}}",
            "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      HostTensor x =
          Objects.requireNonNull(
              data.encoding().encode(json("[{\"color\":\"pink\"},{\"a\":null}]"), "", 0).get("x"));
      assertThat(x.toFloats()).containsExactly(2.5f, 0, 0, 2.5f, 0, 0);
    }
  }
}
