package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import org.junit.jupiter.api.Test;

class InputEncodingBuilderTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void starTakesEveryColumnThatNothingElseUses() {
    preparation.datasets.csv("t", "a,y,b,c\n1,2,3,4\n5,6,7,8\n");
    ModelSpec model =
        model(
            "{\"rest\":{\"columns\":\"*\"},\"one\":{\"columns\":[\"b\"]}}",
            "{\"y\":{\"column\":\"y\",\"output\":\"o1\"}}",
            "o1",
            "o2");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      assertThat(input(data.training(), "rest")).containsExactly(1, 4, 5, 8);
    }
  }

  @Test
  void anInputThatDoesNotFitIsRefusedAtItsPlace() {
    preparation.datasets.csv(
        "t", "a,b,s,at,one\n1,,x,2026-01-01,k\n2,5,y,2026-01-02,k\n3,6,z,2026-01-03,k\n");
    assertRefused("{\"columns\":[\"a\",\"q\"]}", "/columns/1", "no column 'q'");
    assertRefused("{\"columns\":[\"q\"]}", "/columns/0", "no column 'q'");
    assertRefused("{\"column\":\"q\"}", "/column", "no column 'q'");
    assertRefused("{\"columns\":[\"a\",\"b\"]}", "/columns/1", "no value in 1 rows");
    assertRefused("{\"columns\":[\"at\"]}", "/columns/0", "timestamps");
    assertRefused("{\"columns\":\"*\"}", "/columns", "timestamps");
    assertRefused("{\"columns\":[\"a\"],\"shape\":[3]}", "/shape", "holds 3 elements");
    assertRefused(
        "{\"columns\":[\"a\"],\"window\":{\"length\":2,\"order_by\":\"s\"}}",
        "/window/order_by",
        "must hold a number or a time");
    assertRefused(
        "{\"columns\":[\"a\"],\"window\":{\"length\":2,\"group\":\"q\"}}",
        "/window/group",
        "no column 'q'");
  }

  private void assertRefused(String input, String pointer, String detail) {
    preparation.assertViolation(
        model("{\"x\":" + input + "}", "{\"a\":{\"column\":\"a\"}}"),
        "/model/inputs/x" + pointer,
        detail);
  }
}
