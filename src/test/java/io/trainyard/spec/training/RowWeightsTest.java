package io.trainyard.spec.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.spec.Specs;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RowWeightsTest {
  private static final List<String> LABELS = List.of("a", "b", "c");

  /** scikit-learn's numbers: rows / (classes · rows of the class). */
  @Test
  void balancedClassesCountTheSame() {
    assertThat(weights("'balanced'", "y").of(LABELS, new long[] {2, 8, 2}))
        .containsExactly(2, 0.5f, 2);
    assertThat(weights("'balanced'", "y").of(LABELS, new long[] {3, 0, 3}))
        .containsExactly(2 / 3f, 1, 2 / 3f);
  }

  @Test
  void aLabelThatIsNotListedHasTheWeightOne() {
    assertThat(weights("{'a': 3, 'c': 0}", "y").of(LABELS, new long[] {1, 1, 1}))
        .containsExactly(3, 1, 0);
  }

  @Test
  void eachTargetCanHaveItsOwn() {
    String both = "{'y': 'balanced', 'z': {'a': 2}}";
    assertThat(weights(both, "y")).isEqualTo(new RowWeights.OfClasses.Balanced());
    assertThat(weights(both, "z").of(LABELS, new long[] {1, 1, 1})).containsExactly(2, 1, 1);
    assertThat(training(both).rowWeights().ofClasses("other")).isNull();
  }

  @Test
  void withoutThemEveryRowCountsTheSame() {
    TrainingSpec plain = Specs.training("{'loss': 'mse', 'epochs': 1}");
    assertThat(plain.rowWeights()).isEqualTo(RowWeights.NONE);
  }

  private static RowWeights.OfClasses weights(String json, String target) {
    return Objects.requireNonNull(training(json).rowWeights().ofClasses(target));
  }

  private static TrainingSpec training(String weights) {
    return Specs.training(
        "{'loss': 'categorical_crossentropy', 'epochs': 1, 'class_weights': " + weights + "}");
  }
}
