package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static io.trainyard.dataset.prepare.TestPreparation.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.ModelSpec;
import io.trainyard.tensor.Shape;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Windows of series, prepared from rows. */
class SeriesTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void windowsAreSequencesAndTheTargetIsOfTheirLastRow() {
    preparation.datasets.csv("t", "a,b,y\n1,10,100\n2,20,200\n3,30,300\n4,40,400\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\",\"b\"],\"window\":3}}", "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      Subset subset = data.training();
      assertThat(Objects.requireNonNull(subset.inputs().get("x")).shape())
          .isEqualTo(Shape.of(2, 3, 2));
      assertThat(input(subset, "x")).containsExactly(1, 10, 2, 20, 3, 30, 2, 20, 3, 30, 4, 40);
      assertThat(target(subset, "y")).containsExactly(300, 400);
      assertThat(data.encoding().inputShapes()).isEqualTo(Map.of("x", Shape.of(3, 2)));
    }
  }

  @Test
  void strideOffsetOrderAndGroupsAreKept() {
    preparation.datasets.csv(
        "t",
        """
        shop,day,sales
        b,1,10
        a,3,3
        a,1,1
        b,2,20
        a,2,2
        a,4,4
        b,3,30
        a,5,5
        """);
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"sales\"],\"window\":{\"length\":2,\"stride\":2,\"group\":\"shop\",\"order_by\":\"day\"}}}",
            "{\"y\":{\"column\":\"sales\",\"offset\":1}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      // b: (10, 20) → 30; a: (1, 2) → 3 and (3, 4) → 5, never across shops.
      assertThat(input(data.training(), "x")).containsExactly(10, 20, 1, 2, 3, 4);
      assertThat(target(data.training(), "y")).containsExactly(30, 3, 5);
    }
    assertThat(model.inputs().get("x")).isNotNull();
  }

  @Test
  void theSplitIsChronologicalAndNoWindowCrossesIt() {
    StringBuilder rows = new StringBuilder("v\n");
    for (int i = 0; i < 20; i++) {
      rows.append(i).append('\n');
    }
    preparation.datasets.csv("t", rows.toString());
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"v\"],\"window\":3,\"scale\":\"unit\"}}",
            "{\"y\":{\"column\":\"v\",\"offset\":1}}");
    try (PreparedData data =
        preparation.prepare(
            model, "{\"name\":\"t\",\"split\":{\"validation\":0.25,\"test\":0.25}}")) {
      // Rows 0–9, 10–14 and 15–19; 10 − 3 − 1 + 1 = 7 and 5 − 3 − 1 + 1 = 2 windows.
      assertThat(target(data.training(), "y")).containsExactly(3, 4, 5, 6, 7, 8, 9);
      assertThat(target(data.validation(), "y")).containsExactly(13, 14);
      assertThat(target(data.test(), "y")).containsExactly(18, 19);
      assertThat(input(data.training(), "x")[2]).as("scaled by rows 0 to 9").isEqualTo(2 / 9f);
    }
  }

  @Test
  void aWindowThatIsLongerThanTheSeriesIsRefused() {
    preparation.datasets.csv("t", "a,y\n1,1\n2,2\n3,3\n");
    preparation.assertViolation(
        model("{\"x\":{\"columns\":[\"a\"],\"window\":4}}", "{\"y\":{\"column\":\"y\"}}"),
        "/dataset",
        "No windows are left to train on");
  }
}
