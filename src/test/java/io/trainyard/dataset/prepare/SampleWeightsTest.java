package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.model;
import static io.trainyard.dataset.prepare.TestPreparation.selection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SampleWeightsTest {
  private static final String LAST_ROW_VALIDATES =
      "{\"name\":\"t\",\"split\":{\"validation\":0.34,\"by\":\"file_order\"}}";

  private static final ModelSpec ALL_OTHER_COLUMNS =
      model("{\"x\":{\"columns\":\"*\"}}", "{\"y\":{\"column\":\"y\"}}");

  private final TestPreparation preparation = new TestPreparation();

  @Test
  void theNetworkDoesNotSeeTheWeights() {
    preparation.datasets.csv("t", "a,w,y\n1,0.5,1\n2,0,2\n3,2,3\n4,1,4\n");
    try (PreparedData data = prepare(ALL_OTHER_COLUMNS, "{\"name\":\"t\"}", "w")) {
      assertThat(weights(data.training())).containsExactly(0.5f, 0, 2, 1);
      assertThat(data.training().targets()).containsOnlyKeys("y");
      assertThat(TestPreparation.input(data.training(), "x")).containsExactly(1, 2, 3, 4);
      assertThat(data.encoding().columnNames()).containsExactly("a", "y");
    }
    try (PreparedData data = preparation.prepare(ALL_OTHER_COLUMNS, "{\"name\":\"t\"}")) {
      assertThat(data.training().weights()).isNull();
      assertThat(data.encoding().columnNames()).containsExactly("a", "w", "y");
    }
  }

  @Test
  void aWindowHasTheWeightOfItsTargetsRow() {
    preparation.datasets.csv("t", "a,w,y\n1,1,1\n2,2,2\n3,3,3\n4,4,4\n5,5,5\n");
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"a\"],\"window\":{\"length\":2}}}",
            "{\"y\":{\"column\":\"y\",\"offset\":1}}");
    try (PreparedData data = prepare(model, "{\"name\":\"t\"}", "w")) {
      assertThat(TestPreparation.target(data.training(), "y")).containsExactly(3, 4, 5);
      assertThat(weights(data.training())).containsExactly(3, 4, 5);
    }
  }

  @Test
  void validationRowsHaveWeightsToo() {
    preparation.datasets.csv("t", "a,w,y\n1,1,1\n2,2,2\n");
    preparation.datasets.csv("v", "w,y,a\n7,1,1\n");
    String rows = "{\"name\":\"t\",\"validation_dataset\":{\"name\":\"v\"}}";
    try (PreparedData data = prepare(ALL_OTHER_COLUMNS, rows, "w")) {
      assertThat(weights(data.validation())).containsExactly(7);
    }
    preparation.datasets.csv("v", "y,a\n1,1\n");
    assertThat(fault(rows, "w")).isEqualTo("v@2 has no column 'w'");
  }

  @Test
  void onlyNumbersFromZeroUpAreWeights() {
    preparation.datasets.csv(
        "t", "a,w,n,z,g,s,h,l,y\n1,1,-1,0,1,x,1,0,1\n2,2,2,0,,y,1e300,1e-40,2\n");
    assertThat(fault("w2")).contains("There is no column 'w2'");
    assertThat(fault("y")).contains("a weight must be a column that the network does not see");
    assertThat(fault("n")).isEqualTo("Column 'n' has the value -1; weights are numbers from 0 up");
    assertThat(fault("z")).isEqualTo("Column 'z' is 0 in all rows, so no row would count");
    assertThat(fault("g")).contains("a weight cannot be missing", "\"where\": \"g IS NOT NULL\"");
    assertThat(fault("h")).contains("no value above 1.0E300", "too large");
    assertThat(fault("l")).contains("no value above 1.0E-40", "too small");
    assertThat(fault("s")).isEqualTo("Column 's' is a string; weights are numbers from 0 up");
  }

  @Test
  void onlyTheSelectedRowsMustHaveWeights() {
    preparation.datasets.csv("t", "a,w,y\n1,,1\n2,1,2\n3,4,3\n");
    preparation.datasets.condition("a > 1", row -> row.get("a").intValue() > 1);
    try (PreparedData data =
        prepare(ALL_OTHER_COLUMNS, "{\"name\":\"t\",\"where\":\"a > 1\"}", "w")) {
      assertThat(weights(data.training())).containsExactly(1, 4);
    }
  }

  @Test
  void trainingRowsOfWhichNoneCountsAreRefused() {
    preparation.datasets.csv("t", "a,w,y\n1,0,1\n2,0,2\n3,1,3\n");
    assertThatThrownBy(() -> prepare(ALL_OTHER_COLUMNS, LAST_ROW_VALIDATES, "w"))
        .hasMessageContaining("The sample weights of all 2 rows for training are 0");
  }

  @Test
  void evaluatedRowsOfWhichNoneCountsCountTheSame() {
    preparation.datasets.csv("t", "a,w,y\n1,1,1\n2,1,2\n3,0,3\n");
    try (PreparedData data = prepare(ALL_OTHER_COLUMNS, LAST_ROW_VALIDATES, "w")) {
      assertThat(weights(data.training())).containsExactly(1, 1);
      assertThat(data.validation().rows()).isEqualTo(1);
      assertThat(data.validation().weights()).isNull();
    }
  }

  private PreparedData prepare(ModelSpec model, String rows, String weight) {
    return preparation.prepareWeighted(model, rows, weight);
  }

  private String fault(String weight) {
    return fault("{\"name\":\"t\"}", weight);
  }

  private String fault(String rows, String weight) {
    Violations violations = new Violations();
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"y\"}}");
    preparation.planner.plan(
        new Preparation(model, selection(rows), null).weighted(weight), violations);
    assertThat(violations.list()).hasSize(1);
    assertThat(violations.list().getFirst().pointer()).isEqualTo("/training/sample_weight");
    return violations.list().getFirst().detail();
  }

  static float[] weights(Subset subset) {
    return Objects.requireNonNull(subset.weights()).toFloats();
  }
}
