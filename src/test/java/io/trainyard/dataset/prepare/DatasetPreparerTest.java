package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.classes;
import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.spec.ModelSpec;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class DatasetPreparerTest {
  private final TestPreparation preparation = new TestPreparation();

  @Test
  void anotherDatasetCanValidate() {
    preparation.datasets.csv("t", "a,s\n1,x\n3,y\n");
    preparation.datasets.csv("v", "s,a\nz,5\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\"],\"scale\":\"unit\"}}", "{\"s\":{\"column\":\"s\"}}");
    try (PreparedData data =
        preparation.prepare(model, "{\"name\":\"t\",\"validation_dataset\":{\"name\":\"v\"}}")) {
      assertThat(data.training().rows()).isEqualTo(2);
      assertThat(input(data.validation(), "x")).containsExactly(2);
      assertThat(classes(data.validation(), "s")).containsExactly(2);
    }
  }

  @Test
  void preparingCanBeCancelled() {
    preparation.datasets.csv("t", "a,y\n1,1\n2,2\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"y\"}}");
    assertThatThrownBy(() -> preparation.prepareCancelled(model, "{\"name\":\"t\"}"))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void jobsOnTheSameRowsShareThem() {
    preparation.datasets.csv("t", "a,y\n0,1\n10,2\n");
    ModelSpec model = model("{\"x\":{\"columns\":[\"a\"]}}", "{\"y\":{\"column\":\"y\"}}");
    PreparedData one = preparation.prepare(model, "{\"name\":\"t\"}");
    PreparedData two = preparation.prepare(model, "{\"name\":\"t\"}");
    assertThat(two.training().inputs().get("x")).isSameAs(one.training().inputs().get("x"));
    one.close();
    one.close();
    assertThat(input(two.training(), "x")).containsExactly(0, 10);
    two.close();
  }
}
