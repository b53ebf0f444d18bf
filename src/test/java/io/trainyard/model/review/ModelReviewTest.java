package io.trainyard.model.review;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.dataset.prepare.TestPreparation;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.Summary;
import io.trainyard.spec.check.Warning;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Reviews without data; with data they are tested over HTTP. */
class ModelReviewTest {
  private static final TestPreparation PREPARATION = new TestPreparation();
  private static final String MODEL =
      """
      {"name": "m", "inputs": {"x": {"columns": %s}}, "targets": {"y": {"column": "y"%s}},
       "network": {"layers": [{"type": "dense", "units": 3, "activation": "softmax"}]}}
      """;

  @Test
  void listedColumnsGiveShapesAndAWarning() {
    ModelReview review = review(MODEL.formatted("[\"a\", \"b\"]", ""));

    assertThat(review.isValid()).isTrue();
    assertThat(summary(review).parameters()).isEqualTo(9);
    assertThat(review.warnings())
        .extracting(Warning::code)
        .containsExactly("shapes_without_dataset");
  }

  @Test
  void allColumnsLeaveTheShapesOpen() {
    ModelReview review = review(MODEL.formatted("\"*\"", ""));

    assertThat(review.isValid()).isTrue();
    assertThat(summary(review).layers()).isEmpty();
    assertThat(review.warnings())
        .singleElement()
        .extracting(Warning::detail)
        .asString()
        .contains("'*'");
  }

  @Test
  void listedClassesAreCheckedWithoutData() {
    ModelReview review =
        read(
            "{\"model\": "
                + MODEL.formatted("[\"a\"]", ", \"classes\": [\"p\", \"q\"]")
                + ", \"training\": {\"loss\": \"categorical_crossentropy\", \"epochs\": 1}}");

    assertThat(review.violations())
        .extracting(Violation::pointer)
        .containsExactly("/model/network/layers/0/units");
  }

  @Test
  void aRawTensorModelNeedsNoDataAndCannotBeTrained() {
    String raw =
        """
        {"name": "m", "network": {"inputs": {"x": {"shape": [3, 4]}}, "layers": [
           {"type": "dense", "units": 2}, {"type": "flatten"}]}}
        """;

    assertThat(review(raw).warnings()).isEmpty();
    assertThat(summary(review(raw)).layers().getLast().outputShape()).containsExactly(6);
    assertThat(
            read("{\"model\": " + raw + ", \"training\": {\"loss\": \"mse\", \"epochs\": 1}}")
                .violations())
        .extracting(Violation::pointer)
        .containsExactly("/model/targets");
  }

  @Test
  void faultsOfTheRequestAreNotFaultsOfTheModel() {
    assertThatThrownBy(() -> read("[]")).isInstanceOf(ServiceException.class);
    assertThatThrownBy(() -> read("{}")).hasMessage("'model' is required");
    assertThatThrownBy(() -> read("{\"model\": {}, \"data\": 1}"))
        .isInstanceOf(ServiceException.class)
        .hasMessageStartingWith("Unknown member 'data'");
    assertThat(read("{\"model\": 3}").violations())
        .extracting(Violation::pointer)
        .contains("/model");
  }

  private static ModelReview review(String model) {
    return read("{\"model\": " + model + "}");
  }

  private static ModelReview read(String body) {
    return ModelReview.of(
        StrictJson.parse(body), PREPARATION.planner, (model, at, faults) -> model);
  }

  private static Summary summary(ModelReview review) {
    return Objects.requireNonNull(review.summary());
  }
}
