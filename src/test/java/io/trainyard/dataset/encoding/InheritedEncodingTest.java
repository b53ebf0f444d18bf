package io.trainyard.dataset.encoding;

import static io.trainyard.dataset.prepare.TestPreparation.classes;
import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InheritedEncodingTest {
  private static final String TARGET = "{\"s\":{\"column\":\"s\"}}";

  /** Scales a by (a − 1) / 2, and knows the classes x and y. */
  private static Encoding learned() {
    TestPreparation preparation = new TestPreparation();
    preparation.datasets.csv("t", "a,s\n1,x\n3,y\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"],\"scale\":\"unit\"}}", TARGET);
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      return data.encoding();
    }
  }

  @Test
  void inheritedEncodingIsReused() {
    TestPreparation preparation = new TestPreparation();
    preparation.datasets.csv("u", "a,s\n10,y\n30,y\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"],\"scale\":\"unit\"}}", TARGET);
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"u\"}", learned())) {
      assertThat(input(data.training(), "x")).containsExactly(4.5f, 14.5f);
      assertThat(classes(data.training(), "s")).containsExactly(1, 1);
    }
  }

  @Test
  void anInputCanBeLikeAVersions() {
    TestPreparation preparation =
        new TestPreparation(
            (model, reference) ->
                model.equals("ae1") && List.of("3", "production").contains(reference)
                    ? Optional.of(new LearnedEncodings.Learned(3, learned()))
                    : Optional.empty());
    preparation.datasets.csv("t", "a,s\n5,x\n7,y\n");
    ModelSpec like = model("{\"x\":{\"like\":\"ae1@production\"}}", TARGET);
    try (PreparedData data = preparation.prepare(like, "{\"name\":\"t\"}")) {
      assertThat(input(data.training(), "x")).containsExactly(2, 3);
    }
    preparation.assertViolation(
        model("{\"x\":{\"like\":\"ae1@9\"}}", TARGET), "/model/inputs/x/like", "ae1@9");
  }
}
