package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.Violation;
import io.trainyard.spec.ModelSpec;
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

  private void assertRefused(String selection, String pointer) {
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"]}}", "{\"a\":{\"column\":\"a\"}}");
    assertThat(preparation.violations(model, selection).getFirst().pointer()).isEqualTo(pointer);
  }
}
