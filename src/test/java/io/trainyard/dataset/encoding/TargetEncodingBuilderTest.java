package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.classes;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import org.junit.jupiter.api.Test;

class TargetEncodingBuilderTest {
  private final TestPreparation preparation = new TestPreparation();

  private long[] classes(String target, String column) {
    ModelSpec model = model("{\"x\":{\"columns\":[\"x\"]}}", target);
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      return TestPreparation.classes(data.training(), column);
    }
  }

  @Test
  void classesAreSortedUnlessTheyAreGiven() {
    preparation.datasets.csv("t", "x,kind,digit\n1,b,10\n2,a,9\n3,b,-1\n");
    assertThat(classes("{\"kind\":{\"column\":\"kind\"}}", "kind")).containsExactly(1, 0, 1);
    assertThat(classes("{\"digit\":{\"column\":\"digit\",\"type\":\"class\"}}", "digit"))
        .as("whole numbers are sorted by size")
        .containsExactly(2, 1, 0);
    assertThat(classes("{\"kind\":{\"column\":\"kind\",\"classes\":[\"b\",\"a\",\"c\"]}}", "kind"))
        .containsExactly(0, 1, 0);
  }

  @Test
  void aTargetThatDoesNotFitIsRefusedAtItsPlace() {
    preparation.datasets.csv(
        "t", "a,b,s,at,one\n1,,x,2026-01-01,k\n2,5,y,2026-01-02,k\n3,6,z,2026-01-03,k\n");
    assertRefused("{\"y\":{\"columns\":[\"nope\"]}}", "/columns/0", "no column 'nope'");
    assertRefused("{\"y\":{\"column\":\"nope\"}}", "/column", "no column 'nope'");
    assertRefused("{\"y\":{\"column\":\"b\"}}", "/column", "without its target");
    assertRefused("{\"y\":{\"column\":\"one\"}}", "", "only one label");
    assertRefused(
        "{\"y\":{\"column\":\"s\",\"classes\":[\"x\",\"y\"]}}", "/classes", "not listed: z");
    assertRefused(
        "{\"y\":{\"column\":\"s\",\"type\":\"number\"}}", "/column", "numbers were expected");
  }

  private void assertRefused(String target, String pointer, String detail) {
    preparation.assertViolation(
        model("{\"x\":{\"columns\":[\"a\"]}}", target), "/model/targets/y" + pointer, detail);
  }
}
