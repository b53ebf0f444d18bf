package io.trainyard.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link NameAdvice} and the names of other libraries in {@code ForeignNames}. */
class NameAdviceTest {
  private static final List<String> KNOWN = List.of("learning_rate", "loss_weights", "epochs");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "learningRate   | ; did you mean 'learning_rate'?",
        "lr             | ; did you mean 'learning_rate'?",
        "epochss        | ; did you mean 'epochs'?",
        "learning_raet  | ; did you mean 'learning_rate'?",
        "momentum       | ; it belongs to 'optimizer': {\"type\": \"sgd\", \"momentum\": 0.9}",
        "class_weights  | ''",
        "e              | ''",
        "...            | ''",
        "something_else | ''",
      })
  void adviceNamesWhatWasMeant(String given, String advice) {
    assertThat(NameAdvice.of(given, KNOWN)).isEqualTo(advice);
  }

  @ParameterizedTest
  @CsvSource({
    "gelu, gelu",
    "softmax, softmax",
    "swish, silu",
    "tansig, tanh",
    "purelin, linear",
    "relulayer, relu",
    "softmaxlayer, softmax",
    "leakyrelu, leaky_relu",
    "mish, mish"
  })
  void anActivationIsAdvisedByItsOwnName(String given, String function) {
    assertThat(NameAdvice.of(given, KNOWN)).contains("\"function\": \"" + function + "\"");
  }

  @Test
  void aWordIsAdvisedByWhatThePlaceKnows() {
    assertThat(NameAdvice.of("zero", List.of("error", "zeros")))
        .isEqualTo("; did you mean 'zeros'?");
    assertThat(NameAdvice.of("zero", List.of("mean"))).isEqualTo("; write {\"constant\": 0}");
    assertThat(NameAdvice.of("robust", KNOWN)).contains("\"scale\": \"robust\"");
  }

  @Test
  void aMemberIsAdvisedByWhereItBelongs() {
    assertThat(NameAdvice.ofMember("batchSize", List.of("type")))
        .isEqualTo("; it belongs to 'training'");
    // What this place knows comes first, and what a column is called belongs nowhere.
    assertThat(NameAdvice.ofMember("model", List.of("models")))
        .isEqualTo("; did you mean 'models'?");
    assertThat(NameAdvice.of("batchSize", List.of("type"))).isEmpty();
  }

  @Test
  void theListFollowsTheAdvice() {
    assertThat(NameAdvice.before("there are epochs", "Epochs", KNOWN))
        .isEqualTo("; did you mean 'epochs'? There are epochs");
    assertThat(NameAdvice.before("there are epochs", "xyz", KNOWN)).isEqualTo("; there are epochs");
  }

  @Test
  void aLongNameIsComparedInLittleTime() {
    assertThat(NameAdvice.of("x".repeat(1_000_000), KNOWN)).isEmpty();
  }

  @Test
  void percentIsAdviceForNumbersAboveOneOnly() {
    assertThat(NameAdvice.percent(12.5)).isEqualTo("; a share is from 0 to 1: 12.5 % is 0.125");
    assertThat(NameAdvice.percent(0.5)).isEmpty();
    assertThat(NameAdvice.percent(-3)).isEmpty();
    assertThat(NameAdvice.percent(Double.NaN)).isEmpty();
  }
}
