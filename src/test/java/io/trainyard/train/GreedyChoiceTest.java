package io.trainyard.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.engine.Golden;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Trials are chosen as a second program chooses them. */
class GreedyChoiceTest {
  private static final JsonNode GOLDEN = Golden.read("ensemble_choice.json");

  static List<JsonNode> cases() {
    return GOLDEN.get("cases").valueStream().toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void chosenAsInPython(JsonNode expected) {
    String metric = expected.get("metric").stringValue();
    GreedyChoice choice =
        Objects.requireNonNull(
            GreedyChoice.of(
                expected.get("counts").size(),
                expected.get("most").intValue(),
                expected.get("rises").booleanValue(),
                counts -> metric.equals("rmse") ? rmse(counts) : ofClasses(metric, counts)));
    assertThat(choice.counts())
        .isEqualTo(expected.get("counts").valueStream().map(JsonNode::intValue).toList());
    assertThat(choice.best()).isEqualTo(expected.get("best").intValue());
    assertThat(choice.value()).isCloseTo(expected.get("value").doubleValue(), within(1e-12));
    assertThat(choice.bestValue())
        .isCloseTo(expected.get("best_value").doubleValue(), within(1e-12));
  }

  private static double mean(List<Integer> counts, JsonNode said, String place) {
    double sum = 0;
    for (int i = 0; i < counts.size(); i++) {
      sum += counts.get(i) * said.get(i).at(place).doubleValue();
    }
    return sum / counts.stream().mapToInt(Integer::intValue).sum();
  }

  private static double rmse(List<Integer> counts) {
    JsonNode truth = GOLDEN.get("truth");
    double squares = 0;
    for (int row = 0; row < truth.size(); row++) {
      double off = mean(counts, GOLDEN.get("numbers"), "/" + row) - truth.get(row).doubleValue();
      squares += off * off;
    }
    return Math.sqrt(squares / truth.size());
  }

  private static double ofClasses(String metric, List<Integer> counts) {
    JsonNode labels = GOLDEN.get("labels");
    double sum = 0;
    for (int row = 0; row < labels.size(); row++) {
      double[] p = new double[3];
      int most = 0;
      for (int label = 0; label < 3; label++) {
        p[label] = mean(counts, GOLDEN.get("probabilities"), "/" + row + "/" + label);
        most = p[label] > p[most] ? label : most;
      }
      int label = labels.get(row).intValue();
      sum += metric.equals("accuracy") ? (most == label ? 1 : 0) : -Math.log(p[label]);
    }
    return sum / labels.size();
  }

  @Test
  void whatHasNoValueIsNotChosen() {
    GreedyChoice choice =
        Objects.requireNonNull(
            GreedyChoice.of(2, 3, false, counts -> counts.getFirst() > 0 ? Double.NaN : 1));
    assertThat(choice.counts()).containsExactly(0, 1);
    assertThat(GreedyChoice.of(2, 3, true, _ -> Double.NaN)).isNull();
  }
}
