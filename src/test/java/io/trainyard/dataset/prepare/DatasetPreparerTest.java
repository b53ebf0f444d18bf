package io.trainyard.dataset.prepare;

import static io.trainyard.dataset.prepare.TestPreparation.classes;
import static io.trainyard.dataset.prepare.TestPreparation.input;
import static io.trainyard.dataset.prepare.TestPreparation.model;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.spec.ModelSpec;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
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

  @Test
  void aFoldIsCopiedAsItIsRead() {
    StringBuilder csv = new StringBuilder("a,s,w\n");
    for (int row = 0; row < 23; row++) {
      csv.append(row * row).append(row % 3 == 0 ? ",x," : ",y,").append(row % 4).append('\n');
    }
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\"],\"scale\":\"standard\"}}", "{\"s\":{\"column\":\"s\"}}");
    String split = "{\"name\":\"t\",\"split\":{\"test\":0.2,%s\"fold\":{\"number\":%d,\"of\":3}}}";
    for (String more : List.of("", "\"stratify\":\"s\",", "\"by\":\"file_order\",")) {
      for (int fold = 1; fold <= 3; fold++) {
        TestPreparation copying = new TestPreparation();
        TestPreparation reading = new TestPreparation();
        copying.datasets.csv("t", csv.toString());
        reading.datasets.csv("t", csv.toString());
        String own = split.formatted(more, fold);
        try (PreparedData whole = copying.prepareWeighted(model, split.formatted(more, 0), "w");
            PreparedData copied = copying.fold(model, own, whole, "w");
            PreparedData read = reading.prepareWeighted(model, own, whole.encoding(), "w")) {
          assertThat(copied.encoding().toJson()).isEqualTo(read.encoding().toJson());
          for (Part part : List.of(Part.TRAINING, Part.VALIDATION, Part.TEST)) {
            Subset one = copied.subset(part);
            Subset other = read.subset(part);
            assertThat(one.rows()).isEqualTo(other.rows()).isPositive();
            assertThat(input(one, "x")).isEqualTo(input(other, "x"));
            assertThat(classes(one, "s")).isEqualTo(classes(other, "s"));
            assertThat(SampleWeightsTest.weights(one)).isEqualTo(SampleWeightsTest.weights(other));
            int[] all = IntStream.range(0, one.rows()).toArray();
            assertThat(copied.rowNumbers(part, all)).isEqualTo(read.rowNumbers(part, all));
          }
        }
      }
    }
  }

  @Test
  void jobsOnTheSameRowsLearnThemOnce() {
    preparation.datasets.csv("t", "a,y\n0,1\n10,2\n");
    ModelSpec model =
        model("{\"x\":{\"columns\":[\"a\"],\"scale\":\"standard\"}}", "{\"y\":{\"column\":\"y\"}}");
    Encoding learned = preparation.learn(model, "{\"name\":\"t\"}");
    assertThat(preparation.learn(model, "{\"name\":\"t\"}")).isSameAs(learned);
    try (PreparedData data = preparation.prepare(model, "{\"name\":\"t\"}")) {
      assertThat(learned.toJson()).isEqualTo(data.encoding().toJson());
    }
  }
}
