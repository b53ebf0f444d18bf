package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static io.trainyard.dataset.prepare.TestPreparation.rows;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatasetPlannerTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void aConditionSelectsRowsAndTheirCategories() {
    preparation.datasets.csv("t", "a,s,y\n1,x,1\n2,y,2\n3,z,3\n,x,4\n");
    preparation.datasets.condition("a < 2.5", row -> row.get("a").asDouble(9) < 2.5);
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\",\"s\"]}}", "{\"y\":{\"column\":\"y\"}}");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\",\"where\":\"a < 2.5\"}")) {
      assertThat(input(data.training(), "x")).containsExactly(1, 1, 0, 2, 0, 1);
    }
  }

  @Test
  void aSelectionThatDoesNotFitIsRefusedAtItsPlace() {
    preparation.datasets.csv("t", "a,s\n1,x\n2,y\n3,z\n");
    assertRefused("{\"name\":\"nobody\"}", "/dataset/name");
    assertRefused("{\"name\":\"t\",\"version\":9}", "/dataset/version");
    assertRefused("{\"name\":\"t\",\"where\":\"a >\"}", "/dataset/where");
    assertRefused("{\"name\":\"t\",\"split\":{\"validation\":0.1}}", "/dataset/split/validation");
    assertRefused(
        "{\"name\":\"t\",\"split\":{\"validation\":0.3,\"stratify\":\"q\"}}",
        "/dataset/split/stratify");
  }

  @Test
  void faultsOfColumnsDoNotHideThoseOfTheSplit() {
    preparation.datasets.csv("t", "a,s\n1,x\n2,y\n3,z\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\",\"nope\"]}}", "{\"a\":{\"column\":\"a\"}}");
    assertThat(preparation.violations(model, "{\"name\":\"t\",\"split\":{\"validation\":0.1}}"))
        .extracting(Violation::pointer)
        .containsExactly("/model/inputs/x/columns/1", "/dataset/split/validation");
  }

  /** Such a job would fail at the row, after it was said to be valid. */
  @Test
  void numbersThatNoJobCanEncodeAreRefused() {
    preparation.datasets.csv("t", "a,b\n1,1.5\n2,2.5\n3,1e300\n4,-3\n");
    preparation.datasets.csv("plain", "a,b\n1,1.5\n2,2.5\n3,4\n");
    preparation.datasets.condition("b < 9", row -> row.get("b").asDouble(9) < 9);
    assertThat(faults("b", "a", "none", "{\"name\":\"t\"}")).containsExactly("/model/inputs/x");
    assertThat(faults("a", "b", "none", "{\"name\":\"t\"}")).containsExactly("/model/targets/y");
    assertThat(faults("b", "a", "standard", "{\"name\":\"t\"}")).containsExactly("/model/inputs/x");
    assertThat(faults("b", "a", "minmax", "{\"name\":\"t\"}")).containsExactly("/model/inputs/x");
    assertThat(faults("b", "a", "quantile", "{\"name\":\"t\"}")).isEmpty();
    assertThat(faults("b", "a", "none", "{\"name\":\"t\",\"where\":\"b < 9\"}")).isEmpty();
    assertThat(
            faults(
                "b", "a", "none", "{\"name\":\"plain\",\"validation_dataset\":{\"name\":\"t\"}}"))
        .containsExactly("/dataset/validation_dataset");
  }

  private List<String> faults(String input, String target, String scale, String selection) {
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"" + input + "\"],\"scale\":\"" + scale + "\"}}",
            "{\"y\":{\"column\":\"" + target + "\"}}");
    Violations violations = new Violations();
    var _ = preparation.planner.check(rows(model, selection, null), violations);
    return violations.list().stream().map(Violation::pointer).toList();
  }

  private void assertRefused(String selection, String pointer) {
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"]}}", "{\"a\":{\"column\":\"a\"}}");
    assertThat(preparation.violations(model, selection).getFirst().pointer()).isEqualTo(pointer);
  }
}
