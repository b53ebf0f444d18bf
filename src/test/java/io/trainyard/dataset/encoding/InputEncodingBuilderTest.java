package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.json;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import java.util.Objects;
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

  @Test
  void encodeByColumnMakesCategoriesOfWholeNumbers() {
    preparation.datasets.csv("t", "zip,a,w,s\n99,1,1.0,q\n10,2,3.0,p\n20,3,1.0,q\n10,4,1.0,q\n");
    ModelSpec model =
        model(
            "{\"x\":{\"columns\":[\"zip\",\"a\"],\"encode\":{\"zip\":\"one_hot\"}},\"i\":{\"columns\":[\"zip\",\"s\"],\"encode\":{\"zip\":\"index\",\"s\":\"index\"}}}",
            "{\"a\":{\"column\":\"a\",\"output\":\"o1\"}}",
            "o1",
            "o2");
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      assertThat(input(data.training(), "x"))
          .containsExactly(0, 0, 1, 1, 1, 0, 0, 2, 0, 1, 0, 3, 1, 0, 0, 4);
      assertThat(Objects.requireNonNull(data.training().inputs().get("i")).toLongs())
          .containsExactly(2, 1, 0, 0, 1, 1, 0, 1);
      Encoding stored = Encoding.fromJson(data.encoding().toJson());
      assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
      var encoded = stored.encode(json("[{\"zip\": 20, \"a\": 7, \"s\": \"p\"}]"), "/instances", 0);
      assertThat(Objects.requireNonNull(encoded.get("x")).toFloats()).containsExactly(0, 1, 0, 7);
    }
  }

  @Test
  void columnsWithoutCategoriesAreRefusedUnderEncodeByColumn() {
    preparation.datasets.csv("t", "a,f,at,whole\n1,0.5,2026-01-01,3.0\n2,1.5,2026-01-02,4.0\n");
    assertRefused(
        "{\"columns\":[\"f\"],\"encode\":{\"f\":\"one_hot\"}}", "/encode/f", "holds fractions");
    assertRefused(
        "{\"columns\":[\"a\", \"at\"],\"encode\":{\"at\":\"one_hot\"}}",
        "/encode/at",
        "a timestamp");
    assertRefused(
        "{\"columns\":\"*\",\"encode\":{\"q\":\"one_hot\"}}", "/encode/q", "not a column");
    assertRefused(
        "{\"columns\":[\"a\",\"f\"],\"encode\":{\"a\":\"index\"}}",
        "/columns/0",
        "cannot share an input");
  }

  @Test
  void textsAreImputedFromTheTrainingRows() {
    preparation.datasets.csv(
        "t",
        """
        s,b,n,y
        b,true,2,1
        ,,,1
        a,false,1,1
        b,false,2,1
        a,,5,1
        z,true,9,1
        z,true,9,1
        z,true,9,1
        """);
    String split = "{\"name\":\"t\",\"split\":{\"validation\":0.375,\"by\":\"file_order\"}}";
    String input = "{\"x\":{\"columns\":[\"s\",\"b\",\"n\"],\"impute\":\"most_frequent\"}}";
    try (PreparedData data =
        preparation.prepare(model(input, "{\"y\":{\"column\":\"y\"}}"), split)) {
      // Of a and b, of false and true: the first in order; z is most frequent among other rows.
      assertThat(input(data.training(), "x"))
          .containsExactly(
              0, 1, 0, 0, 1, 2, 1, 0, 0, 1, 0, 2, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 2, 1, 0, 0, 1, 0,
              5);
      Encoding stored = Encoding.fromJson(data.encoding().toJson());
      assertThat(stored.toJson()).isEqualTo(data.encoding().toJson());
      var encoded = stored.encode(json("[{\"s\": null}]"), "/instances", 0);
      assertThat(Objects.requireNonNull(encoded.get("x")).toFloats())
          .containsExactly(1, 0, 0, 1, 0, 2);
    }
    preparation.datasets.csv("t", "s,y\nb,1\n,2\na,3\n");
    try (PreparedData data =
        preparation.prepare(
            model(
                "{\"x\":{\"columns\":[\"s\"],\"impute\":{\"constant\":\"none\"}}}",
                "{\"y\":{\"column\":\"y\"}}"),
            "{\"name\":\"t\"}")) {
      assertThat(input(data.training(), "x")).containsExactly(0, 1, 0, 0, 0, 1, 1, 0, 0);
    }
    ModelSpec mean =
        model("{\"x\":{\"columns\":[\"s\"],\"impute\":\"mean\"}}", "{\"y\":{\"column\":\"y\"}}");
    preparation.assertViolation(mean, "/model/inputs/x/columns/0", "'impute: most_frequent'");
    ModelSpec text =
        model(
            "{\"x\":{\"columns\":[\"y\"],\"impute\":{\"constant\":\"k\"}}}",
            "{\"y\":{\"column\":\"y\"}}");
    preparation.assertViolation(text, "/model/inputs/x/impute", "has none");
  }

  private void assertRefused(String input, String pointer, String detail) {
    preparation.assertViolation(
        model("{\"x\":" + input + "}", "{\"a\":{\"column\":\"a\"}}"),
        "/model/inputs/x" + pointer,
        detail);
  }
}
